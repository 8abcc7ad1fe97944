from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import InterfaceError, OperationalError, connections
from django.utils.module_loading import import_string

from catalog.models import Run, RunState

from .handle import LeasedHandle, LeaseLostError, Outcome, RunCancelledError
from .heartbeat import heartbeat
from .leases import claim, finish, next_waiting, release
from .limits import RunTooLongError, TimeLimit
from .sending import send

log = logging.getLogger(__name__)

type Executor = Callable[[LeasedHandle], Outcome | None]
type Clock = Callable[[], datetime]

MOST_ATTEMPTS = 5
PAUSE_AFTER_A_FAULT = timedelta(seconds=5)


class RunFailedError(Exception):
    """Work could not be done. The message says what, where, and what to do about it."""


class UnknownKindError(Exception):
    """The settings name no executor for a kind of Run."""


def execute(
    run_id: UUID, *, org_id: UUID, clock: Clock, limit: TimeLimit | None = None
) -> RunState | None:
    """Do a Run to its end, or return None when it is not ours to do (now)."""
    owner = f"{socket.gethostname()}:{os.getpid()}"[:100]
    run = claim(run_id, org_id=org_id, owner=owner, at=clock())
    if run is None:
        return None
    told = {"request_id": run.request_id} if run.request_id else {}
    with structlog.contextvars.bound_contextvars(run_id=str(run.pk), **told):
        handle = LeasedHandle(run, limit=limit)
        with handle.journal.listening():
            return _do(handle, clock=clock)


def _do(handle: LeasedHandle, *, clock: Clock) -> RunState | None:
    run = handle.run
    log.info("Attempt %s of %s begins on %s", run.attempts, run.kind, run.worker)
    try:
        with heartbeat(handle, clock=clock):
            outcome = _executor(run.kind)(handle) or Outcome()
    except Exception as error:
        state = _end_badly(handle, error=error, at=clock())
    else:
        state = _end_well(handle, outcome=outcome, at=clock())
    _wake_next(run, at=clock())
    return state


def _executor(kind: str) -> Executor:
    path = settings.RUN_EXECUTORS.get(kind)
    if path is None:
        raise UnknownKindError(
            f'Nothing knows how to do a Run of kind "{kind}". Known kinds: '
            f"{', '.join(sorted(settings.RUN_EXECUTORS))}."
        )
    executor: Executor = import_string(path)
    return executor


def _end_well(
    handle: LeasedHandle, *, outcome: Outcome, at: datetime
) -> RunState | None:
    log.info("It is done")
    ended = finish(
        handle.run,
        state=RunState.SUCCEEDED,
        at=at,
        progress=1.0,
        doing="",
        result=outcome.result,
        result_url=outcome.url,
        log=handle.journal.lines(),
    )
    return RunState.SUCCEEDED if ended else None


def _end_badly(
    handle: LeasedHandle, *, error: Exception, at: datetime
) -> RunState | None:
    run = handle.run
    match error:
        case LeaseLostError():
            log.warning("%s", error)
            return None
        case RunCancelledError():
            state, words = RunState.CANCELLED, "Cancelled on request."
        case SoftTimeLimitExceeded() | RunTooLongError() if handle.limit:
            # It may have come while a connection waited for an answer.
            connections.close_all()
            state, words = RunState.FAILED, handle.limit.in_words()
        case RunFailedError() | UnknownKindError():
            state, words = RunState.FAILED, str(error)
        case OperationalError() | InterfaceError() if run.attempts < MOST_ATTEMPTS:
            return _try_later(handle, error=error, at=at)
        case _:
            log.exception("Run %s (%s) broke", run.pk, run.kind, exc_info=error)
            state, words = RunState.FAILED, _unforeseen(run, error=error)
    log.info("It ends: %s", words)
    report = handle.report()
    ended = finish(
        run,
        state=state,
        at=at,
        error=words,
        progress=report.progress,
        log=report.log,
    )
    return state if ended else None


def _try_later(
    handle: LeasedHandle, *, error: Exception, at: datetime
) -> RunState | None:
    run = handle.run
    words = f"The database was away ({error}). Attempt {run.attempts}; another follows."
    log.warning("Run %s: %s", run.pk, words)
    connections.close_all()
    run.not_before = at + PAUSE_AFTER_A_FAULT
    try:
        given_back = release(run, error=words, log=handle.journal.lines())
    except (OperationalError, InterfaceError):
        return None  # Still away. The lease runs out, and somebody takes over.
    if given_back:
        send(run, at=at)
    return RunState.QUEUED if given_back else None


def _unforeseen(run: Run, *, error: Exception) -> str:
    return (
        f"{run.kind} stopped on something unforeseen: {type(error).__name__}: {error}. "
        f"The worker's log has the details under this Run's id. Start it again; if it "
        f"stops again, send that part of the log with your report."
    )


def _wake_next(run: Run, *, at: datetime) -> None:
    try:
        waiting = next_waiting(run, at=at)
    except (OperationalError, InterfaceError):
        return
    if waiting is not None:
        send(waiting, at=at)
