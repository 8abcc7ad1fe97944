"""Which keys a place of a scenario file may have, for those who misspelt one."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from msgspec import inspect

from .language import Scenario

STEP = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+|\.\.\.)\]")
"""One part of a place such as ``$.steps[1].recommend``."""


def known_keys(where: str) -> list[str]:
    """Return the keys that a place may have; none where it takes any.

    Examples
    --------
    >>> known_keys("$.steps[1].cancel")
    ['as']
    >>> known_keys("$.given")
    []
    """
    node: Any = _read_by()
    for name, _ in STEP.findall(where):
        found = _struct_in(node)
        if name and found is not None:
            types = {field.encode_name: field.type for field in found.fields}
            node = types.get(name)
        elif not name:
            node = _item_of(node)
    found = _struct_in(node)
    return [] if found is None else [field.encode_name for field in found.fields]


@cache
def _read_by() -> inspect.Type:
    return inspect.type_info(Scenario)


def _struct_in(node: Any) -> inspect.StructType | None:
    """Return the struct that a type is, or may be."""
    match node:
        case inspect.StructType():
            return node
        case inspect.Metadata(type=inner):
            return _struct_in(inner)
        case inspect.UnionType(types=types):
            return next((each for one in types if (each := _struct_in(one))), None)
        case _:
            return None


def _item_of(node: Any) -> Any:
    match node:
        case inspect.ListType(item_type=inner):
            return inner
        case inspect.Metadata(type=inner):
            return _item_of(inner)
        case inspect.UnionType(types=types):
            return next((each for one in types if (each := _item_of(one))), None)
        case _:
            return None
