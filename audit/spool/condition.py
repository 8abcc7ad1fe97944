"""How the spool of this host is doing, seen from any process of it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from . import places, writer
from .tally import Tally

_LEAST_FREE_BYTES = 64 * 1024 * 1024
# The drainer takes a second. After this long it is stopped, or the database is away.
BEHIND_SECONDS = 120.0


@dataclass(frozen=True, kw_only=True)
class SpoolState:
    n_bytes: int
    n_segments: int
    oldest_seconds: float
    """Age of what has waited longest, 0 when nothing waits."""
    dropped: int
    """Decisions that could not be kept on this host, ever."""
    drained: int
    """Decisions that went to the database from this host, ever."""
    problem: str | None
    """`disk`, `limit` or `behind`; None while all is well."""

    @property
    def is_degraded(self) -> bool:
        return self.problem is not None


def state() -> SpoolState:
    """Return the host's state. Reads one directory: no database, no lock."""
    directory = places.host_directory()
    found = [places.examine(entry) for entry in places.segments(directory)]
    waiting = [stat for stat in found if stat is not None and stat.st_size]
    oldest = min((stat.st_mtime for stat in waiting), default=None)
    seconds = 0.0 if oldest is None else max(0.0, time.time() - oldest)
    return SpoolState(
        n_bytes=sum(stat.st_size for stat in waiting),
        n_segments=len(waiting),
        oldest_seconds=seconds,
        dropped=writer.dropped_tally(directory).value(),
        drained=drained_tally(directory).value(),
        problem=_problem(directory, oldest_seconds=seconds),
    )


def drained_tally(directory: Path) -> Tally:
    return Tally(directory / "drained")


def _problem(directory: Path, *, oldest_seconds: float) -> str | None:
    problem = writer.writer().problem
    if problem is None and directory.exists():
        disk = os.statvfs(directory)
        if disk.f_bavail * disk.f_frsize < _LEAST_FREE_BYTES:
            problem = "disk"
    if problem is None and oldest_seconds > BEHIND_SECONDS:
        problem = "behind"
    return problem
