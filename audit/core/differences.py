"""What two states of a row or document do not have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Difference(NamedTuple):
    """One place, and what stood there before and after."""

    place: str
    before: Any
    after: Any


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[Difference]:
    """Return each place at which two documents differ, in order of their names.

    Nested maps are compared inside; a place there is a path with dots.

    Examples
    --------
    >>> differences({"a": 1, "b": {"c": 2}}, {"a": 1, "b": {"c": 3}})
    [Difference(place='b.c', before=2, after=3)]
    """
    flat_before, flat_after = dict(_leaves(before)), dict(_leaves(after))
    return [
        Difference(place, flat_before.get(place), flat_after.get(place))
        for place in sorted(flat_before.keys() | flat_after.keys())
        if flat_before.get(place) != flat_after.get(place)
    ]


def _leaves(document: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in document.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{path}{key}.")
        elif not isinstance(value, Mapping):
            yield f"{path}{key}", value
