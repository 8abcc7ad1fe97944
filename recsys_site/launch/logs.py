"""Each start of the platform begins its logs anew and keeps the ones before."""

from __future__ import annotations

from pathlib import Path

_KEPT = 3


def rotate(log: Path) -> None:
    """Move `x.log` to `x.log.1`, that to `x.log.2`, and forget the oldest."""
    for age in range(_KEPT, 0, -1):
        older = log.with_name(f"{log.name}.{age}")
        newer = log.with_name(f"{log.name}.{age - 1}") if age > 1 else log
        if newer.exists():
            newer.replace(older)
