"""Hold expectations to evidence."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence

from .evidence import Found, Pages, Shown
from .language import Compared, Expectation, Measure, Operand
from .measures import MEASURES, Asked

_CLOSE = 1e-9
_WORDS = {
    "at_least": "at least",
    "at_most": "at most",
    "above": "above",
    "below": "below",
    "equals": "equal to",
}
_HOLDS: Mapping[str, Callable[[float, float], bool]] = {
    "at_least": lambda value, limit: value >= limit - _CLOSE,
    "at_most": lambda value, limit: value <= limit + _CLOSE,
    "above": operator.gt,
    "below": operator.lt,
    "equals": lambda value, limit: abs(value - limit) <= _CLOSE,
}


def hold(expectation: Expectation, pages: Pages) -> Found:
    """Say whether an expectation holds; a figure that cannot be computed does not."""
    value = figure_of(expectation, pages)
    told, passed = [], value is not None
    for name, operand in expectation.limits():
        limit = _limit(operand, pages)
        told.append(f"{_WORDS[name]} {_limit_words(operand, limit)}")
        holds = value is not None and limit is not None and _HOLDS[name](value, limit)
        passed = passed and holds
    return Found(
        expectation=f"{_words(expectation)} is {' and '.join(told)}",
        passed=passed,
        observed="not computed" if value is None else number_words(value),
        figure=expectation.figure,
        value=value,
    )


def figure_of(measure: Measure, pages: Pages) -> float | None:
    """Return a figure of what was kept, None when there is nothing to tell it by."""
    asked = Asked(
        shown=pages.get(measure.page, ()),
        against=pages.get(measure.against or "", ()),
        item=measure.item,
        tag=measure.tag,
        prop=measure.prop,
        count=measure.count,
    )
    return MEASURES[measure.figure](asked) if asked.shown else None


def number_words(value: float) -> str:
    """Return a figure with as many digits as anybody reads.

    >>> number_words(3.0), number_words(0.12345)
    ('3', '0.123')
    """
    return f"{value:,.0f}" if value == int(value) else f"{value:.3f}"


def item_at(reference: str, pages: Mapping[str, Sequence[Shown]]) -> str | None:
    """Return the item that ``@page[2]`` means: the third of the first answer there.

    Another text is an item id and means itself; None when there is no such position.
    """
    if not reference.startswith("@"):
        return reference
    name, _, place = reference[1:].removesuffix("]").partition("[")
    shown = pages.get(name, ())
    if not shown or not place.isdigit() or int(place) >= len(shown[0].items):
        return None
    return shown[0].items[int(place)]


def _limit(operand: Operand, pages: Pages) -> float | None:
    if not isinstance(operand, Compared):
        return float(operand)
    value = figure_of(operand, pages)
    return None if value is None else value * operand.times + operand.plus


def _limit_words(operand: Operand, limit: float | None) -> str:
    told = "nothing that could be computed" if limit is None else number_words(limit)
    return f"{told} ({_words(operand)})" if isinstance(operand, Compared) else told


def _words(measure: Measure) -> str:
    about = measure.item or measure.tag or measure.prop or measure.count
    told = f"{measure.figure} of {measure.page}"
    if measure.against:
        told += f" against {measure.against}"
    return f"{told} ({about})" if about else told
