"""Brands and categories of candidates, and how many of each a page may hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .columns import Flags
from .knobs import Knobs
from .lexicon import Lexicon
from .request import Constraints
from .snapshot import PATH_SEPARATOR
from .world import Selection

PREFIX_SEPARATOR = ":"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """The limit of one dimension, with each candidate's values in it."""

    dimension: str
    """``brand`` or ``category``."""

    limit: int
    values: Sequence[frozenset[str]]
    """Values of each candidate, lower case; an empty set is never capped."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """Where the values of a dimension are found."""

    name: str
    limit: int
    prefixes: tuple[str, ...]
    lexicon: Lexicon


def make_caps(
    items: Selection, *, knobs: Knobs, constraints: Constraints
) -> tuple[Cap, ...]:
    """Return the caps that apply to some candidates.

    A dimension that the request narrowed to one value is not capped: whoever
    asks for one brand wants a page of that brand.

    Parameters
    ----------
    items : Selection
        The candidates, in any order.
    """
    world = items.world
    dimensions = (
        Dimension("brand", knobs.brand_cap, knobs.brand_tag_prefixes, world.brands),
        Dimension(
            "category",
            knobs.category_cap,
            knobs.category_tag_prefixes,
            world.categories,
        ),
    )
    caps = (
        Cap(dimension=d.name, limit=d.limit, values=_values(items, d))
        for d in dimensions
        if d.limit > 0 and not _asks_for_one(constraints, d.prefixes)
    )
    return tuple(cap for cap in caps if len(frozenset().union(*cap.values)) > 1)


def _asks_for_one(constraints: Constraints, prefixes: Iterable[str]) -> bool:
    wanted = {tag.strip().lower() for tag in constraints.include_tags_any}
    beginnings = tuple(prefix.lower() + PREFIX_SEPARATOR for prefix in prefixes)
    return len(wanted) == 1 and wanted.pop().startswith(beginnings)


def _values(items: Selection, dimension: Dimension) -> list[frozenset[str]]:
    codes = items.attribute(dimension.name).tolist()
    names = {code: _last_step(dimension.lexicon.text(code)) for code in set(codes)}
    tagged = _tagged(items, dimension.prefixes)
    return [
        frozenset({names[code], *tagged.get(place, ())} - {""})
        for place, code in enumerate(codes)
    ]


def _last_step(path: str) -> str:
    return path.rpartition(PATH_SEPARATOR)[2].lower()


def _tagged(items: Selection, prefixes: Iterable[str]) -> Mapping[int, list[str]]:
    tags = items.world.tags
    codes, owner = items.tags()
    found: dict[int, list[str]] = {}
    for prefix in prefixes:
        beginning = prefix.lower() + PREFIX_SEPARATOR
        hit = begins_with(codes, tags, beginning)
        pairs = zip(owner[hit].tolist(), codes[hit].tolist(), strict=True)
        for place, code in pairs:
            value = tags.text(code).removeprefix(beginning)
            found.setdefault(place, []).append(value)
    return found


def begins_with(codes: np.ndarray, tags: Lexicon, beginning: str) -> Flags:
    """Say which tag codes are of words that begin so."""
    low, high = tags.words.range(beginning)
    flags: Flags = (codes >= low) & (codes < high)
    new = [code for text, code in tags.new_codes.items() if text.startswith(beginning)]
    return flags | np.isin(codes, new) if new else flags
