"""The writing end of the spool, one for each process."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import structlog
from django.conf import settings

from audit.core.codec import encode, encode_bare
from audit.core.frames import frame
from audit.core.record import DecisionRecord, Header

from . import places
from .segment import Segment
from .tally import Tally

log = structlog.get_logger(__name__)

SEGMENT_BYTES = 8 * 1024 * 1024
SEGMENT_SECONDS = 1.0
_MEASURE_SECONDS = 10.0


class SpoolRefusedError(Exception):
    """The decision cannot be kept, and the installation answers nothing unkept."""


class Writer:
    """Appends records of one process, from any of its threads."""

    def __init__(self, directory: Path, *, sync: bool, limit_bytes: int) -> None:
        self.directory = directory
        self._sync = sync
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        # Unlike a process id alone, never used again while its files may be here.
        self._name = f"{os.getpid()}-{time.time_ns()}"
        self._n_segments = 0
        self._segment: Segment | None = None
        self._measured_at = -_MEASURE_SECONDS
        self._is_over_limit = False
        self.problem: str | None = None
        """What kept the newest record from being stored, in a word."""

    def append(self, payload: bytes) -> bool:
        """Keep a record; return False, and count it, when that is impossible."""
        framed = frame(payload)
        try:
            with self._lock:
                segment, size = self._write(framed)
            if self._sync:
                segment.sync(size)
        except OSError as error:
            self._fail(error)
            return False
        self.problem = None
        return True

    def flush(self) -> None:
        """Hand what was written to the drainer now."""
        with self._lock:
            self._close()

    def abandon(self) -> None:
        """Let go of what belongs to the parent process."""
        if self._segment is not None:
            self._segment.abandon()

    def _write(self, framed: bytes) -> tuple[Segment, int]:
        segment = self._segment
        if segment is None or self._is_full(segment):
            segment = self._start()
        # False: the drainer took it. A new one cannot have been taken twice in a row
        # but by a drainer that is quicker than this loop.
        while not segment.write(framed):
            segment = self._start()
        return segment, segment.size

    def _is_full(self, segment: Segment) -> bool:
        age = time.monotonic() - segment.opened_at
        return age >= SEGMENT_SECONDS or segment.size >= SEGMENT_BYTES

    def _start(self) -> Segment:
        self._close()
        places.make_private(self.directory)
        if not self._n_segments:
            dropped_tally(self.directory).prepare()
        self._measure()
        if self._is_over_limit:
            raise SpoolFullError(self._limit_bytes)
        self._n_segments += 1
        name = f"{self._name}-{self._n_segments}{places.OPEN}"
        self._segment = Segment(self.directory / name, syncs=self._sync)
        if self._sync:
            _sync_directory(self.directory)
        return self._segment

    def _close(self) -> None:
        if self._segment is not None:
            segment, self._segment = self._segment, None
            segment.close()

    def _measure(self) -> None:
        """See now and then, and all the time while it is full, what waits here."""
        now = time.monotonic()
        if self._is_over_limit or now - self._measured_at >= _MEASURE_SECONDS:
            found = map(places.examine, _waiting(self.directory))
            waiting = sum(stat.st_size for stat in found if stat is not None)
            self._is_over_limit = waiting > self._limit_bytes
            self._measured_at = now

    def _fail(self, error: OSError) -> None:
        first = self.problem is None
        self.problem = "limit" if isinstance(error, SpoolFullError) else "disk"
        with suppress(OSError):
            dropped_tally(self.directory).add(1)
        with suppress(OSError):
            # A segment that may end in half a record is not written to again.
            self.flush()
        if first:
            # The log may be on the same disk.
            with suppress(OSError):
                log.error("decision_not_kept", problem=self.problem, error=str(error))


class SpoolFullError(OSError):
    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"more than {limit_bytes} bytes wait for the database")


def dropped_tally(directory: Path) -> Tally:
    return Tally(directory / "dropped")


def _waiting(directory: Path) -> list[os.DirEntry[str]]:
    return list(places.segments(directory))


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_current: Writer | None = None
_current_lock = threading.Lock()


def append(record: DecisionRecord) -> None:
    """Keep a decision. Call it before the answer leaves.

    A decision that cannot be kept is counted and makes `/health` degraded; with
    AUDIT_WHEN_FULL=refuse it raises `SpoolRefusedError` besides, which is a 503.
    """
    _keep(encode(record))


def append_bare(header: Header, items: Sequence[int], *, report: str = "") -> None:
    """Keep a decision whose trace nobody wants (audit/spool/sampling.py)."""
    _keep(encode_bare(header, items, report=report))


def _keep(payload: bytes) -> None:
    kept = writer().append(payload)
    if not kept and settings.AUDIT_WHEN_FULL == "refuse":
        raise SpoolRefusedError("the decision could not be kept")


def flush() -> None:
    """Hand this process's segment to the drainer without waiting for it to age."""
    if _current is not None:
        _current.flush()


def writer() -> Writer:
    """Return this process's writer."""
    global _current  # noqa: PLW0603 one per process, made by its first decision
    directory = places.host_directory()
    # The same one each time, so that nobody need wait to compare it.
    if _current is not None and _current.directory is directory:
        return _current
    with _current_lock:
        if _current is None or _current.directory != directory:
            _current = Writer(
                directory,
                sync=settings.AUDIT_SYNC == "host",
                limit_bytes=settings.AUDIT_SPOOL_LIMIT,
            )
        return _current


def _after_fork() -> None:
    """Give the child a writer, and locks, of its own."""
    global _current, _current_lock  # noqa: PLW0603 see writer()
    _current_lock = threading.Lock()
    if _current is not None:
        _current.abandon()
        _current = None


os.register_at_fork(after_in_child=_after_fork)
