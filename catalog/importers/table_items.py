"""Rows of a table into items and users, with what is wrong told apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from catalog.core.validity import item_faults
from catalog.core.wire import ItemIn, UserIn

from . import values
from .batches import Batch
from .fields import FIELDS
from .files import Block
from .json_texts import bad_objects, has_free_form, objects
from .table_rows import TableReading, early
from .tally import Mask, Sieve, Tally

_TEXTS_AND_MORE = {*FIELDS["items"]} - {"props", "created_at"}
_REPEATED = "a later row of the batch has the same id"
_YES = {"1", "true", "yes", "y", "t", "on", "in stock", "available"}


def item_batch(block: Block, reading: TableReading, tally: Tally) -> Batch:
    table = block.table
    sieve = Sieve(tally, table=table, first_row=block.first_row)
    ids = values.ids(table["item_id"])
    names = ids.to_list()
    sieve.reject("no_item", "no item can be named", values.bad_ids(ids))
    sieve.reject("repeated_id", _REPEATED, early(names))
    for name in ("price", "stock"):
        if name in table.column_names:
            found, none = values.numbers(table[name])
            wrong = none | (found < 0) | (found >= 1e12)
            sieve.reject(f"no_{name}", f"the {name} is no number from 0", wrong)
    sieve.reject("bad_props", "props is no JSON object", bad_objects(table))
    items = _items(table, ids=names)
    sieve.reject(
        "bad_text", "a text is too long or has control characters", _bad(items)
    )
    kept = np.flatnonzero(sieve.kept).tolist()
    sieve.passed()
    return Batch(
        rows=block.last_row,
        read=block.read,
        items=[items[row] for row in kept],
        appeared_us=_appeared(table, items=items, rows=kept, reading=reading),
    )


def user_batch(block: Block, reading: TableReading, tally: Tally) -> Batch:
    sieve = Sieve(tally, table=block.table, first_row=block.first_row)
    ids = values.ids(block.table["user_id"])
    sieve.reject("no_user", "nobody can be named", values.bad_ids(ids))
    sieve.reject("repeated_id", _REPEATED, early(ids.to_list()))
    sieve.reject("bad_traits", "traits is no JSON object", bad_objects(block.table))
    names, traits = ids.where(sieve.kept).to_list(), objects(sieve.passed())
    return Batch(
        rows=block.last_row,
        read=block.read,
        users=[
            UserIn(user_id=name, traits=entry)
            for name, entry in zip(names, traits, strict=True)
        ],
    )


def _items(table: pa.Table, *, ids: list[str]) -> list[ItemIn]:
    names = [name for name in table.column_names if name in _TEXTS_AND_MORE]
    given = {name: _cells(table, name) for name in names}
    given |= {"item_id": ids}
    if has_free_form(table):
        given["props"] = objects(table)
    return [
        ItemIn(**dict(zip(given, row, strict=True)))
        for row in zip(*given.values(), strict=True)
    ]


def _cells(table: pa.Table, name: str) -> list[Any]:
    column = table[name]
    match name:
        case "price" | "stock":
            found = values.numbers(column)[0].tolist()
            kind = float if name == "price" else int
            return [None if np.isnan(one) else kind(one) for one in found]
        case "available":
            texts = pc.cast(column, pa.string()).to_pylist()
            return [
                None if one is None else one.strip().lower() in _YES for one in texts
            ]
        case "tags":
            return _lists(column, separators=",|;")
        case "category_path":
            return _lists(column, separators=">|/")
        case _:
            return list(pc.cast(column, pa.string()).to_pylist())


def _lists(column: values.Column, *, separators: str) -> list[list[str] | None]:
    """Split texts at the first of the separators that they hold."""
    return [_parts(one, separators=separators) for one in column.to_pylist()]


def _parts(cell: Any, *, separators: str) -> list[str] | None:
    if cell is None or isinstance(cell, list):
        return cell
    mark = next((mark for mark in separators if mark in cell), separators[0])
    return [part.strip() for part in str(cell).split(mark) if part.strip()]


def _bad(items: Sequence[ItemIn]) -> Mask:
    bad = np.zeros(len(items), dtype=bool)
    for fault in item_faults(list(enumerate(items))):
        if fault.code == "invalid_text" and fault.index is not None:
            bad[fault.index] = True
    return bad


def _appeared(
    table: pa.Table,
    *,
    items: Sequence[ItemIn],
    rows: Sequence[int],
    reading: TableReading,
) -> dict[str, int]:
    if "created_at" not in table.column_names:
        return {}
    since, none = values.moments(table["created_at"], time_zone=reading.time_zone)
    return {items[row].item_id: int(since[row]) for row in rows if not none[row]}
