"""Where the marks of a report's charts lie, in units of their own drawing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from .forecast import Shifting
from .simulation import SegmentRow, SimulationReport

HIGH, WIDE, GAP = 64.0, 12.0, 3.0
PLOT = 400.0
_MOST_BARS = 8


class Column(Struct, frozen=True, kw_only=True):
    """One position of a histogram."""

    position: int
    count: int
    x: float
    y: float
    height: float
    width: float = WIDE


class Columns(Struct, frozen=True, kw_only=True):
    """A histogram by position."""

    columns: tuple[Column, ...]
    width: float
    height: float
    words: str


class Range(Struct, frozen=True, kw_only=True):
    """A figure with its interval, on a common scale."""

    label: str
    value: float
    low: float
    high: float
    x: float
    x_low: float
    x_high: float


class Ranges(Struct, frozen=True, kw_only=True):
    """Figures below each other, with the line of no difference."""

    rows: tuple[Range, ...]
    words: str
    """What is drawn."""

    zero: float
    width: float = PLOT


class Bar(Struct, frozen=True, kw_only=True):
    """How often something is shown, before and after, as widths."""

    label: str
    before: int
    after: int
    w_before: float
    w_after: float


def charts_of(report: SimulationReport) -> dict[str, Any]:
    """Return where the marks of all charts lie."""
    lists = report.lists
    return {
        "ranges": ranges_of(report.segments),
        "positions": columns_of(lists.movement.by_position) if lists else None,
        "brands": bars_of(lists.brands) if lists else (),
        "categories": bars_of(lists.categories) if lists else (),
    }


def columns_of(
    counts: Sequence[int], *, what: str = "Lists that change"
) -> Columns | None:
    """Return columns as high as their share of the highest; None when all are 0.

    >>> columns_of([0, 0]) is None
    True
    >>> [each.height for each in columns_of([1, 2]).columns]
    [32.0, 64.0]
    """
    most = max(counts, default=0)
    if not most:
        return None
    found = tuple(
        Column(
            position=place,
            count=count,
            x=(place - 1) * (WIDE + GAP),
            y=round(HIGH - (height := HIGH * count / most), 1),
            height=round(height, 1),
        )
        for place, count in enumerate(counts, start=1)
    )
    told = ", ".join(f"{each.position}: {each.count}" for each in found)
    return Columns(
        columns=found,
        width=len(found) * (WIDE + GAP) - GAP,
        height=HIGH,
        words=f"{what}, by position. {told}",
    )


def ranges_of(segments: Sequence[SegmentRow]) -> Ranges | None:
    """Return how far each segment is above popularity, all on one scale.

    Drawn are differences: a lift over what is nearly 0 would hide all others. Reports
    that were made before they told differences have lifts alone.
    """
    drawn = [(each.segment, each.gap, each.gap_low, each.gap_high) for each in segments]
    words = "NDCG@10 above popularity, with 95 % intervals"
    if all(gap is None for _, gap, _, _ in drawn):
        drawn = [
            (each.segment, each.ndcg_lift, each.ndcg_low, each.ndcg_high)
            for each in segments
        ]
        words = "NDCG lift over popularity, with 95 % intervals"
    known = [
        (segment, value, value if low is None else low, value if high is None else high)
        for segment, value, low, high in drawn
        if value is not None
    ]
    if not known:
        return None
    least = min(0.0, *(low for _, _, low, _ in known))
    most = max(0.0, *(high for _, _, _, high in known))
    width = (most - least) or 1.0

    def x(value: float) -> float:
        return round(PLOT * (value - least) / width, 1)

    rows = tuple(
        Range(
            label=segment,
            value=value,
            low=low,
            high=high,
            x=x(value),
            x_low=x(low),
            x_high=x(high),
        )
        for segment, value, low, high in known
    )
    return Ranges(rows=rows, words=words, zero=x(0.0))


def bars_of(shifting: Shifting) -> tuple[Bar, ...]:
    """Return who gains and loses most, on one scale, the winners first."""
    half = _MOST_BARS // 2
    shown = [*shifting.gaining[:half], *shifting.losing[:half]]
    most = max((max(each.before, each.after) for each in shown), default=0) or 1
    return tuple(
        Bar(
            label=each.title or each.key,
            before=each.before,
            after=each.after,
            w_before=round(PLOT * each.before / most, 1),
            w_after=round(PLOT * each.after / most, 1),
        )
        for each in shown
    )
