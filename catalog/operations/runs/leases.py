"""Who may work on a Run, decided by its row alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from catalog.models import Run, RunState
from catalog.tenancy import org_scope

LEASE = timedelta(seconds=20)


@dataclass(frozen=True, kw_only=True)
class Report:
    """How far a Run is: a fraction in [0, 1], words, seconds left if known, its log."""

    progress: float
    doing: str
    eta: float | None
    log: Sequence[str]


def claim(run_id: UUID, *, org_id: UUID, owner: str, at: datetime) -> Run | None:
    """Take the lease of a Run, or return None when it is not to be had.

    It is not when it is over, not due, held by another, or while another Run of its
    kind is at work in its namespace: two builds or imports would only do harm twice.
    """
    with org_scope(org_id):
        # Somebody who holds the row is just claiming or saving a checkpoint.
        rows = Run.objects.select_for_update(skip_locked=True)
        run = rows.filter(claimable(at), pk=run_id).first()
        if run is None:
            return None
        _one_claim_at_a_time(run)
        if _same_work(run).filter(state=RunState.RUNNING, lease_until__gte=at).exists():
            return None
        run.state = RunState.RUNNING
        run.fencing_token += 1
        run.attempts += 1
        run.lease_owner, run.lease_until = owner, at + LEASE
        run.worker = owner
        run.heartbeat_at = at
        run.started_at = run.started_at or at
        run.error = ""
        run.save()
        return run


def claimable(at: datetime) -> Q:
    """Return the condition for Runs that are due and that nobody holds."""
    due = Q(state=RunState.QUEUED, not_before__lte=at, cancel_requested=False)
    return due | Q(state=RunState.RUNNING, lease_until__lt=at)


def renew(run: Run, report: Report, *, at: datetime) -> tuple[bool, bool]:
    """Prolong the lease and write the progress. Return (still held, cancel asked)."""
    with org_scope(run.org_id):
        held = _held(run).update(
            lease_until=at + LEASE,
            heartbeat_at=at,
            progress=report.progress,
            doing=report.doing,
            eta_seconds=report.eta,
            log=report.log,
        )
        wanted = Run.objects.filter(pk=run.pk, cancel_requested=True).exists()
    return bool(held), wanted


def save_checkpoint(run: Run, *, place: Mapping[str, Any]) -> bool:
    """Write where to go on. False: another holds the Run, so undo what you did."""
    with org_scope(run.org_id):
        return bool(_held(run).update(checkpoint=place))


def finish(run: Run, *, state: RunState, at: datetime, **columns: object) -> bool:
    """Write how a Run ended. False: another holds it, so it is not ours to say."""
    with org_scope(run.org_id):
        ended = _held(run).update(
            state=state,
            finished_at=at,
            eta_seconds=None,
            lease_owner="",
            lease_until=None,
            **columns,
        )
    return bool(ended)


def release(run: Run, *, error: str, log: Sequence[str]) -> bool:
    """Give a Run back to the queue after a fault that time may heal."""
    with org_scope(run.org_id):
        return bool(
            _held(run).update(
                state=RunState.QUEUED,
                not_before=run.not_before,
                sent_at=run.not_before,
                lease_owner="",
                lease_until=None,
                error=error,
                log=log,
            )
        )


def next_waiting(run: Run, *, at: datetime) -> Run | None:
    """Return the Run that was held up by this one, if any."""
    with org_scope(run.org_id):
        waiting = _same_work(run).filter(
            state=RunState.QUEUED, not_before__lte=at, cancel_requested=False
        )
        return waiting.order_by("not_before", "id").first()


def _held(run: Run) -> QuerySet[Run]:
    return Run.objects.filter(
        pk=run.pk, fencing_token=run.fencing_token, state=RunState.RUNNING
    )


def _same_work(run: Run) -> QuerySet[Run]:
    same = Run.objects.filter(namespace_id=run.namespace_id, kind=run.kind)
    return same.exclude(pk=run.pk)


def _one_claim_at_a_time(run: Run) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"claim {run.namespace_id} {run.kind}"],
        )
