"""A process that keeps signals in step with the data, warm and ready.

It starts builds that ingestion asks for, as Runs that any worker may take up, and does
those that none took up at once. So a shop is served within seconds with a worker and
without one; importing DuckDB and the solvers anew for each build would take as long as
the build of a small shop itself.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import Error, close_old_connections, connections
from django.utils import timezone
from django.utils.module_loading import import_string

from catalog.models import Run
from catalog.operations import runs
from catalog.queries.export import SCHEMA

from .operations.build_policy import LARGE_EVENTS
from .operations.build_starting import Seen, start_due_builds, waiting_builds
from .signals.build import build_columns
from .signals.content import TEXTS
from .signals.expressions import Window
from .signals.parameters import EventWeight, SignalParameters
from .signals.sources import Plan, Sources

log = logging.getLogger(__name__)

type Apart = dict[UUID, subprocess.Popen[bytes]]

POLL_SECONDS = 0.2
# A worker that is there claims a Run well within this.
LEFT_TO_WORKERS_SECONDS = 0.3
AFTER_A_FAULT_SECONDS = 2.0
# Serving comes first where both share cores with a long build.
NICE = 10


def run_builds(*, parent: int | None) -> None:
    """Look for work until the process ends, or the parent that it was given does.

    The parent names itself: it may be gone before this process can ask who it was.
    """
    if _is_orphan(parent):
        return
    warm_up()
    seen: Seen = {}
    apart: Apart = {}
    while not _is_orphan(parent):
        try:
            close_old_connections()
            look_once(seen, apart)
        except Error as error:
            log.warning("The builder waits for the database: %s", error)
            connections.close_all()
            time.sleep(AFTER_A_FAULT_SECONDS)
        time.sleep(POLL_SECONDS)


def _is_orphan(parent: int | None) -> bool:
    return parent is not None and os.getppid() != parent


def look_once(seen: Seen, apart: Apart) -> int:
    """Start what is due and do what waits. Return how many builds were done here."""
    start_due_builds(at=timezone.now(), seen=seen)
    done = 0
    for run in waiting_builds(at=timezone.now(), for_seconds=LEFT_TO_WORKERS_SECONDS):
        if run.parameters.get("events", 0) >= LARGE_EVENTS:
            _do_apart(run, apart)
        elif runs.execute(run.pk, org_id=run.org_id, clock=timezone.now):
            done += 1
    return done


def _do_apart(run: Run, apart: Apart) -> None:
    """Do a long build in a process of its own, so that short ones need not wait."""
    for ended in [key for key, process in apart.items() if process.poll() is not None]:
        del apart[ended]
    if run.pk not in apart:
        apart[run.pk] = subprocess.Popen(
            [sys.executable, "manage.py", "execute_run", str(run.pk)],
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
        )
        os.setpriority(os.PRIO_PROCESS, apart[run.pk].pid, NICE)


def warm_up() -> None:
    """Build the signals of one event, for all that is loaded at a first build only."""
    event = {"event_id": 1, "user_number": 1, "item_number": 1}
    rows = pa.Table.from_pylist(
        [{**event, "type": 3, "value": 1.0, "ts_us": 0}], schema=SCHEMA
    )
    texts = dict.fromkeys(TEXTS, pa.nulls(1, pa.string()))
    items = pa.table({"item_number": [1], **texts})
    weights = (EventWeight(type=3, weight=1.0, half_life_days=14.0),)
    with TemporaryDirectory() as name:
        path = Path(name) / "events.parquet"
        pq.write_table(rows, path)
        sources = Sources(
            items=items,
            event_files=[str(path)],
            event_schema=SCHEMA,
            event_rows=1,
            last_ts_us=0,
            window=Window(as_of_us=0, last_event_id=1),
        )
        parameters = SignalParameters(weights=weights)
        plan = Plan(sources=sources, parameters=parameters, threads=1)
        build_columns(plan, directory=Path(name), progress=lambda _done, _doing: None)
    import_string(settings.BUILD_GUARD)
