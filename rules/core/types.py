"""Rules as the ranking sees them, and what came of them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from .groups import Groups

type Flags = NDArray[np.bool_]
type I64 = NDArray[np.int64]
type Rows = NDArray[np.int64]
type Scores = NDArray[np.float64]


PATH_SEPARATOR = "\x1f"
"""Stands between the steps of a category in a catalog's dictionary."""


class Candidates(Protocol):
    """What rules may look at; row i of every column is the same item."""

    def __len__(self) -> int: ...

    @property
    def rows(self) -> Rows:
        """Shape (n,). Rows of the catalog."""

    @property
    def id_rank(self) -> NDArray[Any]:
        """Shape (n,). Decides ties of score: the lower goes first."""

    @property
    def long_tail(self) -> Flags:
        """Shape (n,)."""

    def attribute(self, name: str) -> NDArray[Any]:
        """Return an item column by its name, such as ``brand``. Shape (n,)."""

    def tags(self) -> tuple[NDArray[np.int32], Rows]:
        """Return the tags as pairs of code and place among the candidates."""

    def props(self) -> tuple[NDArray[np.int32], Rows]:
        """Return the properties as :meth:`tags` returns the tags."""


class Catalog(Protocol):
    """The dictionaries by which rules find items: a base, and what changed since."""

    @property
    def base(self) -> Hashable:
        """Names the base: equal names, equal dictionaries."""

    @property
    def brand_prefixes(self) -> tuple[str, ...]:
        """Beginnings of tags that name a brand, such as ``brand:``."""

    @property
    def category_prefixes(self) -> tuple[str, ...]:
        """Beginnings of tags that name a category."""

    def rows_of_ids(self, ids: Sequence[str]) -> Rows:
        """Return the rows of item ids in the base, -1 for unknown ones."""

    def codes_of_tags(self, tags: Sequence[str]) -> Rows:
        """Return the codes of tags in the base, -1 for unknown ones."""

    def words(self, dictionary: str) -> Mapping[str, Sequence[int]]:
        """Return the codes of each word of the base in lower case.

        ``brand``, ``category``: a path, its steps joined by :data:`PATH_SEPARATOR`;
        or ``tag``.
        """

    def prop_words(self, name: str) -> Mapping[str, int]:
        """Return the code of each value of a property, in lower case."""

    def below(self) -> Mapping[str, Sequence[int]]:
        """Return the codes of each category and all below it, in the base."""

    def row_of_new_id(self, item_id: str) -> int:
        """Return the row of an item that is not in the base, -1 for unknown ones."""

    def new_words(self, dictionary: str) -> Mapping[str, int]:
        """Return the words that are not in the base, as written, with their codes."""


class RuleSet(Struct, frozen=True):
    """The rules of one surface, asked at one instant of the wall clock."""

    groups: Groups | None
    at_us: int = 0

    def __len__(self) -> int:
        return 0 if self.groups is None else len(self.groups.rules)

    @classmethod
    def empty(cls) -> RuleSet:
        """Return the rules of a shop that has none."""
        return NO_RULES


NO_RULES = RuleSet(None)


class Hits(Struct, frozen=True):
    """Which candidates belong to which groups: pairs without repeats, in any order."""

    places: I64
    """Shape (h,). Candidates."""

    groups: I64
    """Shape (h,)."""

    def of(self, flags: Flags) -> I64:
        """Return the candidates of the groups for which a flag is set."""
        return self.places[flags.take(self.groups)]

    def of_places(self, flags: Flags) -> I64:
        """Return the groups of the candidates for which a flag is set."""
        return self.groups[flags.take(self.places)]

    def where(self, which: Flags) -> Hits:
        """Return some of the pairs."""
        return Hits(self.places[which], self.groups[which])


NO_HITS = Hits(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


class Outcome(Struct, frozen=True, kw_only=True):
    """Candidates after BLOCK, FILTER, BOOST and BURY."""

    scores: Scores
    """Shape (n,)."""

    visible: Flags
    """Shape (n,). False where a rule hides the candidate."""

    counts: Mapping[str, int] = {}
    """Policy counts by their names in the answer, where they are not 0."""

    ruled: Ruled | None = None
    """How it came about; None when no rule was asked."""


class Ruled(Struct, frozen=True, kw_only=True):
    """What each rule met, to be told in any detail afterwards."""

    groups: Groups
    hits: Hits
    """Of open gates."""

    held: Hits
    """Of gates that are shut for this user alone, who is held out."""

    before: Scores
    """Shape (n,). Scores before the rules."""

    floor: float
    """The last score that would have been shown."""

    blocked: Flags
    """Shape (n,)."""

    filtered: Flags
    """Shape (n,). Hidden because a FILTER asks for others."""

    touched: Flags
    """Shape (n,). Met by a BOOST or BURY."""


class Unpinned(Struct, frozen=True):
    """A pin that is not on the page, and why."""

    rule: int
    """Place in ``Groups.rules``."""

    item_id: str | None
    """None: the pin does not name items."""

    reason: str
    position: int | None = None
    """Where it was to stand."""

    winner: int | None = None
    """The rule that has its place or its item."""


class Pins(Struct, frozen=True, kw_only=True):
    """Items that have a fixed place on the page, in order of their places."""

    rows: Rows
    """Shape (p,). Rows of the catalog."""

    positions: Rows
    """Shape (p,). Which candidates; -1 for one that is none yet."""

    slots: Rows
    """Shape (p,). Place of each on the page, from 1, without repeats, ascending."""

    rules: I64
    """Shape (p,). Places in ``Groups.rules``."""

    wanted: Rows
    """Shape (p,). The place that the rule asked for, 0 for any."""

    unpinned: tuple[Unpinned, ...] = ()

    def __len__(self) -> int:
        return len(self.slots)

    @classmethod
    def none(cls) -> Pins:
        """Return the pins of a page that has none."""
        return NO_PINS


_NOTHING: Rows = np.empty(0, dtype=np.int64)
NO_PINS = Pins(
    rows=_NOTHING, positions=_NOTHING, slots=_NOTHING, rules=_NOTHING, wanted=_NOTHING
)
