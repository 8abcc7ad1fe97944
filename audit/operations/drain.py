"""Closed segments of the spool into the database, then away with them."""

from __future__ import annotations

import fcntl
import os
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from pathlib import Path
from threading import Event
from typing import NamedTuple
from uuid import UUID

import psycopg
import structlog
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    connections,
)

from audit import spool
from audit.core.codec import Envelope, UnknownFormatError, open_envelope
from audit.core.frames import frame, split
from audit.core.identity import day_of
from audit.spool import places
from audit.spool.condition import drained_tally
from audit.spool.segment import take_over

from .damaged import drop_damaged, set_aside
from .partitions import make_partition
from .store import store_decisions

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.25
# A transaction costs as much as a hundred decisions in it. Where many come, they wait
# for each other.
BUSY_SECONDS = 1.0
_MANY = 20
# A segment that stays open for longer is taken over.
OPEN_SECONDS = 0.5
BATCH_RECORDS = 1_000
_LONGEST_WAIT_SECONDS = 2.0
_NEIGHBOURS_EVERY_SECONDS = 10.0
# What is wrong with a record and not with the database.
_UNFIT = (DataError, IntegrityError, ValueError, TypeError, OverflowError, struct.error)

type Clock = Callable[[], datetime]


class Waiting(NamedTuple):
    """A record in the spool."""

    path: Path
    payload: bytes
    envelope: Envelope


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Whole segments that are stored in one transaction and then deleted."""

    paths: list[Path] = field(default_factory=list)
    records: list[Waiting] = field(default_factory=list)


class Drainer:
    """Stores what the processes of one host left in their directory."""

    def __init__(
        self, directory: Path, *, clock: Clock, makes_partitions: bool = False
    ) -> None:
        self.directory = directory
        self._clock = clock
        self._makes_partitions = makes_partitions
        self._days_made: set[date] = set()
        self._first_seen: dict[str, float] = {}

    def drain(self, *, everything: bool = False) -> int:
        """Store what is closed, or also what is open; return how many were new.

        Segments are deleted after their transaction has ended: whoever dies before
        that leaves them for the next, who finds their decisions stored already.
        """
        self._close_open(everything=everything)
        return sum(self._store(batch) for batch in _batches(self.directory))

    def _close_open(self, *, everything: bool) -> None:
        now = time.monotonic()
        names = [entry.name for entry in places.segments(self.directory)]
        still_open = [name for name in names if name.endswith(places.OPEN)]
        # Seen for so long, not written for so long: nobody's clock has to be right.
        seen = {name: self._first_seen.get(name, now) for name in still_open}
        for name in still_open:
            if everything or now - seen[name] >= OPEN_SECONDS:
                take_over(self.directory / name)
        self._first_seen = seen

    def _store(self, batch: Batch) -> int:
        try:
            if self._makes_partitions:
                self._make_partitions(batch.records)
            stored = self._store_records(batch.records)
        except _UNFIT:
            stored = sum(self._store_orset_aside(record) for record in batch.records)
        drained_tally(self.directory).add(stored)
        for path in batch.paths:
            path.unlink(missing_ok=True)
        return stored

    def _store_records(self, records: Iterable[Waiting]) -> int:
        envelopes = [record.envelope for record in records]
        return store_decisions(envelopes, at=self._clock())

    def _store_orset_aside(self, record: Waiting) -> int:
        try:
            return self._store_records([record])
        except _UNFIT as error:
            log.exception("decision_unfit", exc_info=error)
            set_aside(record.path, frame(record.payload))
            return 0

    def _make_partitions(self, records: Iterable[Waiting]) -> None:
        for record in records:
            day = day_of(UUID(bytes=record.envelope.header.decision_id))
            if day not in self._days_made:
                make_partition(day)
                self._days_made.add(day)


def drain_now(*, clock: Clock) -> int:
    """Store what this host's processes have answered so far: for tests and by hand."""
    spool.flush()
    return Drainer(places.host_directory(), clock=clock).drain(everything=True)


def drain_until(stop: Event, *, clock: Clock) -> None:
    """Drain this host's spool, and those of stopped hosts, until told to stop.

    One drainer works at a time; others wait to take its place.
    """
    directory = places.make_private(places.host_directory())
    drainers = {directory: Drainer(directory, clock=clock, makes_partitions=True)}
    with _turn(directory, stop=stop):
        neighbours_at = time.monotonic()
        while not stop.is_set():
            stored = patiently(drainers[directory].drain, stop=stop)
            if time.monotonic() >= neighbours_at:
                help_them = partial(_help_neighbours, drainers, clock=clock)
                patiently(help_them, stop=_at_once())
                neighbours_at = time.monotonic() + _NEIGHBOURS_EVERY_SECONDS
            stop.wait(BUSY_SECONDS if stored >= _MANY else POLL_SECONDS)
        patiently(drainers[directory].drain, stop=stop)


def patiently(drain: Callable[[], int], *, stop: Event) -> int:
    """Drain once; while something is in the way, say what, wait and try again.

    What is in the way may be the database, a disk that is full, or a fault of ours: a
    drainer that ended of it would be started anew and meet it again.
    """
    wait = POLL_SECONDS
    while True:
        try:
            return drain()
        except (DatabaseError, InterfaceError, psycopg.Error) as error:
            log.warning("database_away", error=str(error), wait_seconds=wait)
            with suppress(DatabaseError, InterfaceError):
                connections.close_all()
        except Exception as error:
            log.exception("drain_failed", exc_info=error, wait_seconds=wait)
        if stop.wait(wait):
            return 0
        wait = min(2 * wait, _LONGEST_WAIT_SECONDS)


def _help_neighbours(drainers: dict[Path, Drainer], *, clock: Clock) -> int:
    """Drain directories whose host has no drainer: a container leaves its name."""
    count = drop_damaged(at=clock())
    for directory in sorted(places.root().iterdir()):
        if directory.is_dir() and directory != places.host_directory():
            fresh = Drainer(directory, clock=clock, makes_partitions=True)
            drainer = drainers.setdefault(directory, fresh)
            with drainer_lock(directory) as is_ours:
                if is_ours:
                    count += patiently(drainer.drain, stop=_at_once())
    return count


def _at_once() -> Event:
    event = Event()
    event.set()
    return event


@contextmanager
def _turn(directory: Path, *, stop: Event) -> Iterator[None]:
    while not stop.is_set():
        with drainer_lock(directory) as is_ours:
            if is_ours:
                yield
                return
        stop.wait(POLL_SECONDS)
    yield


@contextmanager
def drainer_lock(directory: Path) -> Iterator[bool]:
    """Hold the right to drain a directory; yield whether it was free."""
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    descriptor = os.open(directory / "drainer.lock", flags, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def _batches(directory: Path) -> Iterator[Batch]:
    batch = Batch()
    names = [entry.name for entry in places.segments(directory)]
    for name in sorted(name for name in names if name.endswith(places.CLOSED)):
        path = directory / name
        batch.paths.append(path)
        batch.records.extend(_read(path))
        if len(batch.records) >= BATCH_RECORDS:
            yield batch
            batch = Batch()
    if batch.paths:
        yield batch


def _read(path: Path) -> Iterator[Waiting]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return  # Drained meanwhile, by hand perhaps.
    frames = split(data)
    if frames.is_damaged:
        log.error("segment_damaged", path=str(path), at=frames.n_bytes)
        set_aside(path, data[frames.n_bytes :])
    for payload in frames.payloads:
        try:
            yield Waiting(path, payload, open_envelope(payload))
        except UnknownFormatError as error:
            log.exception("decision_unreadable", exc_info=error)
            set_aside(path, frame(payload))
