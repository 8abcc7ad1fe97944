"""Where the groups of rules are found in a catalog, by item, brand, category, tag.

Matching looks up what the candidates have, not what the rules name, so it does
not become slower with rules that match nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from .finding import Launches, Lists, make_launches, make_lists
from .groups import Groups
from .item_conditions import Node
from .item_tests import ItemTests, marks
from .lookup import TABLE_OF_FIELD, Found, Pairs, Table, find
from .prop_lookup import PropTest
from .types import NO_HITS, Candidates, Catalog, Hits

type Flags = NDArray[np.bool_]
type I64 = NDArray[np.int64]


class Index(Struct, frozen=True, eq=False, kw_only=True):
    """Groups of rules, ready to be met by candidates of one catalog."""

    groups: Groups
    items: Lists
    brands: Lists
    categories: Lists
    tags: Lists
    conditions: tuple[tuple[Node, I64], ...]
    """Each condition with the groups that it is the target of."""

    tests: Mapping[PropTest, Flags]
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
    return groups.memo.get(found, lambda: _make_index(groups, found))


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
        table: make_lists(groups, pairs, chosen=chosen, is_dense=table != "item")
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
        launches=make_launches(groups, lists["item"]),
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


def _marks_of_tests(found: Found) -> Mapping[PropTest, Flags]:
    told: dict[PropTest, Flags] = {t: marks(codes) for t, codes in found.props.items()}
    for test, number in found.tests.items():
        if test.field in TABLE_OF_FIELD:
            pairs = found.pairs[TABLE_OF_FIELD[test.field]]
            told[test] = marks(pairs.codes[pairs.owners == number])
    return told
