"""One launcher for each state directory."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout


class AlreadyRunningError(RuntimeError):
    """Another launcher runs; the message says where."""


@contextmanager
def only_launcher(state: Path, *, base: str) -> Iterator[None]:
    """Hold the state directory; the kernel lets go of it if we are killed."""
    note = state / "launcher.json"
    lock = FileLock(state / "launcher.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise AlreadyRunningError(_sentence(note)) from None
    with lock:
        note.write_text(json.dumps({"pid": os.getpid(), "base": base}))
        yield
        note.unlink(missing_ok=True)


def _sentence(note: Path) -> str:
    other = {"pid": "?", "base": "its address"}
    with suppress(OSError, ValueError):
        other |= json.loads(note.read_text())
    return (
        f"RecSys already runs at {other['base']} (process {other['pid']})."
        f" Press Ctrl-C in its terminal, or `kill {other['pid']}`, to stop it."
    )
