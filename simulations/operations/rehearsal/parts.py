"""A stretch of a Run's progress, for work that counts from 0 to 1 itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.operations.runs import RunHandle


@dataclass(frozen=True, slots=True)
class Part:
    """Tells a Run's handle how much of the whole is done."""

    whole: RunHandle
    begins: float
    ends: float

    def progress(self, fraction: float, doing: str = "") -> None:
        width = self.ends - self.begins
        self.whole.progress(self.begins + width * fraction, doing)

    def checkpoint(self, place: Mapping[str, Any]) -> None:
        self.whole.checkpoint(place)

    def check_cancelled(self) -> None:
        self.whole.check_cancelled()
