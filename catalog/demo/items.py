"""Make the shop's items: a Zipf head, prices, margins, arrivals and sell-outs."""

from __future__ import annotations

import numpy as np

from .columns import DAY_US, NEVER_US, Floats, Items, Longs
from .shelves import CATEGORIES, Shelf

ZIPF_EXPONENT = 0.85
STYLES = 4
SHELVES = 5
BRANDS = 4
SOLD_OUT_SHARE = 0.05
OPENED_DAYS_AGO = 730
# Brands of a category from the cheapest to the dearest.
_BRAND_PRICES = np.array([0.85, 1.0, 1.1, 1.35])


def make_items(rng: np.random.Generator, *, count: int, at_us: int) -> Items:
    """Return `count` items of a shop that opened two years before `at_us`.

    Categories and brands are even over the catalog; which item is popular is drawn
    without regard to either.
    """
    category = _even(rng, count=count, of=len(CATEGORIES))
    shelf = rng.integers(SHELVES, size=count)
    brand = rng.integers(BRANDS, size=count)
    title = _titles(rng, category=category, shelf=shelf)
    novelty = rng.random(count)
    created_us = at_us - ((1.0 - novelty) * OPENED_DAYS_AGO * DAY_US).astype(np.int64)
    sold_out = rng.random(count) < SOLD_OUT_SHARE
    gone_us = at_us - (rng.random(count) * 20 * DAY_US).astype(np.int64)
    return Items(
        category=category.astype(np.int8),
        shelf=shelf.astype(np.int8),
        title=title,
        brand=brand.astype(np.int8),
        style=rng.integers(STYLES, size=count).astype(np.int8),
        weight=rng.permutation(zipf(count)),
        price=_prices(rng, category=category, shelf=shelf, title=title)
        * _BRAND_PRICES[brand],
        margin=np.round(rng.uniform(0.1, 0.6, size=count), 3),
        novelty=np.round(novelty, 4),
        stock=np.where(sold_out, 0, rng.geometric(1 / 60, size=count)),
        created_us=created_us,
        gone_us=np.where(sold_out, np.maximum(gone_us, created_us), NEVER_US),
    )


def zipf(count: int) -> Floats:
    """Return the weights of a Zipf law, shape (count,), 1.0 first.

    Examples
    --------
    >>> zipf(3).round(2).tolist()
    [1.0, 0.55, 0.39]
    """
    ranks = np.arange(1, count + 1, dtype=np.float64)
    return np.asarray(ranks**-ZIPF_EXPONENT)


def shelf_of(category: int, shelf: int) -> Shelf:
    return CATEGORIES[category].shelves[shelf]


def _even(rng: np.random.Generator, *, count: int, of: int) -> Longs:
    """Return `count` codes below `of`, each as often as the next, in random order."""
    return rng.permutation(np.arange(count) % of)


def _titles(rng: np.random.Generator, *, category: Longs, shelf: Longs) -> Longs:
    """Give each item a title of its shelf, none twice while there are others."""
    titles = np.zeros(len(category), dtype=np.int64)
    for code in range(len(CATEGORIES)):
        for place in range(SHELVES):
            rows = np.flatnonzero((category == code) & (shelf == place))
            known = shelf_of(code, place).titles
            order = rng.permutation(known)
            turns, turn = np.divmod(np.arange(len(rows)), known)
            titles[rows] = order[turn] + turns * known
    return titles


def _prices(
    rng: np.random.Generator, *, category: Longs, shelf: Longs, title: Longs
) -> Floats:
    """Draw a price within what its kind may cost, cheap ones more often."""
    low, high = np.array(
        [
            [
                [(kind.cheapest, kind.dearest) for kind in each.kinds]
                for each in one.shelves
            ]
            for one in CATEGORIES
        ]
    )[category, shelf, title % 4].T
    return np.asarray(low * (high / low) ** rng.beta(1.6, 2.4, size=len(title)))


def rounded(price: float) -> float:
    """Return a price as a shop would write it.

    Examples
    --------
    >>> [rounded(price) for price in (12.61, 34.2, 118.7)]
    [12.5, 34.0, 119.0]
    """
    return round(price * 2) / 2 if price < 20 else float(round(price))
