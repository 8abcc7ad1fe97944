"""A condition of a segment or a rule in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WORDS = {
    "eq": "is",
    "neq": "is not",
    "gt": "is above",
    "gte": "is at least",
    "lt": "is below",
    "lte": "is at most",
    "in": "is one of",
    "contains": "contains",
}
_PREFIXES = ("user.traits.", "ctx.", "request.")


def in_words(rule: Mapping[str, Any]) -> str:
    """Return a readable form of a condition that the language accepts.

    Parameters
    ----------
    rule : mapping
        Decoded JSON, checked before.

    Examples
    --------
    >>> in_words({"all": [{"gte": ["user.traits.orders", 3]}, {"exists": "ctx.page"}]})
    'orders is at least 3 and page is known'
    """
    [(name, operand)] = rule.items()
    if name in ("any", "all"):
        joint = " or " if name == "any" else " and "
        return joint.join(_inner(part) for part in operand) or "always"
    if name == "not":
        return f"not ({in_words(operand)})"
    if name == "exists":
        return f"{_path(operand)} is known"
    path, expected = operand
    if name == "gte_days_since":
        return f"{_path(path)} lies at least {expected} days back"
    return f"{_path(path)} {_WORDS.get(name, name)} {_value(expected)}"


def _inner(rule: Mapping[str, Any]) -> str:
    words = in_words(rule)
    return f"({words})" if next(iter(rule)) in ("any", "all") else words


def _path(path: str) -> str:
    for prefix in _PREFIXES:
        if path.startswith(prefix):
            return path.removeprefix(prefix).replace("_", " ")
    return path


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
