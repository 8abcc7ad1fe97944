"""Where the groups of rules are found in a catalog, by item, brand, category, tag.

Matching looks up what the candidates have, not what the rules name, so it does
not become slower with rules that match nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from .groups import Groups
from .item_conditions import Node, WordTest
from .item_tests import ItemTests, marks
from .lists import spread
from .lookup import TABLE_OF_FIELD, Found, Pairs, Table, find
from .types import NO_HITS, Candidates, Catalog, Hits

type Flags = NDArray[np.bool_]
type I64 = NDArray[np.int64]


class Lists(Struct, frozen=True, eq=False):
    """Groups by code, or by row."""

    codes: I64
    """Shape (c,). Ascending, without repeats."""

    slots: NDArray[np.int32] | None
    """Place in ``codes``, from 1, of each code one further; None: search for it."""

    starts: I64
    """Shape (c + 1,). Code i has ``groups[starts[i]:starts[i + 1]]``."""

    groups: I64

    @property
    def is_single(self) -> bool:
        """Whether there is one group by each code."""
        return len(self.groups) == len(self.codes)

    def hits(self, codes: NDArray[Any]) -> tuple[I64, I64]:
        """Return pairs of a place in ``codes`` and a group that is found there."""
        if self.slots is None:
            places = self.codes.searchsorted(codes)
            found = (self.codes.take(places, mode="clip") == codes).nonzero()[0]
            lists = places.take(found)
        else:
            slots = self.slots.take(codes + 1, mode="clip")
            found = slots.nonzero()[0]
            lists = slots.take(found).astype(np.int64) - 1
        if self.is_single:
            return found, self.groups.take(lists)
        begins = self.starts.take(lists)
        counts = self.starts.take(lists + 1) - begins
        members = spread(begins, counts)
        return found.repeat(counts), self.groups.take(members)


class Launches(Struct, frozen=True, eq=False, kw_only=True):
    """Items that a BOOST lifts whether or not they are candidates.

    The rows that are lifted by most come first.
    """

    rows: I64
    """Shape (l,). Without repeats."""

    starts: I64
    """Shape (l,). Row i is lifted by ``groups[starts[i]:starts[i + 1]]``, the
    last one by all that follow."""

    groups: I64


class Index(Struct, frozen=True, eq=False, kw_only=True):
    """Groups of rules, ready to be met by candidates of one catalog."""

    groups: Groups
    items: Lists
    brands: Lists
    categories: Lists
    tags: Lists
    conditions: tuple[tuple[Node, I64], ...]
    """Each condition with the groups that it is the target of."""

    tests: Mapping[WordTest, Flags]
    may_repeat: bool
    """Whether a candidate may belong to a group for more than one reason."""

    launches: Launches
    hiding: Index | None
    """Of the groups with a BLOCK or a FILTER alone; None when there are none."""

    named: Pairs
    """Every item that a target names, in its order; row -1 for unknown ones."""

    def match(self, items: Candidates, *, wanted: Flags, at_us: int) -> Hits:
        """Say which items belong to which groups.

        Parameters
        ----------
        items : Candidates
        wanted : array of shape (g,)
            Groups of interest.
        at_us : int
            The moment that ages are counted from.
        """
        found = [
            lists.hits(codes())
            for lists, codes in (
                (self.items, lambda: items.rows),
                (self.brands, lambda: items.attribute("brand")),
                (self.categories, lambda: items.attribute("category")),
            )
            if len(lists.codes)
        ]
        if len(self.tags.codes):
            codes, owner = items.tags()
            places, groups = self.tags.hits(codes)
            found.append((owner.take(places), groups))
        if self.conditions:
            found += self._by_condition(items, wanted=wanted, at_us=at_us)
        return self._as_hits(found, wanted)

    def _as_hits(self, found: list[tuple[I64, I64]], wanted: Flags) -> Hits:
        if not found:
            return NO_HITS
        places = np.concatenate([pair[0] for pair in found])
        groups = np.concatenate([pair[1] for pair in found])
        if not wanted.all():
            chosen = wanted.take(groups)
            places, groups = places[chosen], groups[chosen]
        if self.may_repeat:
            keys = np.unique(places * len(wanted) + groups)
            places = keys // len(wanted)
            groups = keys - places * len(wanted)
        return Hits(places, groups)

    def _by_condition(
        self, items: Candidates, *, wanted: Flags, at_us: int
    ) -> list[tuple[I64, I64]]:
        asked = ItemTests(items, found=self.tests, at_us=at_us)
        found = []
        for node, groups in self.conditions:
            if wanted.take(groups).any():
                places = asked.holds(node).nonzero()[0]
                found.append((places.repeat(len(groups)), np.tile(groups, len(places))))
        return found


def index_of(groups: Groups, catalog: Catalog) -> Index:
    """Return the index of groups in a catalog."""
    found = find(groups.reading, catalog)
    index: Index = groups.reading.memo.get(
        ("index", groups, found), lambda: _make_index(groups, found)
    )
    return index


def _make_index(groups: Groups, found: Found) -> Index:
    hides = groups.blocks | groups.filters
    hiding = None
    if hides.any():
        hiding = _index(groups, found, chosen=hides, hiding=None)
    return _index(groups, found, chosen=groups.all_open, hiding=hiding)


def _index(
    groups: Groups, found: Found, *, chosen: Flags, hiding: Index | None
) -> Index:
    """Return the index of some of the groups."""
    lists = {
        table: _lists(groups, pairs, chosen=chosen, is_dense=table != "item")
        for table, pairs in found.pairs.items()
    }
    return Index(
        groups=groups,
        items=lists["item"],
        brands=lists["brand"],
        categories=lists["category"],
        tags=lists["tag"],
        conditions=tuple(_conditions(groups, chosen)),
        tests=_marks_of_tests(found),
        may_repeat=_may_repeat(lists, n_groups=len(groups.target)),
        launches=_launches(groups, lists["item"]),
        hiding=hiding,
        named=found.items,
    )


def _conditions(groups: Groups, chosen: Flags) -> Iterator[tuple[Node, I64]]:
    """Return each condition with the groups that have it."""
    of_target: dict[int, list[int]] = {}
    asked = np.array([node is not None for node in groups.reading.conditions])
    for group in np.flatnonzero(asked.take(groups.target) & chosen).tolist():
        of_target.setdefault(int(groups.target[group]), []).append(group)
    for target, members in of_target.items():
        node = groups.reading.conditions[target]
        if node is not None:
            yield node, np.array(members, dtype=np.int64)


def _may_repeat(lists: Mapping[Table, Lists], *, n_groups: int) -> bool:
    """Say whether any group is found twice: by two tags, or by a tag and a column."""
    ways = np.bincount(lists["tag"].groups, minlength=n_groups)
    for table in ("brand", "category"):
        ways[np.unique(lists[table].groups)] += 1
    return bool((ways > 1).any())


def _lists(groups: Groups, pairs: Pairs, *, chosen: Flags, is_dense: bool) -> Lists:
    # Groups of one target are neighbours.
    low = groups.target.searchsorted(pairs.owners)
    counts = groups.target.searchsorted(pairs.owners, side="right") - low
    member = spread(low, counts)
    wanted = chosen.take(member)
    codes = pairs.codes.repeat(counts)[wanted]
    keys = np.unique(codes * len(groups.target) + member[wanted])
    codes, first = np.unique(keys // len(groups.target), return_index=True)
    slots = None
    if is_dense:
        slots = np.zeros(int(codes.max(initial=-1)) + 3, dtype=np.int32)
        slots[codes + 1] = np.arange(1, len(codes) + 1)
    return Lists(codes, slots, np.append(first, len(keys)), keys % len(groups.target))


def _marks_of_tests(found: Found) -> Mapping[WordTest, Flags]:
    told = {}
    for test, number in found.tests.items():
        if test.field in TABLE_OF_FIELD:
            pairs = found.pairs[TABLE_OF_FIELD[test.field]]
            told[test] = marks(pairs.codes[pairs.owners == number])
    return told


def _launches(groups: Groups, items: Lists) -> Launches:
    steps = groups.steps
    lifting = np.flatnonzero(steps.has_lifts.take(items.groups))
    group = items.groups[lifting]
    rows = items.codes.repeat(np.diff(items.starts))[lifting]
    gains = np.add.reduceat(np.append(steps.lift_values, 0.0), steps.lift_starts[:-1])
    ascending, starts = np.unique(rows, return_index=True)
    reach = np.add.reduceat(gains.take(group), starts) if len(starts) else np.empty(0)
    by_reach = (-reach).argsort(kind="stable")
    counts = np.diff(np.append(starts, len(rows)))
    taken = counts[by_reach]
    member = spread(starts[by_reach], taken)
    return Launches(
        rows=ascending[by_reach],
        starts=taken.cumsum() - taken,
        groups=group[member],
    )
