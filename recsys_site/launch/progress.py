"""Lines for the person at the terminal, each with the seconds since the start."""

from __future__ import annotations

import contextlib
import sys
import time


def seconds_since(began: float) -> str:
    return f"{time.monotonic() - began:5.1f} s"


class Progress:
    """Prints lines; goes on in silence when the terminal is gone."""

    def __init__(self, *, began: float | None = None) -> None:
        self.began = time.monotonic() if began is None else began

    def report(self, line: str) -> None:
        self.show(f"{seconds_since(self.began)}  {line}")

    def show(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()
