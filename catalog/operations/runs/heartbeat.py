from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Thread

from django.db import Error, connections

from catalog.models import RunState

from .handle import LeasedHandle
from .leases import finish, renew

log = logging.getLogger(__name__)

# Also how soon progress shows and a cancellation is heard.
SECONDS_BETWEEN_BEATS = 1.5


@contextmanager
def heartbeat(handle: LeasedHandle, *, clock: Callable[[], datetime]) -> Iterator[None]:
    """Keep a Run's lease while the block runs.

    From a thread with a database connection of its own, because the executor's may be
    inside a transaction for longer than the lease. It also ends the Run on its behalf
    when the executor does not hear that its time is up.
    """
    done = Event()
    thread = Thread(
        target=_beat, args=(handle, done, clock), name="run heartbeat", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _beat(handle: LeasedHandle, done: Event, clock: Callable[[], datetime]) -> None:
    try:
        while not done.wait(SECONDS_BETWEEN_BEATS):
            try:
                _write_off(handle, at=clock())
                held, cancelled = renew(handle.run, handle.report(), at=clock())
            except Error as error:
                # The handle itself stops the work once the lease must have run out.
                log.warning("Run %s missed a heartbeat: %s", handle.run.pk, error)
                connections.close_all()
                continue
            handle.heard(held=held, cancelled=cancelled)
    finally:
        connections.close_all()


def _write_off(handle: LeasedHandle, *, at: datetime) -> None:
    """End a Run that goes on beyond its time. Its next write is refused then."""
    limit = handle.limit
    if limit and handle.seconds_at_work() > limit.written_off:
        report = handle.report()
        ended = finish(
            handle.run,
            state=RunState.FAILED,
            at=at,
            error=limit.in_words(),
            progress=report.progress,
            log=report.log,
        )
        if ended:  # And not once more with every beat until it is killed.
            log.error("Run %s did not end in time and is given up", handle.run.pk)
