"""A bar that shows how far a command is, where somebody can see it."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self, TextIO

_WIDTH = 30


class Bar:
    """Draws over itself on a terminal and is silent elsewhere."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self.is_seen = self._stream.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.is_seen:
            self._stream.write("\r\033[K")
            self._stream.flush()

    def show(self, fraction: float, doing: str = "") -> None:
        if not self.is_seen:
            return
        filled = round(fraction * _WIDTH)
        bar = "█" * filled + "·" * (_WIDTH - filled)
        self._stream.write(f"\r\033[K{bar} {fraction:4.0%} {doing}")
        self._stream.flush()
