"""Conditions on items: the language of :mod:`rules.core.conditions` over columns.

::

    {"all": [{"lt": ["price", 20]}, {"not": {"contains": ["tags", "sale"]}}]}

A field that an item does not have makes a test false (``neq`` true). Numbers:
``price``, ``stock`` (of managed stock), ``margin``, ``novelty``, ``age_days``.
Words, in any case: ``brand`` and ``category`` (a path such as ``Women > Shoes``).
``contains`` asks for a part of a brand, a step of a category, one of the
``tags``. ``long_tail`` is true or false. ``props.<name>`` is a free property of
the item, a number, a word, true or false, as of the last build of the signals.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from .conditions import MAX_DEPTH, RuleError

type Flags = NDArray[np.bool_]

NUMBERS = ("price", "stock", "margin", "novelty", "age_days")
WORDS = ("brand", "category")
TAGS = "tags"
FLAG = "long_tail"
PROPS = "props."
MAX_TESTS = 50
MAX_PROP_NAME = 64

OPERATORS = (
    *("all", "any", "not", "exists", "eq", "neq", "in", "contains"),
    *("lt", "lte", "gt", "gte"),
)
ORDERINGS: Mapping[str, Callable[[Any, Any], Any]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


class Every(Struct, frozen=True):
    """True where all parts are; without parts everywhere."""

    parts: tuple[Node, ...]


class Some(Struct, frozen=True):
    """True where any part is; without parts nowhere."""

    parts: tuple[Node, ...]


class Not(Struct, frozen=True):
    """True where the part is not."""

    part: Node


class NumberTest(Struct, frozen=True):
    """Compare a number; false where there is none."""

    field: str
    operator: Literal["eq", "gt", "gte", "lt", "lte", "exists"]
    value: float = 0.0


class WordTest(Struct, frozen=True):
    """Ask whether an item has any of some words."""

    field: str
    how: Literal["whole", "part", "exists"]
    """As a whole; as a part or member; any word at all."""

    values: tuple[str, ...] = ()


class FlagTest(Struct, frozen=True):
    """Ask for what is true or false of every item."""

    field: str
    value: bool


type Node = Every | Some | Not | NumberTest | WordTest | FlagTest

ALL: Final = Every(())


def parse(condition: object, *, place: str = "$", depth: int = 0) -> Node:
    """Read a condition.

    Parameters
    ----------
    condition : object
        Decoded JSON.
    place : str
        JSON path of the condition, for messages.
    depth : int
        How many conditions it stands in.

    Raises
    ------
    RuleError
        If it is not in the language; names the JSON path.

    Examples
    --------
    >>> parse({"lt": ["price", 20]})
    NumberTest(field='price', operator='lt', value=20.0)
    >>> parse({"lt": ["prize", 20]})  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    rules.core.conditions.RuleError: $.lt[0]: has the unknown field 'prize'...
    """
    if not isinstance(condition, Mapping) or len(condition) != 1:
        raise RuleError(place, "must be an object with one operator")
    if depth >= MAX_DEPTH:
        raise RuleError(place, f"is nested deeper than {MAX_DEPTH}")
    [(name, operand)] = condition.items()
    inside = f"{place}.{name}"
    if name in ("any", "all"):
        parts = _parts(operand, place=inside, depth=depth)
        return Every(parts) if name == "all" else Some(parts)
    if name == "not":
        return Not(parse(operand, place=inside, depth=depth + 1))
    if name == "exists":
        return _exists(_field(operand, inside), place=inside)
    if name not in OPERATORS:
        words = f"has the unknown operator {name!r}; take one of {', '.join(OPERATORS)}"
        raise RuleError(place, words)
    return _test(name, operand, place=inside)


def leaves(node: Node) -> Iterator[NumberTest | WordTest | FlagTest]:
    """Return the tests of which a condition is made."""
    if isinstance(node, Every | Some):
        for part in node.parts:
            yield from leaves(part)
    elif isinstance(node, Not):
        yield from leaves(node.part)
    else:
        yield node


def _parts(operand: object, *, place: str, depth: int) -> tuple[Node, ...]:
    if not isinstance(operand, list | tuple):
        raise RuleError(place, "takes a list of conditions")
    if len(operand) > MAX_TESTS:
        raise RuleError(place, f"takes at most {MAX_TESTS} conditions")
    return tuple(
        parse(part, place=f"{place}[{i}]", depth=depth + 1)
        for i, part in enumerate(operand)
    )


def props_of(node: Node) -> frozenset[str]:
    """Return the names of the properties that a condition asks for.

    >>> sorted(props_of(parse({"all": [{"eq": ["props.size", "xl"]}]})))
    ['size']
    """
    return frozenset(
        leaf.field.removeprefix(PROPS)
        for leaf in leaves(node)
        if leaf.field.startswith(PROPS)
    )


def _field(field: object, place: str) -> str:
    known = (*NUMBERS, *WORDS, TAGS, FLAG)
    if field in known or (isinstance(field, str) and _is_prop(field)):
        return str(field)
    words = f"has the unknown field {field!r}; take one of {', '.join(known)}"
    raise RuleError(place, f"{words}, or {PROPS}name")


def _is_prop(field: str) -> bool:
    name = field.removeprefix(PROPS)
    is_short = 0 < len(name) <= MAX_PROP_NAME
    return name != field and is_short and name.isprintable() and "=" not in name


def _exists(field: str, *, place: str) -> Node:
    if field == FLAG:
        raise RuleError(place, f"{FLAG} is true or false of every item")
    if field in NUMBERS:
        return NumberTest(field, "exists")
    return WordTest(field, "exists")


def _test(name: str, operand: object, *, place: str) -> Node:
    if not isinstance(operand, list | tuple) or len(operand) != 2:
        raise RuleError(place, "takes a field and a value")
    field, value = _field(operand[0], f"{place}[0]"), operand[1]
    if name == "neq":
        return Not(_test("eq", operand, place=place))
    if name == "in":
        return _among(field, value, place=place)
    if isinstance(value, bool) and name == "eq":
        return _flag(field, value, place=place)
    if isinstance(value, str) and field not in (*NUMBERS, FLAG):
        return _words(name, field, (value,), place=place)
    return _number(name, field, value, place=place)


def _among(field: str, values: object, *, place: str) -> Node:
    if not isinstance(values, list | tuple) or len(values) > MAX_TESTS:
        raise RuleError(f"{place}[1]", f"takes a list of at most {MAX_TESTS}")
    if all(isinstance(entry, str) for entry in values) and field not in NUMBERS:
        return _words("in", field, tuple(values), place=place)
    return Some(tuple(_test("eq", (field, v), place=place) for v in values))


def _flag(field: str, value: bool, *, place: str) -> Node:  # noqa: FBT001
    if field == FLAG:
        return FlagTest(field, value=value)
    if field.startswith(PROPS):
        return WordTest(field, "whole", (str(value).lower(),))
    return _number("eq", field, value, place=place)


def _words(name: str, field: str, values: tuple[str, ...], *, place: str) -> Node:
    if name in ORDERINGS:
        raise RuleError(f"{place}[1]", "takes a number")
    is_part = name == "contains" and field != TAGS
    return WordTest(field, "part" if is_part else "whole", values)


def _number(name: str, field: str, value: object, *, place: str) -> Node:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    is_numeric = field in NUMBERS or field.startswith(PROPS)
    if not is_number or not is_numeric or name == "contains":
        wanted = {TAGS: "a tag", FLAG: "eq with true or false"}.get(field, "a text")
        raise RuleError(f"{place}[1]", f"takes {'a number' if is_numeric else wanted}")
    number = float(value)  # type: ignore[arg-type]
    if not np.isfinite(number):
        raise RuleError(f"{place}[1]", "takes a finite number")
    return NumberTest(field, name, number)  # type: ignore[arg-type]
