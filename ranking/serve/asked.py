"""Which namespaces this host was asked for lately: an empty file for each."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from django.conf import settings

LATELY_SECONDS = 7 * 86_400
_NOTED_AGAIN_SECONDS = 3_600.0
_noted: dict[int, float] = {}


def note(namespace_id: int) -> None:
    """Remember that a namespace is asked for; nearly always that is known."""
    now = time.monotonic()
    if _noted.get(namespace_id, 0.0) > now:
        return
    _noted[namespace_id] = now + _NOTED_AGAIN_SECONDS
    # On a full disk a process that starts has more to open, and that is all.
    with suppress(OSError):
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / str(namespace_id)).touch()


def lately(*, wall_seconds: float) -> list[int]:
    """Return the numbers of namespaces that were asked for, the latest first."""
    try:
        found = [
            (path.stat().st_mtime, int(path.name))
            for path in _folder().iterdir()
            if path.name.isdigit()
        ]
    except OSError:
        return []
    since = wall_seconds - LATELY_SECONDS
    return [number for at, number in sorted(found, reverse=True) if at > since]


def forget_all() -> None:
    """Have the next question noted anew: for tests."""
    _noted.clear()


def _folder() -> Path:
    return Path(settings.FILES_ROOT) / "asked"
