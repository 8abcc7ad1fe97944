"""End every child's process group if the launcher ends without having done so.

A leash reaches the children only, and politely; theirs may be busy, and a Celery worker
whose broker ended at the same time never finishes its polite end. So a second process
reads the launcher's pipe: it closes however the launcher ends, and whoever still runs
then gets a moment and no more.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_MOMENT_SECONDS = 3


class Guard:
    """The launcher's end of the pipe."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "recsys_site.launch.guard"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def watch(self, group: int) -> None:
        self._tell(f"+{group}")

    def forget(self, group: int) -> None:
        self._tell(f"-{group}")

    def dismiss(self) -> None:
        """Let it end; it first ends whatever is still watched."""
        assert self._process.stdin
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()

    def _tell(self, line: str) -> None:
        assert self._process.stdin
        with suppress(BrokenPipeError):
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()


def main() -> None:
    groups: set[int] = set()
    for line in sys.stdin:
        change = groups.add if line[0] == "+" else groups.discard
        change(int(line[1:]))
    _send(signal.SIGTERM, groups=groups)
    deadline = time.monotonic() + _MOMENT_SECONDS
    while any(_exists(group) for group in groups) and time.monotonic() < deadline:
        time.sleep(0.05)
    _send(signal.SIGKILL, groups=groups)


def _send(number: signal.Signals, *, groups: Iterable[int]) -> None:
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)


def _exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    main()
