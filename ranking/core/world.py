"""A snapshot and the overlay upon it, read as one."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from .columns import F32, I32, I64, Flags, Rows, positions_in_lists
from .lexicon import Lexicon
from .overlay import Overlay
from .snapshot import Snapshot

MOST_DERIVED = 1_000
"""Callers choose limits and segments, so what is remembered has one as well."""


@dataclass(frozen=True, slots=True)
class World:
    """All items that a request may meet, each in one row.

    Rows below ``len(snapshot)`` are the snapshot's, later ones are new items.
    """

    snapshot: Snapshot
    overlay: Overlay
    derived: dict[Hashable, Any] = field(
        default_factory=dict, compare=False, repr=False
    )
    """What :meth:`derive` remembers."""

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self:
        """Return the world of a snapshot after which nothing changed."""
        return cls(snapshot, Overlay.empty(snapshot))

    def __len__(self) -> int:
        return len(self.snapshot) + self.n_new

    @property
    def n_new(self) -> int:
        """Number of items that the snapshot does not know."""
        rows = self.overlay.rows
        return (
            len(rows) - int(rows.searchsorted(len(self.snapshot))) if len(rows) else 0
        )

    @property
    def brands(self) -> Lexicon:
        """The dictionary of brands."""
        return self.overlay.brands

    @property
    def categories(self) -> Lexicon:
        """The dictionary of category paths."""
        return self.overlay.categories

    @property
    def tags(self) -> Lexicon:
        """The dictionary of tags, lower case."""
        return self.overlay.tags

    @property
    def has_content(self) -> bool:
        """Whether any item has a content vector."""
        return len(self.snapshot.content) > 0 or len(self.overlay) > 0

    def derive[T](self, name: Hashable, work_out: Callable[[], T]) -> T:
        """Return what depends on this world alone, worked out once.

        Parameters
        ----------
        name : hashable
            Names everything else that the value depends on.
        work_out : callable
            Not to return None.
        """
        known: T | None = self.derived.get(name)
        if known is None:
            known = work_out()
            if len(self.derived) >= MOST_DERIVED:
                self.derived.clear()
            self.derived[name] = known
        return known

    def rows_of_numbers(self, numbers: I64) -> Rows:
        """Return the rows of item numbers, -1 for unknown ones. Shape (m,)."""
        rows = self.snapshot.rows_of_numbers(numbers)
        newcomers = self.overlay.row_of_number
        if newcomers:
            for place in np.flatnonzero(rows < 0).tolist():
                rows[place] = newcomers.get(int(numbers[place]), -1)
        return rows

    def row_of_id(self, item_id: str) -> int:
        """Return the row of an external id, -1 for an unknown one."""
        key = item_id.encode()
        row = self.overlay.row_of_id.get(key)
        return self.snapshot.row_of_id(key) if row is None else row

    def rows_of_ids(self, item_ids: tuple[str, ...]) -> Rows:
        """Return the rows of external ids, -1 for unknown ones. Shape (m,)."""
        rows = [self.row_of_id(item_id) for item_id in item_ids]
        return np.array(rows, dtype=np.int64)

    def item_id(self, row: int) -> str:
        """Return the external id of a row."""
        if row < len(self.snapshot):
            return self.snapshot.ids.text(row)
        return self.overlay.ids[self._place(row)].decode()

    def _place(self, row: int) -> int:
        return int(np.searchsorted(self.overlay.rows, row))

    def select(self, rows: Rows) -> Selection:
        """Return columns of some rows.

        Parameters
        ----------
        rows : array of shape (m,)
            In ``[0, len(self))``, in any order.
        """
        changed = self.overlay.rows
        if not len(changed):
            return Selection(self, rows, rows, None, None)
        places = changed.searchsorted(rows)
        places[places == len(changed)] = 0
        hit = (changed.take(places) == rows).nonzero()[0]
        if not len(hit):
            return Selection(self, rows, rows, None, None)
        known = np.where(rows < len(self.snapshot), rows, -1)
        return Selection(self, rows, known, hit, places[hit])


class Selection(Struct, frozen=True):
    """Some rows of a world, from which columns are taken as they are needed.

    Every column has shape (m,), in the order of ``rows``.
    """

    world: World
    rows: Rows
    known: Rows
    """Rows of the snapshot, -1 for new items."""

    hit: Rows | None
    """Which of the rows the overlay holds; None for none of them."""

    places: Rows | None
    """Where the overlay holds them."""

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def has_changes(self) -> bool:
        """Whether the overlay holds any of the rows."""
        return self.hit is not None

    def signal[T: np.generic](self, column: NDArray[T]) -> NDArray[T]:
        """Take a column that only builds make: 0 for new items."""
        if not len(column):
            return np.zeros(len(self.rows), dtype=column.dtype)
        values = column.take(self.known)
        if self.hit is not None:
            values[self.known < 0] = 0
        return values

    def attribute(self, name: str) -> NDArray[Any]:
        """Take a column that an overlay may change."""
        column: NDArray[Any] = getattr(self.world.snapshot, name)
        if not len(column):
            column = np.zeros(1, dtype=column.dtype)
        values: NDArray[Any] = column.take(self.known)
        if self.hit is not None:
            values[self.hit] = getattr(self.world.overlay.attributes, name)[self.places]
        return values

    @property
    def numbers(self) -> I64:
        """Item numbers."""
        numbers = self.signal(self.world.snapshot.numbers)
        if self.hit is not None:
            numbers[self.hit] = self.world.overlay.numbers[self.places]
        return numbers

    @property
    def id_rank(self) -> NDArray[Any]:
        """Order of the external ids, in UTF-8 bytes; only comparisons mean anything."""
        ranks = self.signal(self.world.snapshot.id_rank)
        if self.hit is None:
            return ranks
        mended = ranks.astype(np.float64)
        mended[self.hit] = self.world.overlay.id_rank[self.places]
        return mended

    @property
    def long_tail(self) -> Flags:
        """Whether items are rarely wanted; new ones are."""
        flags = self.signal(self.world.snapshot.long_tail)
        if self.hit is not None:
            flags[self.known < 0] = True
        return flags

    @property
    def content(self) -> F32:
        """Content vectors, shape (m, d)."""
        vectors = self.world.snapshot.content.of(np.maximum(self.known, 0))
        if self.hit is not None:
            vectors[self.hit] = self.world.overlay.attributes.content[self.places]
        return vectors

    def props(self) -> tuple[I32, Rows]:
        """Return the properties of the rows as pairs, as :meth:`tags` does.

        They are those of the last build: of new items nothing is known yet.
        """
        props = self.world.snapshot.props
        if not len(props.codes):
            return props.codes, self.known[:0]
        built = (self.known >= 0).nonzero()[0]
        positions, owner = positions_in_lists(props.starts, self.known.take(built))
        return props.codes.take(positions), built.take(owner)

    def tags(self) -> tuple[I32, Rows]:
        """Return the tags of the rows as pairs.

        Returns
        -------
        codes : array of shape (p,)
            Tag codes.
        owner : array of shape (p,)
            Which of the rows carries each, not in order when an overlay holds some.
        """
        snapshot, overlay = self.world.snapshot, self.world.overlay
        if self.hit is None or self.places is None:
            positions, owner = positions_in_lists(snapshot.tag_starts, self.known)
            return snapshot.tag_codes.take(positions), owner
        unchanged = np.ones(len(self.rows), dtype=np.bool_)
        unchanged[self.hit] = False
        old = np.flatnonzero(unchanged)
        positions, owner = positions_in_lists(snapshot.tag_starts, self.known[old])
        new_positions, new_owner = positions_in_lists(overlay.tag_starts, self.places)
        codes = (snapshot.tag_codes[positions], overlay.tag_codes[new_positions])
        owners = (old[owner], self.hit[new_owner])
        return np.concatenate(codes), np.concatenate(owners)
