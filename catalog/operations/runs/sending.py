from __future__ import annotations

import logging
from datetime import datetime, timedelta

from celery import current_app
from kombu.exceptions import OperationalError

from catalog.models import Run

log = logging.getLogger(__name__)

TASK = "catalog.tasks.execute_run"
# What the broker hands out first is the lower number. Tasks that belong to no Run lie
# in between (CELERY_TASK_DEFAULT_PRIORITY).
AWAITED, UNAWAITED = 0, 6
# Who asks for Runs without waiting for them; a Run that names nobody came by itself.
_NOBODY = frozenset({"", "ingestion", "schedule"})
# A worker holds a message with a countdown in its memory, so what is due later than
# this is left to `resend_unclaimed`.
LONGEST_COUNTDOWN = timedelta(minutes=1)


def send(run: Run, *, at: datetime) -> None:
    """Tell the workers about a Run. The task is named, not imported: it lies above."""
    wait = run.not_before - at
    if wait > LONGEST_COUNTDOWN:
        return
    try:
        current_app.send_task(
            TASK,
            kwargs={"run_id": str(run.pk), "org_id": str(run.org_id)},
            queue=run.queue,
            priority=priority_of(run),
            countdown=max(0.0, wait.total_seconds()),
        )
    except (OperationalError, OSError) as error:
        log.warning("Run %s waits for the broker to come back: %s", run.pk, error)


def priority_of(run: Run) -> int:
    """Return how soon a Run is wanted: what a person or a program waits for goes first.

    Read from its row, so that a message that is sent again has the same.
    """
    return AWAITED if is_awaited(run.requested_by) else UNAWAITED


def is_awaited(requested_by: str) -> bool:
    """Say whether who asks for a Run waits for it."""
    return requested_by not in _NOBODY
