"""The demo shop as columns: row i of every array of a value is the same thing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Longs = NDArray[np.int64]
type Codes = NDArray[np.int8]
type Flags = NDArray[np.bool_]

DAY_US = 86_400_000_000
# Later than any event: the item has not sold out.
NEVER_US = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """What the shop sells. All arrays have shape (n,)."""

    category: Codes
    """Position in `CATEGORIES`."""

    shelf: Codes
    """Position among the category's shelves."""

    title: Longs
    """Which of the shelf's titles; beyond their number they repeat with a style."""

    brand: Codes
    """Position among the category's four brands."""

    style: Codes
    """In 0..3. Written nowhere in the catalog: only behaviour tells it."""

    weight: Floats
    """How often it is met, 1.0 for the most popular: a Zipf law."""

    price: Floats
    margin: Floats
    """Gross margin as a fraction of the price, in [0.1, 0.6]."""

    novelty: Floats
    """In [0, 1]: 1 arrived just now, 0 when the shop opened."""

    stock: Longs
    created_us: Longs
    gone_us: Longs
    """When it sold out, or `NEVER_US`."""

    def __len__(self) -> int:
        return len(self.category)


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who shops, and the tastes planted in them."""

    segment: Codes
    """Shape (n,). Position in `SEGMENTS`."""

    activity: Floats
    """Shape (n,). Relative to 1.0."""

    joined_us: Longs
    favourite_category: Codes
    favourite_shelf: Codes
    """Shape (n, 8): the best-loved shelf of each category."""

    favourite_brand: Codes
    """Shape (n, 8): the best-loved brand of each category."""

    style: Codes

    def __len__(self) -> int:
        return len(self.segment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """What some sessions did, in order of time. All arrays have shape (n,)."""

    user: Longs
    """Row of `People`."""

    item: Longs
    """Row of `Items`."""

    type: Codes
    value: Floats
    ts_us: Longs
    session: Longs
    """Counts the shop's sessions from 0."""

    def __len__(self) -> int:
        return len(self.user)
