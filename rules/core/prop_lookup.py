"""Find the values of items' free properties for which conditions hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from .item_conditions import (
    ORDERINGS,
    PROPS,
    FlagTest,
    Node,
    NumberTest,
    WordTest,
    leaves,
)
from .types import Catalog

type I64 = NDArray[np.int64]
type PropTest = WordTest | NumberTest


def prop_codes(
    conditions: Iterable[Node | None], catalog: Catalog
) -> Mapping[PropTest, I64]:
    """Return, for each test of a property, the codes for which it holds."""
    tests = {
        leaf
        for condition in conditions
        if condition is not None
        for leaf in leaves(condition)
        if leaf.field.startswith(PROPS) and not isinstance(leaf, FlagTest)
    }
    return {test: _codes(test, catalog) for test in tests}


def _codes(test: PropTest, catalog: Catalog) -> I64:
    """Return the codes of the values of a property for which a test holds."""
    values = catalog.prop_words(test.field.removeprefix(PROPS))
    if isinstance(test, NumberTest):
        codes = [code for value, code in values.items() if _number_holds(test, value)]
    else:
        codes = [code for value, code in values.items() if _word_holds(test, value)]
    return np.array(codes, dtype=np.int64)


def _word_holds(test: WordTest, value: str) -> bool:
    wanted = [text.strip().lower() for text in test.values]
    if test.how == "part":
        return any(text in value for text in wanted)
    return test.how == "exists" or value in wanted


def _number_holds(test: NumberTest, value: str) -> bool:
    try:
        number = float(value)
    except ValueError:
        return False
    if test.operator == "eq":
        return number == test.value
    return test.operator != "exists" and ORDERINGS[test.operator](number, test.value)
