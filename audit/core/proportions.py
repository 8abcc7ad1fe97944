"""Shares and how sure they are, in numbers and in words."""

from __future__ import annotations

import math

from msgspec import Struct

Z_95 = 1.959963984540054
"""A normal variable lies within so many deviations in 95 % of all cases."""

LEAST_HITS = 10
"""Of fewer clicks no share is compared."""

LEAST_TRIALS = 100


class Share(Struct, frozen=True):
    """A share with an interval that holds the true one in 95 % of all cases."""

    hits: int
    trials: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share itself."""
        return self.hits / self.trials


class Change(Struct, frozen=True):
    """How a share differs from another one, relative to that: 0.05 is 5 % more."""

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval lies on one side of no change."""
        return self.low > 0 or self.high < 0


def wilson(hits: int, trials: int) -> Share | None:
    """Return a share with its Wilson score interval (Wilson, 1927); None of nothing.

    With p = hits / trials the bounds are ::

        (p + z²/2n ± z sqrt(p (1 - p) / n + z²/4n²)) / (1 + z²/n)

    Raises
    ------
    ValueError
        If there are more hits than trials, or fewer than none.

    Examples
    --------
    >>> share = wilson(10, 100)
    >>> round(share.low, 4), round(share.high, 4)
    (0.0552, 0.1744)
    >>> wilson(0, 0) is None
    True
    """
    if not 0 <= hits <= trials:
        raise ValueError(f"{hits} of {trials} is no share")
    if not trials:
        return None
    share, z = hits / trials, Z_95
    middle = share + z * z / (2 * trials)
    spread = z * math.sqrt(share * (1 - share) / trials + (z / (2 * trials)) ** 2)
    scale = 1 + z * z / trials
    low, high = (middle - spread) / scale, (middle + spread) / scale
    # Rounding must not take the share itself out of its interval.
    return Share(hits, trials, max(min(low, share), 0.0), min(max(high, share), 1.0))


def change(after: tuple[int, int], before: tuple[int, int]) -> Change | None:
    """Return how one share differs from another; None where there is not enough data.

    Each is hits and trials. The interval is that of the ratio of two shares, normal on
    the logarithm (Katz et al., 1978) ::

        log ratio ± z sqrt(1/a - 1/m + 1/b - 1/n)

    Examples
    --------
    >>> found = change((60, 1000), (50, 1000))
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (0.2, -0.167, 0.728)
    >>> change((9, 1000), (50, 1000)) is None
    True
    """
    (hits, trials), (hits_before, trials_before) = after, before
    if min(hits, hits_before) < LEAST_HITS or min(trials, trials_before) < LEAST_TRIALS:
        return None
    ratio = (hits / trials) / (hits_before / trials_before)
    terms = (1 / hits, -1 / trials, 1 / hits_before, -1 / trials_before)
    spread = Z_95 * math.sqrt(max(sum(terms), 0.0))
    factor = math.exp(spread)
    return Change(ratio - 1, ratio / factor - 1, ratio * factor - 1)
