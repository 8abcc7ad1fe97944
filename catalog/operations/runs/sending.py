from __future__ import annotations

import logging
from datetime import datetime, timedelta

from celery import current_app
from kombu.exceptions import OperationalError

from catalog.models import Run

log = logging.getLogger(__name__)

TASK = "catalog.tasks.execute_run"
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
            countdown=max(0.0, wait.total_seconds()),
        )
    except (OperationalError, OSError) as error:
        log.warning("Run %s waits for the broker to come back: %s", run.pk, error)
