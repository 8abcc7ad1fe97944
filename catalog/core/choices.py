"""Which texts a field of a Struct may hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec


def choices_at(wanted: Any, path: str) -> list[str]:
    """Return the texts that a field may hold; none where that is not told here.

    Examples
    --------
    >>> from typing import Literal
    >>> modes = list[Literal["now", "then"] | None]
    >>> choices_at(msgspec.defstruct("Query", [("modes", modes)]), "modes[0]")
    ['now', 'then']
    """
    found = [msgspec.inspect.type_info(wanted)]
    for step in re.findall(r"\w+", path):
        found = [inner for each in found for inner in _within(each, step)]
    kinds = [kind for each in found for kind in _alternatives(each)]
    return [str(value) for kind in kinds for value in _values_of(kind)]


def _values_of(described: msgspec.inspect.Type) -> Iterable[Any]:
    match described:
        case msgspec.inspect.LiteralType(values=values):
            return values
        case msgspec.inspect.EnumType(cls=members):
            return (member.value for member in members)
        case _:
            return ()


def _within(
    described: msgspec.inspect.Type, step: str
) -> Iterator[msgspec.inspect.Type]:
    """Yield what stands at one step of a path: a field, or a place in a list."""
    for each in _alternatives(described):
        match each:
            case msgspec.inspect.StructType(fields=fields):
                yield from (field.type for field in fields if field.encode_name == step)
            case msgspec.inspect.ListType(item_type=inner) if step.isdigit():
                yield inner


def _alternatives(described: msgspec.inspect.Type) -> Iterator[msgspec.inspect.Type]:
    match described:
        case msgspec.inspect.UnionType(types=types):
            for each in types:
                yield from _alternatives(each)
        case msgspec.inspect.Metadata(type=inner):
            yield from _alternatives(inner)
        case _:
            yield described
