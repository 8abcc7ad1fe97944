"""What rows of items, users and events have in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import values
from .fields import FREE, Fields
from .files import Block
from .tally import Mask

# Made once: making one takes longer than reading an object.
_OBJECT = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True, kw_only=True)
class TableReading:
    fields: Fields
    time_zone: str | None
    event_type: str | None
    asked_at: datetime


def done(block: Block) -> int:
    rows: int = block.table.num_rows
    return block.first_row - 1 + rows


def early(ids: values.Column) -> Mask:
    """Return all rows of an id but its last one: what came later is the truth."""
    texts = ids.to_pylist()
    last = {text: row for row, text in enumerate(texts)}
    return np.fromiter(
        (last[text] != row for row, text in enumerate(texts)), bool, len(texts)
    )


def entries(rows: pa.Table) -> list[dict[str, Any]]:
    """Return the free-form field of each row; empty cells are left out."""
    names = [name for name in rows.column_names if name.startswith(".")]
    columns = [_plain(rows[name]) for name in names]
    found = whole_objects(rows)[0]
    for name, column in zip(names, columns, strict=True):
        for entry, value in zip(found, column, strict=True):
            if value is not None:
                entry[name[1:]] = value
    return found


def whole_objects(rows: pa.Table) -> tuple[list[dict[str, Any]], Mask]:
    """Return the column of JSON objects, if there is one, and where it holds none."""
    bad = np.zeros(rows.num_rows, dtype=bool)
    name = next((one for one in FREE.values() if one in rows.column_names), None)
    if name is None:
        return [{} for _ in range(rows.num_rows)], bad
    found: list[dict[str, Any]] = []
    for row, text in enumerate(pc.cast(rows[name], pa.string()).to_pylist()):
        try:
            found.append({} if text is None else _OBJECT.decode(text))
        except (msgspec.DecodeError, RecursionError):
            bad[row] = True
            found.append({})
    return found, bad


def has_free_form(rows: pa.Table) -> bool:
    names = rows.column_names
    return any(name.startswith(".") or name in FREE.values() for name in names)


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
