"""Do a Run in this process, or follow another's, with a bar on the terminal."""

from __future__ import annotations

from datetime import datetime
from threading import Event, Thread
from time import sleep

from django.core.management.base import CommandError
from django.db import connections
from django.utils import timezone

from catalog.models import Run, RunState
from catalog.operations import runs
from catalog.tenancy import org_scope

from .terminal import Bar

_SECONDS_BETWEEN_LOOKS = 0.5
_OPEN = (RunState.QUEUED, RunState.RUNNING)


def do_here(run: Run) -> Run:
    """Do a Run, wait for whoever else does it, and return it when it is over.

    Raises `CommandError` with the Run's own words when it did not succeed.
    """
    done = Event()
    screen = Thread(target=_show, args=(run, done), daemon=True)
    screen.start()
    try:
        finished = _do(run)
    except KeyboardInterrupt:
        with org_scope(run.org_id):
            runs.cancel_run(run.pk, at=timezone.now())
        raise CommandError(f"Run {run.pk} was cancelled.") from None
    finally:
        done.set()
        screen.join()
    if finished.state != RunState.SUCCEEDED:
        raise CommandError(f"Run {run.pk} {finished.state}: {finished.error}")
    return finished


def _do(run: Run) -> Run:
    while True:
        runs.execute(run.pk, org_id=run.org_id, clock=timezone.now)
        found = runs.find_run(run.pk) or run
        if found.state not in _OPEN:
            return found
        # Somebody else holds it, or did until a moment ago: their lease tells.
        sleep(_SECONDS_BETWEEN_LOOKS)


def _show(run: Run, done: Event) -> None:
    try:
        with Bar() as bar:
            while bar.is_seen and not done.wait(_SECONDS_BETWEEN_LOOKS):
                with org_scope(run.org_id):
                    seen = runs.get_run(run.pk)
                left = "" if seen.eta_seconds is None else f", {seen.eta_seconds:.0f} s"
                bar.show(seen.progress, seen.doing + left)
    finally:
        connections.close_all()


def seconds_of(run: Run) -> float:
    """Return how long a finished Run took, with all its attempts."""
    started: datetime = run.started_at or run.created_at
    return ((run.finished_at or started) - started).total_seconds()
