"""Free-form fields: columns of JSON objects, and columns that become one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from . import values
from .fields import FREE
from .tally import Mask

# Made once: making one takes longer than reading an object.
_OBJECT = msgspec.json.Decoder(dict[str, Any])
_NUL = "\x00"
_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def has_free_form(rows: pa.Table) -> bool:
    return _whole(rows) is not None or bool(_named(rows))


def bad_objects(rows: pa.Table) -> Mask:
    """Return where the free-form field is no JSON object, or none for PostgreSQL."""
    bad = np.zeros(rows.num_rows, dtype=bool)
    if (whole := _whole(rows)) is not None:
        bad |= values.texts_that(rows[whole], lambda text: _object(text) is None)
    for name in _named(rows):
        if pa.types.is_string(rows[name].type):
            bad |= values.mask_of(pc.match_substring(rows[name], _NUL))
    return bad


def objects(rows: pa.Table) -> list[dict[str, Any]]:
    """Return the free-form field of each row; empty cells are left out."""
    whole = _whole(rows)
    found: list[dict[str, Any]] = [{} for _ in range(rows.num_rows)]
    if whole is not None:
        texts = pc.cast(rows[whole], pa.string()).to_pylist()
        found = [(text and _object(text)) or {} for text in texts]
    for name in _named(rows):
        for entry, value in zip(found, _plain(rows[name]), strict=True):
            if value is not None:
                entry[name[1:]] = value
    return found


def texts_of(rows: pa.Table) -> pa.Array | None:
    """Return the free-form field of each row as JSON text; null where it is empty."""
    whole, named = _whole(rows), _named(rows)
    if whole is None:
        return _joined(rows.select(named)) if named else None
    if not named:
        return values.flat(pc.cast(rows[whole], pa.string()))
    texts = [_json(entry) if entry else None for entry in objects(rows)]
    return pa.array(texts, pa.string())


def json_of(column: values.Column) -> pa.Array:
    """Return each value as JSON text; null stays null."""
    known, places = values.distinct(column)
    return _encoded(known.to_pylist(), places)


def json_object(entries: Sequence[tuple[str, values.Column]]) -> pa.Array:
    """Return objects of columns of JSON texts; what is null is left out."""
    pieces = [_entry(name, values.flat(text)) for name, text in entries]
    inner = pc.utf8_rtrim(pc.binary_join_element_wise(*pieces, ""), ",")
    return pc.binary_join_element_wise(pa.scalar("{"), inner, pa.scalar("}"), "")


def _entry(name: str, text: pa.Array) -> pa.Array:
    # Empty, not null: of rows where all are null, Arrow's join makes none at all.
    entry = pc.binary_join_element_wise(pa.scalar(f"{_json(name)}:"), text, ",", "")
    return pc.fill_null(entry, "")


def _encoded(known: Sequence[Any], places: NDArray[np.int64]) -> pa.Array:
    texts = [None if value is None else _json(value) for value in known]
    return pa.array(texts, pa.string()).take(pa.array(places))


def _joined(columns: pa.Table) -> pa.Array:
    entries = []
    for name in columns.column_names:
        known, places = values.distinct(columns[name])
        entries.append((name[1:], _encoded(_plain(known), places)))
    made = json_object(entries)
    return pc.if_else(pc.equal(made, "{}"), None, made)


def _whole(rows: pa.Table) -> str | None:
    return next((name for name in FREE.values() if name in rows.column_names), None)


def _named(rows: pa.Table) -> list[str]:
    return [name for name in rows.column_names if name.startswith(".")]


def _object(text: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = _OBJECT.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    return None if _ESCAPED_NUL.search(text) else found


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _plain(column: values.Column) -> list[Any]:
    """Return values as JSON has them; a text column of numbers only as numbers."""
    if not pa.types.is_string(column.type):
        return list(column.to_pylist())
    found, none = values.numbers(column)
    if none.any():
        return list(column.to_pylist())
    return [
        None if np.isnan(one) else int(one) if one.is_integer() else one
        for one in found.tolist()
    ]
