"""A file per namespace that changes whenever the namespace does.

Every request looks at it (about 1 µs) and so sees, on this host at once, that its
caches are old. Other hosts poll the namespace's change number.
"""

from __future__ import annotations

import os
import time
from functools import cache
from pathlib import Path

from django.conf import settings

type Token = tuple[int, int]

NEVER: Token = (0, 0)


def bump(namespace_id: int) -> None:
    """Tell every process of this host that the namespace changed."""
    path = _path(namespace_id)
    moment = time.time_ns()
    try:
        os.utime(path, ns=(moment, moment))
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def token(namespace_id: int) -> Token:
    """Return what differs after every `bump`: (modified at in ns, inode)."""
    try:
        found = os.stat(_place(settings.FILES_ROOT, namespace_id))
    except FileNotFoundError:
        return NEVER
    return found.st_mtime_ns, found.st_ino


def _path(namespace_id: int) -> Path:
    return Path(_place(settings.FILES_ROOT, namespace_id))


@cache
def _place(files_root: Path, namespace_id: int) -> str:
    # Every request looks, and putting a path together takes ten times the look.
    return str(files_root / "generation" / str(namespace_id))
