"""What a fresh process opens before it is asked.

The first question about a namespace opens its snapshot and its configuration, and the
very first one of a process loads routes and connects besides: half a second that a
shopper would wait for. So a process that starts answers one for each namespace that was
asked for lately, and throws the answer away.
"""

from __future__ import annotations

import gc
import time

import structlog
from django.db import Error as DatabaseError
from django.urls import get_resolver

from catalog.models import Namespace
from ranking.core.request import Request

from . import asked
from .answering import rank_now
from .call import Call
from .served import NothingToServeError, current

log = structlog.get_logger(__name__)

MOST_NAMESPACES = 16
# Others answer meanwhile; who starts must not be missed for long.
_PATIENCE_SECONDS = 5.0


def warm_up(*, wall_seconds: float) -> list[str]:
    """Make ready for what was asked for lately; return the names of those namespaces.

    What fails here fails when it is asked, and is told then: it keeps no process from
    starting.
    """
    # Importing a route imports what answers it.
    _ = get_resolver().url_patterns
    until = time.monotonic() + _PATIENCE_SECONDS
    warmed = []
    for namespace in _namespaces(wall_seconds=wall_seconds):
        if time.monotonic() > until:
            break
        try:
            _ask(namespace, wall_us=round(wall_seconds * 1e6))
        except (NothingToServeError, DatabaseError, OSError, ValueError) as error:
            log.warning("not_warmed", namespace=namespace.name, reason=str(error))
        else:
            warmed.append(namespace.name)
    return warmed


def settle() -> None:
    """Take what is loaded for good out of what is looked through for garbage."""
    gc.collect()
    gc.freeze()


def _ask(namespace: Namespace, *, wall_us: int) -> None:
    request = Request(namespace=namespace.name, k=20)
    call = Call(namespace=namespace, request=request, wall_us=wall_us, is_dry=True)
    rank_now(call, served=current(namespace))


def _namespaces(*, wall_seconds: float) -> list[Namespace]:
    numbers = asked.lately(wall_seconds=wall_seconds)[:MOST_NAMESPACES]
    try:
        known = Namespace.objects.in_bulk(numbers)
    except DatabaseError as error:
        log.warning("not_warmed", reason=str(error))
        return []
    return [known[number] for number in numbers if number in known]
