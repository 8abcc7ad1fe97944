"""When a shop is busy: it grows, and it has weekends, evenings and quiet nights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .columns import DAY_US, Floats, Longs

_HOUR_US = DAY_US // 24
# Visits by hour of the day in UTC, relative to each other.
_HOURS = np.array(
    [
        4,
        2,
        1,
        1,
        1,
        2,
        5,
        10,
        14,
        16,
        17,
        18,
        20,
        19,
        17,
        16,
        16,
        18,
        22,
        27,
        30,
        26,
        17,
        9,
    ]
)
_WEEKEND = 1.3
# The busiest end over the quietest beginning.
_GROWTH = 1.6
# 1970-01-01 was a Thursday.
_FIRST_WEEKDAY = 3


@dataclass(frozen=True, slots=True)
class Calendar:
    """Hours from the window's opening on, with the share of visits before each."""

    opens_us: int
    shares: Floats
    """Shape (hours + 1,). Rises from 0 to 1."""

    @classmethod
    def over(cls, *, days: int, at_us: int) -> Calendar:
        """Return the calendar of the `days` before `at_us`."""
        opens_us = at_us - days * DAY_US
        hours = np.arange(days * 24)
        clock = (opens_us + hours * _HOUR_US) // _HOUR_US
        weekday = (clock // 24 + _FIRST_WEEKDAY) % 7
        busy = _HOURS[clock % 24] * np.where(weekday >= 5, _WEEKEND, 1.0)
        busy = busy * np.linspace(1.0, _GROWTH, len(hours))
        shares = np.concatenate([[0.0], np.cumsum(busy)])
        return cls(opens_us, shares / shares[-1])

    def moments(
        self, rng: np.random.Generator, *, count: int, within: tuple[float, float]
    ) -> Longs:
        """Draw moments in order, between two shares of all visits."""
        drawn = np.sort(rng.uniform(*within, size=count))
        hours = np.interp(drawn, self.shares, np.arange(len(self.shares)))
        return self.opens_us + (hours * _HOUR_US).astype(np.int64)
