"""What operations refuse, said as a message on the page that comes next."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from catalog.core.faults import BadInputError
from catalog.models import Namespace
from rules.operations.actors import Actor, of_staff
from rules.operations.change_sets import WrongStateError
from rules.operations.direct import Edit
from rules.operations.gates import UncheckedError
from rules.operations.publishing import ChangedMeanwhileError

REFUSALS = (BadInputError, WrongStateError, UncheckedError, ChangedMeanwhileError)


def actor_of(request: HttpRequest, namespace: Namespace) -> Actor:
    assert request.user.is_authenticated
    return of_staff(request.user, namespace)


def edit_of(request: HttpRequest, namespace: Namespace) -> Edit:
    return Edit(
        actor=actor_of(request, namespace),
        at=timezone.now(),
        reason=request.POST.get("reason", "").strip()[:2_000],
    )


def attempt[T](request: HttpRequest, act: Callable[[], T]) -> T | None:
    """Do it whole or not at all; what is refused becomes a message."""
    try:
        with transaction.atomic():
            return act()
    except REFUSALS as error:
        messages.error(request, str(error))
        return None
