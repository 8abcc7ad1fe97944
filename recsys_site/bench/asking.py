"""Real decisions of a shop, each with its full trace, asked for in this process."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec
from django.test import Client
from django.utils import timezone

from audit.models import Decision
from audit.operations import drain_now
from audit.operations.keeping import set_keeping
from audit.queries.keeping import keeping
from catalog.models import Namespace
from catalog.tenancy import org_scope

SURFACES = ("home", "pdp", "cart")


def ensure_traces(
    namespace: Namespace, count: int, *, users: Sequence[str], surface: str = ""
) -> int:
    """Ask until the newest so many decisions all hold a trace. Return how many."""
    missing = _missing(namespace, count, surface=surface)
    if not missing:
        return 0
    surfaces = (surface,) if surface else SURFACES
    with _keeping_all(namespace):
        for number in range(missing):
            _ask(
                namespace,
                user=users[number % len(users)],
                surface=surfaces[number % len(surfaces)],
            )
        drain_now(clock=timezone.now)
    return missing


def _missing(namespace: Namespace, count: int, *, surface: str) -> int:
    with org_scope(namespace.org_id):
        rows = Decision.objects.filter(namespace=namespace)
        rows = rows.filter(surface=surface) if surface else rows
        newest = rows.order_by("-decision_id").values_list("decision_id", flat=True)[
            :count
        ]
        kept = Decision.objects.filter(
            namespace=namespace, decision_id__in=list(newest), trace__isnull=False
        )
        return 0 if kept.count() == count else count


@contextmanager
def _keeping_all(namespace: Namespace) -> Iterator[None]:
    usual = keeping(namespace)
    everything = msgspec.structs.replace(usual, traces_per_second=0.0)
    with org_scope(namespace.org_id):
        set_keeping(namespace, everything, at=timezone.now())
    try:
        yield
    finally:
        with org_scope(namespace.org_id):
            set_keeping(namespace, usual, at=timezone.now())


def _ask(namespace: Namespace, *, user: str, surface: str) -> None:
    body = {"namespace": namespace.name, "user_id": user, "k": 20, "surface": surface}
    answer = Client(SERVER_NAME="localhost").post(
        "/v1/recommendations",
        json.dumps(body | {"include_reasons": True}),
        content_type="application/json",
        headers={"X-Org-ID": str(namespace.org_id)},
    )
    if answer.status_code != 200:
        raise RuntimeError(f"Asking for {surface} of {user} failed: {answer.content!r}")
