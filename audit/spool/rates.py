"""How many decisions this host's processes took together in a second, by namespace.

One small file that all of them map and write without a lock: two that count at once
may count one for two. What is decided by it is only which traces are worth making.
"""

from __future__ import annotations

import os
import struct
from mmap import mmap
from pathlib import Path

from . import places

_FILE = "rates"
# Two namespaces that fall on one slot take each other for a new second.
_SLOTS = 1024
_SLOT = struct.Struct("<QQQ")
_BYTES = _SLOTS * _SLOT.size


class Rates:
    """The counts of the second that each namespace answers in."""

    def __init__(self, path: Path) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(path, flags, 0o600)
        try:
            # Space that is not there kills who writes to a mapping.
            os.posix_fallocate(descriptor, 0, _BYTES)
            self._counts = mmap(descriptor, _BYTES)
        finally:
            os.close(descriptor)

    def count(self, namespace_id: int, *, second: int) -> int:
        """Count one decision more; return how many that second has with it."""
        place = namespace_id % _SLOTS * _SLOT.size
        last_namespace, last_second, count = _SLOT.unpack_from(self._counts, place)
        if (last_namespace, last_second) != (namespace_id, second):
            count = 0
        _SLOT.pack_into(self._counts, place, namespace_id, second, count + 1)
        return int(count + 1)

    def close(self) -> None:
        self._counts.close()


_opened: dict[Path, Rates] = {}


def count(namespace_id: int, *, second: int) -> int:
    """Count a decision of this host; 1 where the disk does not let it be counted."""
    directory = places.host_directory()
    try:
        rates = _opened.get(directory) or _open(directory)
        return rates.count(namespace_id, second=second)
    except OSError:
        return 1


def _open(directory: Path) -> Rates:
    places.make_private(directory)
    for others in [*_opened]:
        _opened.pop(others).close()
    _opened[directory] = Rates(directory / _FILE)
    return _opened[directory]
