from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings

OPEN = ".open"
CLOSED = ".closed"
# Set aside because something in them could not be stored.
DAMAGED = ".damaged"


def root() -> Path:
    return Path(settings.FILES_ROOT) / "spool"


def host_directory() -> Path:
    return _host_directory(settings.FILES_ROOT)


@cache
def _host_directory(files_root: Path) -> Path:
    # Asked for with every decision, and building paths is slow.
    return Path(files_root) / "spool" / socket.gethostname()


def make_private(directory: Path) -> Path:
    """Return the directory, readable by this account alone."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)
    return directory


def segments(directory: Path) -> Iterator[os.DirEntry[str]]:
    """Return the segments that wait in a directory, open ones included."""
    try:
        entries = os.scandir(directory)
    except FileNotFoundError:
        return
    with entries:
        yield from (entry for entry in entries if entry.name.endswith((OPEN, CLOSED)))


def examine(entry: os.DirEntry[str]) -> os.stat_result | None:
    """Return size and age of a segment, or None when it was drained meanwhile."""
    try:
        return entry.stat()
    except FileNotFoundError:
        pass
    # Closed between the listing and this.
    try:
        return Path(entry.path).with_suffix(CLOSED).stat()
    except FileNotFoundError:
        return None
