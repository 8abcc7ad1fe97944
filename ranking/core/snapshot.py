"""What serving knows about a namespace: immutable columns, built in bulk.

Row ``i`` of every item column is the same item; rows are in ascending order
of the item's number. A column of a signal that was not built has length 0.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .columns import F32, F64, I32, I64, U8, Blob, Flags, Sparse, WordLists, Words
from .vectors import Vectors

PATH_SEPARATOR = "\x1f"
"""Stands between the steps of a category path in ``Snapshot.categories``."""

NO_CODE = -1
"""Stands in code columns for "has none"."""

NOT_MANAGED = -1
"""Stands in ``stock`` for an item whose stock is not counted."""

STANDS, UNAVAILABLE, OUT_OF_STOCK = range(3)
UNLISTED = 10
"""What ``standing`` says of an item; the numbers of its reasons to be dropped."""


def standing_of(available: Flags, stock: I32) -> U8:
    """Say of each item whether anybody may be shown it at all.

    >>> standing_of(np.array([True, True, False]), np.array([-1, 0, 0])).tolist()
    [0, 2, 1]
    """
    sold_out = np.where(stock == 0, np.uint8(OUT_OF_STOCK), np.uint8(STANDS))
    return np.where(available, sold_out, np.uint8(UNAVAILABLE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All columns of one namespace as of one moment."""

    content_hash: bytes
    """SHA-256 of the packed file; equal hashes hold equal columns."""

    as_of_us: int
    """Moment up to which events count, in microseconds since 1970."""

    change_number: int
    """The namespace's last change that the item columns contain."""

    last_event_id: int
    """The last event that the signals contain."""

    manifest: Mapping[str, Any]
    """Knobs, seeds and counts of the build, for people."""

    numbers: I64
    """Shape (n,). Ascending, without repeats."""

    ids: Blob
    """n external ids, in row order."""

    id_rank: I32
    """Shape (n,). Place of the row's id among all ids in UTF-8 byte order."""

    id_order: I32
    """Shape (n,). Rows in UTF-8 byte order of their ids."""

    brands: Words
    brand: I32
    """Shape (n,). Code in ``brands``, -1 for none."""

    categories: Words
    """Full paths, steps joined by ``PATH_SEPARATOR``; every ancestor is a word."""

    category: I32
    """Shape (n,). Code of the item's whole path in ``categories``, -1 for none."""

    category_parent: I32
    """Shape (c,). Code of the path without its last step, -1 at the top."""

    tags: Words
    """Lower case."""

    tag_starts: I64
    """Shape (n + 1,). The tags of row i are ``tag_codes[tag_starts[i]:…[i + 1]]``."""

    tag_codes: I32
    """Shape (number of tags on items,). Ascending within an item, no repeats."""

    available: Flags
    """Shape (n,). False also for items that are not listed (any more)."""

    stock: I32
    """Shape (n,). Pieces, -1 when stock is not managed."""

    standing: U8
    """Shape (n,). What :func:`standing_of` says of both."""

    price: F64
    """Shape (n,). In the namespace's currency, NaN when unknown."""

    margin: F32
    """Shape (n,). Fraction of the price, NaN when unknown."""

    novelty: F32
    """Shape (n,). In [0, 1], NaN when unknown."""

    created_us: I64
    """Shape (n,). Microseconds since 1970."""

    long_tail: Flags
    """Shape (n,)."""

    popularity: F64
    """Shape (n,). Decayed weight of the item's events, at least 0."""

    popularity_order: I32
    """Shape (n,). All rows, most popular first, ties by id."""

    category_order_starts: I64
    """Shape (c + 1,). Where each category starts in ``category_order``."""

    category_order: I32
    """Rows of each category (own members only), most popular first, ties by id."""

    tag_order_starts: I64
    """Shape (t + 1,). Where each tag starts in ``tag_order``."""

    tag_order: I32
    """Rows that carry each tag, most popular first, ties by id."""

    segment_names: Words
    segment_popularity: Sparse
    """Row = code in ``segment_names``: decayed weight among its users."""

    covisitation: Sparse
    """Row = item: its neighbours, at most 100, scores above 0."""

    session: Sparse
    """Row = item: what is looked at next within a session."""

    ease: Sparse
    """Row = history item: its weights (EASE-R), at most 200."""

    factors: Vectors
    """Item factors of iALS, quantised."""

    factor_gram: F64
    """Shape (d, d). ``Y.T @ Y + regularization * I`` of the trained model."""

    factor_alpha: float
    """Confidence of iALS: an interaction of weight w counts ``1 + alpha * w``."""

    content: Vectors
    """Unit-length content vectors, quantised (:func:`~ranking.core.vectors.quantised`).

    A zero row is an item without any.
    """

    users: I64
    """Shape (u,). Ascending numbers of the users in ``repeat`` and ``bought``."""

    repeat: Sparse
    """Row = position in ``users``: own decayed interactions, at most 200."""

    bought: Sparse
    """Row = position in ``users``: day of the last purchase, days since 1970."""

    trend: F32 = field(default_factory=lambda: np.empty(0, dtype=np.float32))
    """Shape (n,), or (0,) of a build without it. In [0, 1): how much of an item's
    interest is of late, 0 for an item without any."""

    props: WordLists = field(default_factory=WordLists.none)
    """``name=value`` of the properties that rules name, lower case."""

    def __len__(self) -> int:
        return len(self.numbers)

    def rows_of_numbers(self, numbers: I64) -> I64:
        """Return the rows of item numbers, -1 for those not in here.

        Parameters
        ----------
        numbers : array of shape (m,)

        Returns
        -------
        rows : array of shape (m,)
        """
        if not len(self.numbers):
            return np.full(len(numbers), -1, dtype=np.int64)
        places = np.searchsorted(self.numbers, numbers)
        places[places == len(self.numbers)] = 0
        return np.where(self.numbers[places] == numbers, places, -1)

    def row_of_id(self, item_id: bytes) -> int:
        """Return the row of an external id, -1 when it is not in here."""
        place = self.place_of_id(item_id)
        if place == len(self):
            return -1
        row = int(self.id_order[place])
        return row if self.ids.at(row) == item_id else -1

    def place_of_id(self, item_id: bytes) -> int:
        """Return how many ids lie before one in UTF-8 byte order."""
        return bisect_left(
            range(len(self)),
            item_id,
            key=lambda place: self.ids.at(int(self.id_order[place])),
        )

    def row_of_user(self, user_number: int | None) -> int:
        """Return the position of a user in ``users``, -1 when not in here."""
        if user_number is None:
            return -1
        place = int(np.searchsorted(self.users, user_number))
        found = place < len(self.users) and self.users[place] == user_number
        return place if found else -1
