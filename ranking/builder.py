"""A process that keeps signals in step with the data, warm and ready.

It starts builds that ingestion asks for, as Runs that any worker may take up, and does
those that none took up at once. So a shop is served within seconds with a worker and
without one; importing DuckDB and the solvers anew for each build would take as long as
the build of a small shop itself.
"""

from __future__ import annotations

import logging
import os
import time

from django.db import Error, close_old_connections, connections
from django.utils import timezone

from catalog.operations import runs

from .operations.build_starting import Seen, start_due_builds, waiting_builds

log = logging.getLogger(__name__)

POLL_SECONDS = 0.25
# A worker that is there claims a Run well within this.
LEFT_TO_WORKERS_SECONDS = 0.5
AFTER_A_FAULT_SECONDS = 2.0
# Serving comes first where both share cores.
NICE = 10


def run_builds(*, parent: int | None) -> None:
    """Look for work until the process ends, or the parent that it was given does."""
    os.nice(NICE)
    seen: Seen = {}
    while parent is None or os.getppid() == parent:
        try:
            close_old_connections()
            look_once(seen)
        except Error as error:
            log.warning("The builder waits for the database: %s", error)
            connections.close_all()
            time.sleep(AFTER_A_FAULT_SECONDS)
        time.sleep(POLL_SECONDS)


def look_once(seen: Seen) -> int:
    """Start what is due and do what waits. Return how many builds were done here."""
    start_due_builds(at=timezone.now(), seen=seen)
    waiting = waiting_builds(at=timezone.now(), for_seconds=LEFT_TO_WORKERS_SECONDS)
    done = [
        runs.execute(run.pk, org_id=run.org_id, clock=timezone.now) for run in waiting
    ]
    return len([state for state in done if state is not None])
