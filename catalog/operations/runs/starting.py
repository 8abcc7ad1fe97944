from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import TypedDict, Unpack

import structlog
from django.db import connection, transaction

from catalog.models import Namespace, Run, RunState

from .sending import is_awaited, send


class RunDetails(TypedDict, total=False):
    """What a Run may be told beside its kind."""

    parameters: Mapping[str, object]
    requested_by: str
    request_id: str
    # Which workers take it: "bulk", "builds" or "tuning".
    queue: str
    # Nobody claims it earlier. Without it, it is due at once.
    not_before: datetime | None
    # False when the caller means to do it: only if it fails to is a worker told.
    announce: bool


def start_run(
    namespace: Namespace, *, kind: str, at: datetime, **details: Unpack[RunDetails]
) -> Run:
    """Write a Run and send its message once the caller's transaction commits.

    Called inside the org's scope. A broker that cannot be reached is no error: what is
    queued and unclaimed is sent again.
    """
    not_before = details.pop("not_before", None) or at
    announce = details.pop("announce", True)
    # The worker's log goes on under the id of the request that wanted it.
    details.setdefault("request_id", _request_id())
    run = Run.objects.create(
        org_id=namespace.org_id,
        namespace=namespace,
        kind=kind,
        not_before=not_before,
        created_at=at,
        sent_at=not_before,
        **details,
    )
    if announce:
        transaction.on_commit(partial(send, run, at=at))
    return run


def start_run_once(
    namespace: Namespace, *, kind: str, at: datetime, **details: Unpack[RunDetails]
) -> Run:
    """Start a Run unless one of its kind waits in the namespace: then return that one.

    A Run that is already at work does not count, for it may have read its data before
    what it is now wanted for. A waiting one is never moved to a later time.
    """
    with connection.cursor() as cursor:
        # Two callers that both saw nothing waiting would otherwise both start one.
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"start_run_once {namespace.pk} {kind}"],
        )
    waiting = Run.objects.filter(
        namespace=namespace, kind=kind, state=RunState.QUEUED, cancel_requested=False
    )
    first = waiting.order_by("not_before", "id").first()
    if first is None:
        return start_run(namespace, kind=kind, at=at, **details)
    _hurry(first, at=at, wanted_by=details.get("requested_by", ""))
    return first


def _hurry(run: Run, *, at: datetime, wanted_by: str) -> None:
    """Have a Run that nobody waited for be that of somebody who does now."""
    if is_awaited(wanted_by) and not is_awaited(run.requested_by):
        run.requested_by = wanted_by
        run.save(update_fields=["requested_by"])
        transaction.on_commit(partial(send, run, at=at))


def _request_id() -> str:
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
