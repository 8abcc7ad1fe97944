"""One file that one process appends to until it, or the drainer, closes it."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Condition

from .places import CLOSED, OPEN


class Segment:
    """An open segment. Its owner serialises the calls of `write` and `close`."""

    def __init__(self, path: Path, *, syncs: bool) -> None:
        self.path = path
        self._syncs = syncs
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        self._descriptor = os.open(path, flags, 0o600)
        self.opened_at = time.monotonic()
        self.size = 0
        self._synced = 0
        self._is_syncing = False
        self._sync_ended = Condition()

    def write(self, data: bytes) -> bool:
        """Append, or return False when the drainer has taken the file over.

        Raises `OSError` when not all of it could be written; nothing of it stays then.
        """
        with self._lock():
            if not self._is_mine():
                return False
            if (written := os.write(self._descriptor, data)) != len(data):
                # O_APPEND writes at the end, so half a record must not stay there.
                os.ftruncate(self._descriptor, self.size)
                raise OSError(errno.ENOSPC, f"wrote {written} of {len(data)} bytes")
            self.size += len(data)
        return True

    def sync(self, size: int) -> None:
        """Return when the first `size` bytes are on the disk.

        Threads that arrive while one is at it wait, and share the next one.
        """
        with self._sync_ended:
            while self._synced < size:
                if self._is_syncing:
                    self._sync_ended.wait()
                else:
                    self._sync_here()

    def close(self) -> None:
        """Hand the segment to the drainer."""
        with self._sync_ended:
            while self._is_syncing:
                self._sync_ended.wait()
            try:
                with self._lock():
                    if self._is_mine():
                        self.path.rename(self.path.with_suffix(CLOSED))
                if self._syncs:
                    # For threads that wrote and have not come to sync() yet.
                    os.fdatasync(self._descriptor)
                    self._synced = self.size
            finally:
                os.close(self._descriptor)

    def abandon(self) -> None:
        """Forget the file of the parent process, which goes on writing to it."""
        os.close(self._descriptor)

    def _sync_here(self) -> None:
        target, self._is_syncing = self.size, True
        self._sync_ended.release()
        try:
            os.fdatasync(self._descriptor)
        finally:
            self._sync_ended.acquire()
            self._is_syncing = False
            self._sync_ended.notify_all()
        self._synced = target

    def _is_mine(self) -> bool:
        try:
            os.stat(self.path)
        except FileNotFoundError:
            return False
        return True

    @contextmanager
    def _lock(self) -> Iterator[None]:
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)


def take_over(path: Path) -> Path | None:
    """Close somebody's open segment, or return None when they are just writing."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None  # Closed by its owner meanwhile.
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        closed = path.with_suffix(CLOSED)
        path.rename(closed)
    except (BlockingIOError, FileNotFoundError):
        return None
    else:
        return closed
    finally:
        os.close(descriptor)


def is_open(name: str) -> bool:
    return name.endswith(OPEN)
