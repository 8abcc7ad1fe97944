"""Find server processes, and tell the living from the dead.

A killed process keeps its PID as a zombie until its parent notices, for seconds if that
is a busy PID 1 and for ever if PID 1 never looks. To `kill(pid, 0)` it seems alive.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil

_children: list[subprocess.Popen[bytes]] = []


def server_in(home: Path, *, name: str, pid_file: Path) -> psutil.Process | None:
    """Return the live server that wrote this PID file, else None."""
    pid = _pid_in(pid_file)
    if pid is None:
        return None
    try:
        process = psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None
    return process if _is_server(process, name=name, home=home) else None


def working_in(home: Path, *, name: str) -> list[psutil.Process]:
    """Return every live process of that name that works in the directory."""
    return [
        process
        for process in psutil.process_iter()
        if _is_server(process, name=name, home=home)
    ]


def wait_until(happened: Callable[[], bool], *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def adopt(child: subprocess.Popen[bytes]) -> None:
    """Keep a child that runs on, until `reap` finds it dead."""
    reap()
    _children.append(child)


def reap() -> None:
    _children[:] = [child for child in _children if child.poll() is None]


def _is_server(process: psutil.Process, *, name: str, home: Path) -> bool:
    """Both servers change to their home, so PIDs used again are told from ours."""
    try:
        if process.name() != name or process.status() == psutil.STATUS_ZOMBIE:
            return False
        return Path(process.cwd()) == home.resolve()
    except psutil.Error:
        return False


def _pid_in(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
