"""How much feedback workers of this host judged: they have no port to tell it at."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from audit.core.feedback import KINDS

from . import places
from .tally import Tally

COUNTED = KINDS
LEFT_OUT = ("repeated", "late", "unknown", "elsewhere")


def read(name: str) -> int:
    """Return how much of a kind, or left out for a reason, was judged here."""
    return _tally(places.host_directory(), name).value()


def add(sums: Mapping[str, int]) -> None:
    directory = places.make_private(places.host_directory())
    for name, number in sums.items():
        _tally(directory, name).add(number)


def _tally(directory: Path, name: str) -> Tally:
    return Tally(directory / f"feedback-{name}")
