"""A connection that waits for PostgreSQL as long as PostgreSQL lives, and no longer."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, override

import psycopg
from psycopg.waiting import Ready

from . import pulse

# How often a wait looks up.
_INTERVAL_SECONDS = 0.1
_until: ContextVar[float] = ContextVar("until", default=math.inf)


class GivenUpError(psycopg.OperationalError):
    """PostgreSQL does not answer, or not in the time that it was given."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Give up whatever the block asks of the database when its time is over.

    A connection that was given up is closed: its answer may still come.
    """
    token = _until.set(min(_until.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _until.reset(token)


class PatientConnection(psycopg.Connection[Any]):
    """psycopg's connection, with an end to its waits."""

    @override
    def wait(
        self,
        gen: Generator[Any, Any, Any],
        interval: float = _INTERVAL_SECONDS,
        timeout: float | None = None,
    ) -> Any:
        limits = {} if timeout is None else {"timeout": timeout}
        left = max(0.0, _until.get() - time.monotonic())
        try:
            return super().wait(_patiently(gen), min(interval, left), **limits)
        except GivenUpError:
            self.pgconn.finish()
            raise

    @classmethod
    @override
    def _connect_gen(cls, conninfo: str = "") -> Generator[Any, Any, Any]:
        return _patiently(super()._connect_gen(conninfo))


def _patiently(gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
    """Pass on what psycopg asks of the socket, and look up when nothing came."""
    _look()
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if ready == Ready.NONE:
                pulse.doubt()
                _look()
            wanted = gen.send(ready)
    except StopIteration as end:
        return end.value


def _look() -> None:
    if pulse.is_away():
        raise GivenUpError("PostgreSQL does not answer")
    if time.monotonic() >= _until.get():
        raise GivenUpError("PostgreSQL did not answer in time")
