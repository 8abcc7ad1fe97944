"""One round trip to PostgreSQL for a request that ranks, and none while it is away."""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Sequence
from uuid import UUID

import psycopg
from django.db import connections
from psycopg.pq.abc import PGresult
from psycopg_pool import ConnectionPool, PoolTimeout

from catalog.postgresql import pulse
from catalog.postgresql.target import target

from .conversation import Conversation, LateError, Statement

type Question = tuple[Statement, Sequence[bytes | None]]

# After a failure nobody asks again for this long, so that an absent database costs one
# request in a while its deadline instead of each of them. Where its pulse is felt, it
# costs none soon after.
PAUSE_SECONDS = 0.25
_RECONNECT_SECONDS = 2
# Nobody waits longer for a connection: after a crash PostgreSQL takes its time until it
# has accepted everybody. Who waits looks up this often.
_HAND_OUT_SECONDS = 0.5
_LOOK_UP_SECONDS = 0.1
# More than a process has threads; the desk runs four.
_MAX_CONNECTIONS = 8


class UnansweredError(RuntimeError):
    """PostgreSQL is away, or did not answer within the time it was given."""


class _Pools:
    """The pool of this process.

    A forked child and another database get their own, and so does a database that came
    back: what is left of the old pool waits longer and longer before it tries again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: ConnectionPool[Conversation] | None = None
        self._owner = (0, "", 0)
        self.resumes_at = 0.0

    def get(self) -> ConnectionPool[Conversation]:
        pool, owner = self._pool, _owner()
        if pool is None or self._owner != owner:
            pool = self._renewed(owner)
        return pool

    def close(self, *, timeout_seconds: float = 5.0) -> None:
        if self._pool is not None and self._owner[0] == os.getpid():
            self._pool.close(timeout_seconds)
        self._pool = None

    def _renewed(self, owner: tuple[int, str, int]) -> ConnectionPool[Conversation]:
        with self._lock:
            if self._pool is None or self._owner != owner:
                self.close(timeout_seconds=0)
                self._pool, self._owner = _open(), owner
            return self._pool


def _owner() -> tuple[int, str, int]:
    name = str(connections["default"].settings_dict["NAME"])
    return os.getpid(), name, pulse.returns()


def _open() -> ConnectionPool[Conversation]:
    return ConnectionPool(
        connection_class=Conversation,
        kwargs={
            **target(),
            "autocommit": True,
            "application_name": "recsys ranking",
        },
        min_size=1,
        max_size=_MAX_CONNECTIONS,
        num_workers=1,
        reconnect_timeout=_RECONNECT_SECONDS,
        open=True,
        name="ranking",
    )


_pools = _Pools()


def close() -> None:
    """Close this process's connections; the next question opens new ones."""
    _pools.close()


atexit.register(close)


def ask(
    questions: Sequence[Question], *, org_id: UUID, timeout_seconds: float
) -> list[PGresult]:
    """Return the rows of each question, all read for one org in one transaction.

    Raises
    ------
    UnansweredError
        If PostgreSQL cannot be reached, or not in time.
    """
    now = time.monotonic()
    if timeout_seconds <= 0:
        raise UnansweredError("no time is left")
    if pulse.is_away():
        raise UnansweredError("the database does not answer")
    if now < _pools.resumes_at:
        raise UnansweredError("the database did not answer a moment ago")
    try:
        return _ask(questions, org_id, timeout_seconds)
    except psycopg.errors.QueryCanceled as error:
        raise UnansweredError("the database was too slow") from error
    except (psycopg.OperationalError, PoolTimeout) as error:
        _pools.resumes_at = time.monotonic() + PAUSE_SECONDS
        raise UnansweredError(str(error).strip()) from error


def _ask(
    questions: Sequence[Question], org_id: UUID, timeout_seconds: float
) -> list[PGresult]:
    """Ask over one connection after the other, until one is not broken.

    Those in the pool break all at once, when PostgreSQL is started anew.
    """
    started = time.monotonic()
    deadline = started + timeout_seconds
    enough = started + min(timeout_seconds, _HAND_OUT_SECONDS)
    broken = 0
    while True:
        try:
            return _ask_once(questions, org_id, deadline - time.monotonic())
        except (psycopg.errors.QueryCanceled, LateError):
            raise
        except psycopg.OperationalError as error:
            pulse.doubt()
            broken += not isinstance(error, PoolTimeout)
            is_vain = broken > _MAX_CONNECTIONS or pulse.is_away()
            if is_vain or time.monotonic() >= enough:
                raise


def _ask_once(
    questions: Sequence[Question], org_id: UUID, timeout_seconds: float
) -> list[PGresult]:
    pool = _pools.get()
    connection = pool.getconn(timeout=min(timeout_seconds, _LOOK_UP_SECONDS))
    try:
        return connection.ask(questions, org_id=org_id, timeout_seconds=timeout_seconds)
    except psycopg.errors.QueryCanceled:
        raise
    except (psycopg.Error, LateError):
        # What else is on its way over this connection is nobody's answer any more.
        connection.close()
        raise
    finally:
        pool.putconn(connection)
