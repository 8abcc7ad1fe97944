"""Ask many items at once whether a condition holds of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .item_conditions import (
    NUMBERS,
    ORDERINGS,
    PROPS,
    TAGS,
    Every,
    FlagTest,
    Node,
    Not,
    NumberTest,
    Some,
    WordTest,
)
from .prop_lookup import PropTest
from .types import Candidates
from .windows import DAY_US

type Flags = NDArray[np.bool_]

KNOWN = (TAGS, "brand", "category")
"""Fields of which an item has a word or has none."""


def marks(codes: NDArray[np.int64]) -> Flags:
    """Return a column that says of each code, one further, whether it is among some.

    >>> marks(np.array([2])).take(np.array([-1, 0, 2, 9]) + 1, mode="clip").tolist()
    [False, False, True, False]
    """
    flags = np.zeros(int(codes.max(initial=-1)) + 3, dtype=np.bool_)
    flags[codes + 1] = True
    return flags


class ItemTests:
    """Conditions on some items at one moment."""

    def __init__(
        self, items: Candidates, *, found: Mapping[PropTest, Flags], at_us: int
    ) -> None:
        self._items = items
        self._found = found
        self._at_us = at_us
        self._numbers: dict[str, NDArray[Any]] = {}
        self._answers: dict[Node, Flags] = {}

    def holds(self, node: Node) -> Flags:
        """Say of each item whether a condition holds. Shape (n,)."""
        if node not in self._answers:
            self._answers[node] = self._ask(node)
        return self._answers[node]

    def _ask(self, node: Node) -> Flags:
        if isinstance(node, Every):
            return self._all(*(self.holds(part) for part in node.parts))
        if isinstance(node, Some):
            return ~self._all(*(~self.holds(part) for part in node.parts))
        if isinstance(node, Not):
            return ~self.holds(node.part)
        if isinstance(node, FlagTest):
            long_tail = self._items.long_tail
            return long_tail if node.value else ~long_tail
        return self._word(node) if isinstance(node, WordTest) else self._number(node)

    def _all(self, *parts: Flags) -> Flags:
        flags = np.ones(len(self._items), dtype=np.bool_)
        for part in parts:
            flags &= part
        return flags

    def _number(self, test: NumberTest) -> Flags:
        if test.field not in NUMBERS:
            return self._any_of(*self._items.props(), test)
        column = self._column(test.field)
        if test.operator == "exists":
            return ~np.isnan(column)
        # Margins are kept in single precision; 0.3 must equal 0.3 there too.
        value = column.dtype.type(test.value)
        if test.operator == "eq":
            equal: Flags = column == value
            return equal
        compared: Flags = ORDERINGS[test.operator](column, value)
        return compared

    def _column(self, field: str) -> NDArray[Any]:
        if field not in self._numbers:
            self._numbers[field] = self._read(field)
        return self._numbers[field]

    def _read(self, field: str) -> NDArray[Any]:
        if field == "age_days":
            ages = self._at_us - self._items.attribute("created_us")
            return ages / DAY_US
        column = self._items.attribute(field)
        if field == "stock":
            return np.where(column < 0, np.nan, column)
        return column

    def _word(self, test: WordTest) -> Flags:
        if test.field.startswith(PROPS):
            return self._any_of(*self._items.props(), test)
        if test.field == TAGS:
            return self._any_of(*self._items.tags(), test)
        return self._told(self._items.attribute(test.field), test)

    def _told(self, codes: NDArray[Any], test: PropTest) -> Flags:
        """Say which codes are those of a test."""
        if isinstance(test, WordTest) and test.how == "exists" and test.field in KNOWN:
            is_any: Flags = codes >= 0
            return is_any
        return self._found[test].take(codes + 1, mode="clip")

    def _any_of(
        self, codes: NDArray[Any], owner: NDArray[np.int64], test: PropTest
    ) -> Flags:
        """Say which items have any of the codes of a test."""
        flags = np.zeros(len(self._items), dtype=np.bool_)
        flags[owner[self._told(codes, test)]] = True
        return flags
