"""Who may work on which trial, decided by its row alone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any

from django.db import Error, connections
from django.db.models import Q, QuerySet

from catalog.tenancy import org_scope
from tuning.models import OVER, Sweep, Trial, TrialState

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=20)
SECONDS_BETWEEN_BEATS = 3.0


def claim(sweep: Sweep, *, owner: str, at: datetime) -> Trial | None:
    """Take the first trial that nobody holds. Called inside the org's scope."""
    free = Q(state=TrialState.WAITING) | Q(state=TrialState.LEASED, lease_until__lt=at)
    rows = Trial.objects.select_for_update(skip_locked=True).filter(free, sweep=sweep)
    trial = rows.order_by("number").first()
    if trial is None:
        return None
    trial.state = TrialState.LEASED
    trial.fencing_token += 1
    trial.lease_owner, trial.lease_until = owner, at + LEASE
    trial.save(update_fields=["state", "fencing_token", "lease_owner", "lease_until"])
    return trial


def finish(trial: Trial, *, at: datetime, **columns: Any) -> bool:
    """Write how a trial ended. False: another holds it, so it is not ours to say."""
    ended = _held(trial).update(
        finished_at=at, lease_owner="", lease_until=None, **columns
    )
    return bool(ended)


def is_any_open(sweep: Sweep) -> bool:
    """Say whether somebody has still to end a trial. Inside the org's scope."""
    return Trial.objects.filter(sweep=sweep).exclude(state__in=OVER).exists()


def plan(sweep: Sweep, trials: Sequence[Trial]) -> None:
    """Write the trials of a generation; who else did so wrote the very same."""
    Trial.objects.bulk_create(trials, ignore_conflicts=True)


def _held(trial: Trial) -> QuerySet[Trial]:
    return Trial.objects.filter(
        pk=trial.pk, fencing_token=trial.fencing_token, state=TrialState.LEASED
    )


@contextmanager
def kept(trial: Trial, *, clock: Callable[[], datetime]) -> Iterator[None]:
    """Keep a trial's lease while the block runs, by a thread of its own."""
    done = Event()
    thread = Thread(
        target=_beat, args=(trial, done, clock), name="trial lease", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _beat(trial: Trial, done: Event, clock: Callable[[], datetime]) -> None:
    try:
        while not done.wait(SECONDS_BETWEEN_BEATS):
            try:
                with org_scope(trial.org_id):
                    _held(trial).update(lease_until=clock() + LEASE)
            except Error as error:
                log.warning("Trial %s missed a heartbeat: %s", trial.pk, error)
                connections.close_all()
    finally:
        connections.close_all()
