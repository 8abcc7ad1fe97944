"""Numbers that outlive the processes that count them, one small file each."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

_BYTES = 8


class Tally:
    """A number in a file. Its block exists before the disk is full."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def prepare(self) -> None:
        """Make the file, so that adding needs no space later."""
        self.add(0)

    def add(self, count: int) -> None:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            total = int.from_bytes(os.pread(descriptor, _BYTES, 0)) + count
            os.pwrite(descriptor, total.to_bytes(_BYTES), 0)
        finally:
            os.close(descriptor)

    def value(self) -> int:
        try:
            return int.from_bytes(self._path.read_bytes())
        except FileNotFoundError:
            return 0
