"""Whether what a published proposal brings is what its evidence promised."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum
from statistics import NormalDist
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from audit.core.proportions import LEAST_HITS, LEAST_TRIALS, Z_95, Change

type I64 = NDArray[np.int64]

WATCH_DAYS = 7
"""Whole weeks before and after, so that each weekday is compared with itself."""

WATCHED = ("ctr", "conversion")
MARGIN = 0.05
"""Nearer to its forecast than this part of it no figure is called parted."""

_LOOKS = WATCH_DAYS * len(WATCHED)
_Z_OF_LOOKS = NormalDist().inv_cdf(1 - 0.05 / (2 * _LOOKS))
_PROMISED_BY = ("precision@10", "hit_rate@10", "recall@20", "ndcg@10")


class Standing(StrEnum):
    """How a live figure stands to its forecast."""

    TOO_EARLY = "too_early"
    NOT_ENOUGH = "not_enough_data"
    NO_FORECAST = "no_forecast"
    TOGETHER = "as_forecast"
    BELOW = "below_forecast"
    ABOVE = "above_forecast"


PARTED = (Standing.BELOW, Standing.ABOVE)


class Tallies(Struct, frozen=True):
    """What was shown in some hours, and how much of it was clicked or bought."""

    hits: I64
    """Shape (h,), by hour."""

    trials: I64
    """Shape (h,). Never fewer than the hits of the same hour."""

    @property
    def total(self) -> tuple[int, int]:
        """Hits and trials of all hours."""
        return int(self.hits.sum()), int(self.trials.sum())


class Forecast(Struct, frozen=True, kw_only=True):
    """What evidence said of the change that users would make of a proposal."""

    metric: str
    change: Change


def forecast_of(evidence: Mapping[str, Any]) -> Forecast | None:
    """Return what evidence promises of shares of what is shown.

    Precision counts, of the items in a list, those that the user chose: the same as a
    click rate. Evidence without it is read by the nearest figure that it has.
    """
    lifts = evidence.get("lifts") or {}
    for metric in _PROMISED_BY:
        told = (lifts.get(metric) or {}).get("relative") or {}
        value, low, high = (told.get(name) for name in ("value", "low", "high"))
        # The interval of a lift over nothing is not there.
        if value is not None and low is not None and high is not None and low > -1:
            return Forecast(metric=metric, change=Change(value, low, high))
    return None


def dispersion(side: Tallies) -> float:
    """Return by how much hours differ more than independent trials would, at least 1.

    Pearson's statistic over its degrees of freedom (McCullagh and Nelder, 1989, 4.5):
    clicks of one person, one page or one evening are not independent, and an interval
    that takes them so is too narrow.

    Examples
    --------
    >>> dispersion(Tallies(np.array([5, 5]), np.array([50, 50])))
    1.0
    >>> round(dispersion(Tallies(np.array([0, 20]), np.array([100, 100]))), 3)
    22.222
    """
    counted = side.trials > 0
    hits, trials = side.hits[counted], side.trials[counted]
    if len(trials) < 2:
        return 1.0
    share = hits.sum() / trials.sum()
    if not 0 < share < 1:
        return 1.0
    squares = (hits - trials * share) ** 2 / (trials * share * (1 - share))
    return max(float(squares.sum()) / (len(trials) - 1), 1.0)


def live_change(after: Tallies, before: Tallies) -> tuple[float, float] | None:
    """Return the logarithm of the ratio of two shares and its deviation.

    That of Katz et al. (1978), each side's part widened by its dispersion. None where
    there is not enough data.

    Examples
    --------
    >>> one = Tallies(np.array([60]), np.array([1000]))
    >>> other = Tallies(np.array([50]), np.array([1000]))
    >>> [round(each, 3) for each in live_change(one, other)]
    [0.182, 0.186]
    >>> live_change(Tallies(np.array([9]), np.array([1000])), other) is None
    True
    """
    sides = [(side.total, dispersion(side)) for side in (after, before)]
    if any(hits < LEAST_HITS or trials < LEAST_TRIALS for (hits, trials), _ in sides):
        return None
    (hits, trials), (hits_before, trials_before) = (total for total, _ in sides)
    variance = sum(
        wide * max(1 / found - 1 / shown, 0.0) for (found, shown), wide in sides
    )
    ratio = (hits / trials) / (hits_before / trials_before)
    return math.log(ratio), math.sqrt(variance)


class Watched(Struct, frozen=True, kw_only=True):
    """One live figure beside its forecast."""

    figure: str
    days: int
    """Of so many days after publication, and of as many a week before."""

    standing: Standing
    before: tuple[int, int] = (0, 0)
    """Hits, and what was shown."""

    after: tuple[int, int] = (0, 0)
    change: Change | None = None
    """Relative, with a 95 % interval."""

    forecast: Forecast | None = None
    gap: Change | None = None
    """Of the live ratio to the promised one; its interval holds for all looks."""


def watch(
    figure: str,
    *,
    days: int,
    after: Tallies,
    before: Tallies,
    forecast: Forecast | None,
) -> Watched:
    """Compare a live figure with what was promised of it.

    Live and promised ratio are compared as logarithms, the forecast's deviation taken
    from its 95 % interval. The gap's interval is as wide as is needed for none of all
    looks to part by chance more than once in twenty watches (Bonferroni): a look a day
    and figure. What lies within ``MARGIN`` of the forecast is not parted however sure
    it is.

    Parameters
    ----------
    figure : str
    days : int
        Whole days that can be judged by now.
    after, before : Tallies
    forecast : Forecast or None
    """
    told: dict[str, Any] = {
        "figure": figure,
        "days": days,
        "before": before.total,
        "after": after.total,
        "forecast": forecast,
    }
    if days < 1:
        return Watched(standing=Standing.TOO_EARLY, **told)
    live = live_change(after, before)
    if live is None:
        return Watched(standing=Standing.NOT_ENOUGH, **told)
    told["change"] = _change(*live, z=Z_95)
    if forecast is None:
        return Watched(standing=Standing.NO_FORECAST, **told)
    promised, wide = _logarithm(forecast.change)
    gap = _change(live[0] - promised, math.hypot(live[1], wide), z=_Z_OF_LOOKS)
    return Watched(standing=_standing(gap), gap=gap, **told)


def _standing(gap: Change) -> Standing:
    if gap.high < -MARGIN:
        return Standing.BELOW
    return Standing.ABOVE if gap.low > MARGIN else Standing.TOGETHER


def _logarithm(change: Change) -> tuple[float, float]:
    low, high = math.log1p(change.low), math.log1p(change.high)
    return math.log1p(change.value), max(high - low, 0.0) / (2 * Z_95)


def _change(logarithm: float, deviation: float, *, z: float) -> Change:
    low, high = logarithm - z * deviation, logarithm + z * deviation
    return Change(*(math.expm1(each) for each in (logarithm, low, high)))


_TITLES = {"ctr": "Click rate", "conversion": "Conversion"}
_SAID = {
    Standing.TOO_EARLY: "no whole day is counted yet",
    Standing.NOT_ENOUGH: f"not enough data: {LEAST_HITS} clicks or purchases and"
    f" {LEAST_TRIALS} items shown are needed on both sides",
    Standing.NO_FORECAST: "the evidence holds no forecast of it",
    Standing.TOGETHER: "they do not part",
    Standing.BELOW: "clearly less than forecast",
    Standing.ABOVE: "clearly more than forecast",
}


def title_of(watched: Watched) -> str:
    """Return the name of a figure."""
    return _TITLES[watched.figure]


def stands(watched: Watched) -> str:
    """Say in a few words how a figure stands.

    >>> stands(Watched(figure="ctr", days=0, standing=Standing.TOO_EARLY))
    'no whole day is counted yet'
    """
    return _SAID[watched.standing]


def sentence_of(watched: Watched) -> str:
    """Say how a figure stands to its forecast.

    >>> sentence_of(Watched(figure="ctr", days=0, standing=Standing.TOO_EARLY))
    'Click rate: no whole day is counted yet.'
    """
    parts = [_TITLES[watched.figure]]
    if watched.change is not None:
        parts.append(f" {_range(watched.change)} in {_days(watched.days)}")
        if watched.forecast is not None:
            parts.append(f", forecast {_range(watched.forecast.change)}")
    return f"{''.join(parts)}: {stands(watched)}."


def _range(change: Change) -> str:
    return f"{change.value:+.1%} ({change.low:+.1%} to {change.high:+.1%})"


def _days(days: int) -> str:
    return f"{days} day{'' if days == 1 else 's'}"


def worst_of(figures: Sequence[Watched]) -> Standing:
    """Return what a whole watch says: parted if any figure is, the lower first.

    >>> early = Watched(figure="ctr", days=0, standing=Standing.TOO_EARLY)
    >>> worst_of([early]).value
    'too_early'
    """
    order = (
        *PARTED,
        Standing.TOGETHER,
        Standing.NO_FORECAST,
        Standing.NOT_ENOUGH,
        Standing.TOO_EARLY,
    )
    found = {each.standing for each in figures}
    return next(each for each in order if each in found)
