"""The log lines of one Run, kept with it for who asks how it went."""

from __future__ import annotations

import logging
import traceback
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import structlog

MOST_LINES = 200
_LONGEST_LINE = 2_000
# What a line of its own says already, or what is the same in all of them.
_TOLD_ELSEWHERE = frozenset(
    {"event", "level", "logger", "timestamp", "run_id", "request_id", "task"}
)


class Journal(logging.Handler):
    """The newest lines that were logged while a Run was at work, oldest first.

    Only those that carry its id: other threads of the process work for others.
    """

    def __init__(self, run_id: str, *, earlier: Sequence[str] = ()) -> None:
        super().__init__()
        self._run_id = run_id
        self._lines = deque(earlier, maxlen=MOST_LINES)

    @contextmanager
    def listening(self) -> Iterator[None]:
        root = logging.getLogger()
        root.addHandler(self)
        try:
            yield
        finally:
            root.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        known = structlog.contextvars.get_contextvars()
        if known.get("run_id") == self._run_id:
            self._lines.append(_line(record)[:_LONGEST_LINE])

    def lines(self) -> list[str]:
        # Another thread may be adding one.
        self.acquire()
        try:
            return list(self._lines)
        finally:
            self.release()


def _line(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, tz=UTC)
    # JSON text of PostgreSQL holds every character but this one.
    words = _words(record).replace("\0", "")
    return f"{moment:%Y-%m-%d %H:%M:%S} {record.levelname} {words}"


def _words(record: logging.LogRecord) -> str:
    if isinstance(record.msg, dict):  # From structlog.
        told = record.msg
        parts = [str(told.get("event", ""))]
        parts += [f"{key}={told[key]}" for key in told if key not in _TOLD_ELSEWHERE]
        return " ".join(parts)
    words = record.getMessage()
    if record.exc_info and record.exc_info[1]:
        # Its last lines say where: a line that is cut loses its end.
        trace = "".join(traceback.format_exception(record.exc_info[1], limit=-4))
        words = f"{words}\n{trace.rstrip()}"
    return words
