"""Conditions on what is known of a request: of segments, and of rules.

A rule is a JSON object with one operator::

    {"all": [{"gte": ["user.traits.orders", 3]}, {"in": ["ctx.surface", ["home"]]}]}

``any`` and ``all`` take a list of rules, ``not`` one rule; ``eq``, ``neq``,
``gt``, ``gte``, ``lt``, ``lte`` take a path and a value; ``in`` a path and a
list; ``contains`` a path and a part of its text or a member of its list;
``exists`` a path; ``gte_days_since`` the path of a moment and a number of days.
A path leads by dots into ``{user: {id, traits}, ctx, request}``. A condition on
a path that leads nowhere is false (so ``neq`` on it is true).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

DAY_US = 86_400_000_000

type Facts = Mapping[str, Any]
type Condition = Callable[[Facts, int], bool]
"""Facts of the request and the moment in microseconds → whether it holds."""

NOWHERE: Final = object()
MAX_DEPTH = 32


class RuleError(ValueError):
    """A rule that cannot be read. The message begins with the place of the fault."""

    def __init__(self, place: str, fault: str) -> None:
        super().__init__(f"{place}: {fault}")
        self.place = place
        self.fault = fault


def compile_rule(rule: object, *, place: str = "$", depth: int = 0) -> Condition:
    """Read a rule once, so that it can be asked many times.

    Parameters
    ----------
    rule : object
        Decoded JSON.
    place : str
        JSON path of the rule, for messages.
    depth : int
        How many rules it stands in.

    Raises
    ------
    RuleError
        If the rule is not in the language; names the JSON path.

    Examples
    --------
    >>> is_loyal = compile_rule({"gte": ["user.traits.orders", 3]})
    >>> is_loyal({"user": {"traits": {"orders": 5}}}, 0)
    True
    >>> compile_rule({"all": [{"like": ["a", 1]}]})
    Traceback (most recent call last):
    rules.core.conditions.RuleError: $.all[0]: has the unknown operator 'like'
    """
    if not isinstance(rule, Mapping) or len(rule) != 1:
        raise RuleError(place, "must be an object with one operator")
    if depth >= MAX_DEPTH:
        raise RuleError(place, f"is nested deeper than {MAX_DEPTH}")
    [(name, operand)] = rule.items()
    inside = f"{place}.{name}"
    if name in ("any", "all"):
        return _combined(name, operand, place=inside, depth=depth)
    if name == "not":
        negated = compile_rule(operand, place=inside, depth=depth + 1)
        return lambda facts, at_us: not negated(facts, at_us)
    if name == "exists":
        steps = _path(operand, inside)
        return lambda facts, _: _lookup(facts, steps) is not NOWHERE
    test = _TESTS.get(name)
    if test is None:
        raise RuleError(place, f"has the unknown operator {name!r}")
    return _comparison(name, operand, place=inside, test=test)


def paths(rule: Mapping[str, Any]) -> Iterator[str]:
    """Return every path that a rule asks about, which can be read.

    >>> list(paths({"not": {"any": [{"exists": "ctx.a"}, {"eq": ["ctx.b", 1]}]}}))
    ['ctx.a', 'ctx.b']
    """
    [(name, operand)] = rule.items()
    if name in ("any", "all"):
        for part in operand:
            yield from paths(part)
    elif name == "not":
        yield from paths(operand)
    else:
        yield operand if name == "exists" else operand[0]


def _combined(name: str, operand: object, *, place: str, depth: int) -> Condition:
    if not isinstance(operand, list | tuple):
        raise RuleError(place, "takes a list of rules")
    parts = [
        compile_rule(rule, place=f"{place}[{i}]", depth=depth + 1)
        for i, rule in enumerate(operand)
    ]
    together = any if name == "any" else all
    return lambda facts, at_us: together(part(facts, at_us) for part in parts)


def _comparison(
    name: str, operand: object, *, place: str, test: Callable[[Any, Any, int], bool]
) -> Condition:
    if not isinstance(operand, list | tuple) or len(operand) != 2:
        raise RuleError(place, "takes a path and a value")
    steps = _path(operand[0], f"{place}[0]")
    expected = operand[1]
    if name == "in" and not isinstance(expected, list | tuple):
        raise RuleError(f"{place}[1]", "takes a list")
    if name == "gte_days_since" and not _is_number(expected):
        raise RuleError(f"{place}[1]", "takes a number of days")
    if_nowhere = name == "neq"

    def holds(facts: Facts, at_us: int) -> bool:
        found = _lookup(facts, steps)
        return if_nowhere if found is NOWHERE else test(found, expected, at_us)

    return holds


def _path(path: object, place: str) -> tuple[str, ...]:
    if not isinstance(path, str) or not all(path.split(".")):
        raise RuleError(place, "takes a path such as user.traits.orders")
    return tuple(path.split("."))


def _lookup(facts: Any, steps: tuple[str, ...]) -> Any:
    for step in steps:
        if not isinstance(facts, Mapping) or step not in facts:
            return NOWHERE
        facts = facts[step]
    return NOWHERE if facts is None else facts


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _equal(found: object, expected: object, _: int = 0) -> bool:
    # True is 1 to Python, but not to whoever wrote the rule.
    if isinstance(found, bool) or isinstance(expected, bool):
        return found is expected
    return found == expected


def _folded(value: object) -> object:
    return value.casefold() if isinstance(value, str) else value


def _in(found: object, expected: list[object], _: int) -> bool:
    return any(_equal(_folded(found), _folded(entry)) for entry in expected)


def _contains(found: object, expected: object, _: int) -> bool:
    if isinstance(found, str):
        return isinstance(expected, str) and expected.casefold() in found.casefold()
    if isinstance(found, list | tuple):
        return any(_equal(_folded(entry), _folded(expected)) for entry in found)
    return False


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any, int], bool]:
    def test(found: Any, expected: Any, _: int) -> bool:
        numbers = _is_number(found) and _is_number(expected)
        texts = isinstance(found, str) and isinstance(expected, str)
        return (numbers or texts) and bool(compare(found, expected))

    return test


def _gte_days_since(found: object, days: float, at_us: int) -> bool:
    if not isinstance(found, str):
        return False
    try:
        moment = datetime.fromisoformat(found)
    except ValueError:
        return False
    if moment.tzinfo is None:
        return False
    return at_us - moment.astimezone(UTC).timestamp() * 1e6 >= days * DAY_US


_TESTS: Mapping[str, Callable[[Any, Any, int], bool]] = {
    "eq": _equal,
    "neq": lambda found, expected, at_us: not _equal(found, expected, at_us),
    "gt": _ordered(operator.gt),
    "gte": _ordered(operator.ge),
    "lt": _ordered(operator.lt),
    "lte": _ordered(operator.le),
    "in": _in,
    "contains": _contains,
    "gte_days_since": _gte_days_since,
}
