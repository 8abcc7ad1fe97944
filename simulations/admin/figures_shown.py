"""Figures, their intervals and their differences, as pages write and draw them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.admin.page import Chip
from simulations.core.bootstrap import Figure

BETTER = Chip(words="Better", icon="check", kind="good")
WORSE = Chip(words="Worse", icon="warning", kind="bad")
UNCLEAR = Chip(words="No clear difference", icon="info")
NOT_JUDGED = Chip(words="Not computed", icon="help")
NOT_BETTER = Chip(words="What is shown", icon="info")
"""Of measures that are neither good nor bad."""

_MORE_IS_BETTER = ("ndcg", "mrr", "recall", "hit_rate", "precision", "map", "auc")

_WIDTH, _EDGE = 120.0, 4.0


@dataclass(frozen=True, kw_only=True)
class Whisker:
    """An interval drawn on a line, in the units of a drawing 120 wide."""

    low: float
    value: float
    high: float
    zero: float | None
    words: str


def is_better_above(metric: str) -> bool:
    """Tell whether more of a measure is better.

    >>> is_better_above("ndcg@10"), is_better_above("novelty@10")
    (True, False)
    """
    return metric.partition("@")[0] in _MORE_IS_BETTER


def gap_chip(gap: Figure | None) -> Chip:
    """Judge a difference by its interval: sure only where that leaves out 0."""
    if gap is None or gap.value is None or gap.low is None or gap.high is None:
        return NOT_JUDGED
    if gap.low <= 0 <= gap.high:
        return UNCLEAR
    return BETTER if gap.value > 0 else WORSE


def whisker(gaps: Sequence[Figure], place: int) -> Whisker | None:
    """Return one of several intervals, drawn on the scale of all of them and 0."""
    known = [each for each in gaps if each.low is not None and each.high is not None]
    if not known or not 0 <= place < len(gaps):
        return None
    figure = gaps[place]
    if figure.value is None or figure.low is None or figure.high is None:
        return None
    low = min(0.0, *(each.low or 0.0 for each in known))
    high = max(0.0, *(each.high or 0.0 for each in known))
    span = (high - low) or 1.0

    def x(value: float) -> float:
        return round(_EDGE + (value - low) / span * (_WIDTH - 2 * _EDGE), 1)

    return Whisker(
        low=x(figure.low),
        value=x(figure.value),
        high=x(figure.high),
        zero=x(0.0),
        words=f"{figure.value:+.4f}, 95 % interval {figure.low:+.4f} to"
        f" {figure.high:+.4f}",
    )


def value_words(figure: Figure | None) -> str:
    return short_words(None if figure is None else figure.value)


def short_words(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def interval_words(figure: Figure | None) -> str:
    if figure is None or figure.low is None or figure.high is None:
        return "not computed"
    return f"{figure.low:.4f} to {figure.high:.4f}"


def with_interval(figure: Figure | None) -> str:
    if figure is None or figure.value is None:
        return "–"
    return f"{figure.value:.4f} ({interval_words(figure)})"


def gap_words(gap: Figure | None, relative: Figure | None = None) -> str:
    """Write a difference with its sign, and what share that is where it is known."""
    if gap is None or gap.value is None:
        return "–"
    told = f"{gap.value:+.4f}"
    if relative is not None and relative.value is not None:
        told += f" ({relative.value:+.0%})"
    return told.replace("-", "−")
