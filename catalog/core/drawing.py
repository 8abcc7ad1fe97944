"""Small drawings as numbers: where a line or a bar goes. Templates draw them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_WIDTH, _HEIGHT, _AIR = 240.0, 40.0, 4.0


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A stretch of a track, both in shares of its width."""

    start: float
    width: float
    kind: str = "fill"


def spark_path(
    values: Sequence[float | None], *, limit: float | None = None
) -> tuple[str, str]:
    """Return SVG paths of a line through the values and of a limit, "" for none.

    A missing value leaves a gap; a single value between gaps becomes a short dash.
    """
    known = [value for value in (*values, limit) if value is not None]
    if not known or len(values) < 2:
        return "", ""
    low, high = min(0.0, *known), max(known)
    span = (high - low) or 1.0

    def height(value: float) -> float:
        return _HEIGHT - _AIR - (value - low) / span * (_HEIGHT - 2 * _AIR)

    step = _WIDTH / (len(values) - 1)
    parts: list[str] = []
    for position, value in enumerate(values):
        if value is None:
            continue
        alone = position == 0 or values[position - 1] is None
        place = f"{position * step:.1f} {height(value):.1f}"
        parts.append(f"M{place}h.1" if alone else f"L{place}")
    level = "" if limit is None else f"M0 {height(limit):.1f}H{_WIDTH:.0f}"
    return "".join(parts), level


def mark_path(places: Sequence[int], *, n_values: int) -> str:
    """Return the SVG path of uprights at some of the values, "" for none.

    >>> mark_path([0, 2], n_values=3), mark_path([0], n_values=1)
    ('M0.0 4V40M240.0 4V40', '')
    """
    if n_values < 2:
        return ""
    step = _WIDTH / (n_values - 1)
    return "".join(f"M{place * step:.1f} {_AIR:.0f}V{_HEIGHT:.0f}" for place in places)
