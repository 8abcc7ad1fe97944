"""Make the shop's users and plant their tastes."""

from __future__ import annotations

import numpy as np

from .columns import DAY_US, People
from .items import BRANDS, SHELVES, STYLES
from .segments import SEGMENTS, category_mixes

NEW_WITHIN_DAYS = 45
JOINED_WITHIN_DAYS = 700
_NEW = [segment.name for segment in SEGMENTS].index("new_users")


def make_people(rng: np.random.Generator, *, count: int, at_us: int) -> People:
    """Return `count` users, by turns of the five segments.

    Each loves one category of its segment's mix above the others and, within every
    category, one shelf, one brand and one hidden style.
    """
    segment = np.arange(count) % len(SEGMENTS)
    activity = np.array([each.activity for each in SEGMENTS])[segment]
    days = np.where(
        segment == _NEW,
        rng.uniform(1, NEW_WITHIN_DAYS, size=count),
        rng.uniform(NEW_WITHIN_DAYS, JOINED_WITHIN_DAYS, size=count),
    )
    mixes = category_mixes()
    return People(
        segment=segment.astype(np.int8),
        activity=activity * rng.lognormal(0.0, 0.5, size=count),
        joined_us=at_us - (days * DAY_US).astype(np.int64),
        favourite_category=pick(mixes[segment], rng.random(count)).astype(np.int8),
        favourite_shelf=rng.integers(SHELVES, size=(count, 8)).astype(np.int8),
        favourite_brand=rng.integers(BRANDS, size=(count, 8)).astype(np.int8),
        style=rng.integers(STYLES, size=count).astype(np.int8),
    )


def pick(shares: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Turn uniform draws, shape (n,), into columns of `shares`, shape (n, m).

    Each row of `shares` sums to 1.

    Examples
    --------
    >>> pick(np.array([[0.2, 0.8], [0.2, 0.8]]), np.array([0.1, 0.3])).tolist()
    [0, 1]
    """
    below = draws[:, None] >= np.cumsum(shares, axis=1)[:, :-1]
    return np.asarray(below.sum(axis=1))
