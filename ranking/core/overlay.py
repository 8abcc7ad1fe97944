"""Small changes since a snapshot was built, as columns beside its own.

An item of the snapshot keeps its row; its new attributes stand in the overlay.
An item that the snapshot does not know gets the next row after the last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from .columns import F32, F64, I32, I64, NO_ROWS, U8, Flags
from .lexicon import Lexicon
from .snapshot import Snapshot

MAX_ITEMS = 20_000
"""Beyond this a new snapshot is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """Attribute columns of some items; row i of each column is the same item.

    They mean what they mean in :class:`~ranking.core.snapshot.Snapshot`.
    """

    brand: I32
    category: I32
    available: Flags
    stock: I32
    standing: U8
    price: F64
    margin: F32
    novelty: F32
    created_us: I64
    content: F32
    """Shape (m, d). Quantised unit-length content vectors, zero rows for none."""

    @classmethod
    def none(cls, dimension: int) -> Self:
        """Return the columns of no items, with content vectors of a length."""
        codes = np.empty(0, dtype=np.int32)
        shares = np.empty(0, dtype=np.float32)
        return cls(
            brand=codes,
            category=codes,
            available=np.empty(0, dtype=np.bool_),
            stock=codes,
            standing=np.empty(0, dtype=np.uint8),
            price=np.empty(0),
            margin=shares,
            novelty=shares,
            created_us=NO_ROWS,
            content=np.empty((0, dimension), dtype=np.float32),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """All items that changed after a snapshot, as of one change number."""

    change_number: int
    """Changes up to this one are contained."""

    rows: I64
    """Shape (m,). Ascending; a row from n on is an item new to the snapshot."""

    numbers: I64
    """Shape (m,). Item numbers."""

    ids: tuple[bytes, ...]
    """m external ids."""

    row_of_id: Mapping[bytes, int]
    row_of_number: Mapping[int, int]
    id_rank: F64
    """Shape (m,). Comparable with the snapshot's; a new id lies between two ranks."""

    tag_starts: I64
    """Shape (m + 1,)."""

    tag_codes: I32
    attributes: Attributes
    brands: Lexicon
    categories: Lexicon
    tags: Lexicon

    def __len__(self) -> int:
        return len(self.rows)

    @classmethod
    def empty(cls, snapshot: Snapshot) -> Self:
        """Return the overlay of a snapshot after which nothing changed."""
        return cls(
            change_number=snapshot.change_number,
            rows=NO_ROWS,
            numbers=NO_ROWS,
            ids=(),
            row_of_id={},
            row_of_number={},
            id_rank=np.empty(0),
            tag_starts=np.zeros(1, dtype=np.int64),
            tag_codes=np.empty(0, dtype=np.int32),
            attributes=Attributes.none(snapshot.content.dimension),
            brands=Lexicon(snapshot.brands),
            categories=Lexicon(snapshot.categories),
            tags=Lexicon(snapshot.tags),
        )
