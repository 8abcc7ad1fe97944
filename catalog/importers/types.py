"""Event types as files name them: by the numbers and names of the namespace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from catalog.operations.runs import RunFailedError

from . import values
from .table_rows import TableReading
from .tally import Mask, Sieve

_LARGEST = 2**15 - 1
_MOST_TOLD = 20


@dataclass(frozen=True, kw_only=True)
class Types:
    """The type of each row, and what the file calls those that nobody defined."""

    numbers: NDArray[np.int64]
    """-1 where there is none."""
    undefined: Mask
    """A possible number, of which the namespace knows nothing."""
    unknown: Mapping[str, int]
    """How many rows have each of the words that mean nothing."""


def number_of(word: str | None, known: Mapping[str, int]) -> int:
    """Return what a file calls a type as its number, or -1."""
    name = (word or "").strip().casefold()
    if name in known:
        return known[name]
    is_number = name.isascii() and name.isdigit() and int(name[:9]) <= _LARGEST
    return int(name) if is_number else -1


def refuse_unknown_type(word: str, known: Mapping[str, int]) -> None:
    """Raise when the type that all of a file shall have is none of the namespace."""
    if word.strip().casefold() not in known:
        names = sorted(name for name in known if not name.isdigit())
        raise RunFailedError(
            f'--type: the namespace has no event type "{word}". It has '
            f"{', '.join(names)}. Take one of them, or make yours first "
            f"(POST /v1/event-types:upsert, or Event types in the admin)."
        )


def types_of(table: pa.Table, *, reading: TableReading) -> Types:
    """Return the type of each row of a table."""
    known = reading.types
    if "type" not in table.column_names:
        number = number_of(reading.event_type, known)
        nothing = np.zeros(table.num_rows, bool)
        numbers = np.full(table.num_rows, number)
        return Types(numbers=numbers, undefined=nothing, unknown={})
    words, places = values.distinct(table["type"])
    texts: list[str | None] = values.as_text(words).to_pylist()
    found = np.array([number_of(text, known) for text in texts])
    defined = np.isin(found, [-1, *known.values()])
    rows_of_each = np.bincount(places, minlength=len(texts)).tolist()
    return Types(
        numbers=found[places],
        undefined=~defined[places],
        unknown={
            text or "": rows
            for text, number, rows in zip(texts, found, rows_of_each, strict=True)
            if number < 0 and rows
        },
    )


def tell_of_types(sieve: Sieve, types: Types) -> None:
    """Count what nobody defined: words are refused, numbers are kept for later."""
    sieve.reject(
        "no_type",
        "no event type of the namespace is called so: make it under Event types, "
        "delete what was imported, and import again",
        types.numbers < 0,
    )
    sieve.remark(
        "undefined_type",
        "kept, but no event type of the namespace has that number: it counts for "
        "nothing until you name and weigh it under Event types",
        types.undefined & sieve.kept,
    )
    for word, rows in types.unknown.items():
        sieve.note(f'events of the unknown type "{word[:64]}"', rows, most=_MOST_TOLD)
