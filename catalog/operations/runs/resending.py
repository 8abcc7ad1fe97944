from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from catalog.models import Org, Run, RunState
from catalog.tenancy import org_scope

from .execution import MOST_ATTEMPTS
from .leases import claimable
from .sending import send

UNCLAIMED_FOR = timedelta(seconds=30)
# A lease that has run out is waited for, so that one is sent again sooner.
ORPHANED_FOR = timedelta(seconds=10)


def resend_unclaimed(*, at: datetime) -> int:
    """Send again what is due and in nobody's hands. Return how many were sent."""
    return sum(
        _resend(org_id, at=at) for org_id in Org.objects.values_list("pk", flat=True)
    )


def _resend(org_id: UUID, *, at: datetime) -> int:
    with org_scope(org_id):
        _give_up(at=at)
        runs = list(
            Run.objects.select_for_update(skip_locked=True).filter(
                claimable(at), _sent_long_ago(at)
            )
        )
        Run.objects.filter(pk__in=[run.pk for run in runs]).update(sent_at=at)
    for run in runs:
        send(run, at=at)
    return len(runs)


def _sent_long_ago(at: datetime) -> Q:
    waiting = Q(state=RunState.QUEUED, sent_at__lte=at - UNCLAIMED_FOR)
    orphaned = Q(state=RunState.RUNNING, sent_at__lte=at - ORPHANED_FOR)
    return waiting | orphaned | Q(sent_at=None)


def _give_up(*, at: datetime) -> None:
    """End what was cancelled, or died too often, while nobody held it."""
    orphans = Run.objects.filter(state=RunState.RUNNING, lease_until__lt=at)
    ended = {"finished_at": at, "lease_until": None, "lease_owner": ""}
    orphans.filter(cancel_requested=True).update(
        state=RunState.CANCELLED, error="Cancelled on request.", **ended
    )
    orphans.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=RunState.FAILED,
        error=(
            f"{MOST_ATTEMPTS} workers took this up and none came back. They were "
            f"killed, ran out of memory or out of time: look at their logs, then "
            f"start it again."
        ),
        **ended,
    )
