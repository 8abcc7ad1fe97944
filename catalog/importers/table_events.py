"""Rows of a table into events, with what is wrong told apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from catalog.core.event_types import DEFAULTS, numbers_by_name
from catalog.core.validity import EARLIEST, FURTHEST_AHEAD
from catalog.operations.events import EventColumns

from . import values
from .batches import Batch
from .files import Block
from .table_rows import (
    TableReading,
    done,
    entries,
    has_free_form,
    whole_objects,
)
from .tally import Mask, Sieve, Tally


def event_batch(block: Block, reading: TableReading, tally: Tally) -> Batch:
    table = block.table
    sieve = Sieve(tally, table=table, first_row=block.first_row)
    users, items = values.as_text(table["user_id"]), values.as_text(table["item_id"])
    sieve.reject("no_user", "nobody can be named", values.bad_ids(users))
    sieve.reject("no_item", "no item can be named", values.bad_ids(items))
    ts_us, no_time = values.moments(table["ts"], time_zone=reading.time_zone)
    sieve.reject(
        "no_time",
        "the time cannot be read, or has no zone and none was given (--time-zone)",
        no_time,
    )
    latest_us = (reading.asked_at + FURTHEST_AHEAD).timestamp() * 1e6
    outside = (ts_us < EARLIEST.timestamp() * 1e6) | (ts_us > latest_us)
    sieve.reject("odd_time", "the time is before 1990 or over a day ahead", outside)
    types, no_type = _types(table, reading=reading)
    sieve.reject("no_type", "no event type has that number or name", no_type)
    amounts, no_amount = _amounts(table)
    sieve.reject("no_value", "the value is no number", no_amount)
    sieve.reject("bad_meta", "meta is no JSON object", whole_objects(table)[1])
    good = pa.array(sieve.kept)
    rows = sieve.passed()
    return Batch(
        rows=done(block),
        read=block.read,
        events=EventColumns(
            user_ids=users.filter(good).to_pylist(),
            item_ids=items.filter(good).to_pylist(),
            types=types[sieve.kept].tolist(),
            values=amounts[sieve.kept].tolist(),
            ts_us=ts_us[sieve.kept].tolist(),
            metas=_free(rows),
            source_event_ids=_optional(rows, "source_event_id"),
        ),
    )


def _types(table: pa.Table, *, reading: TableReading) -> tuple[np.ndarray, Mask]:
    known = {str(each.type): each.type for each in DEFAULTS} | dict(
        numbers_by_name(DEFAULTS)
    )
    if "type" not in table.column_names:
        texts = [reading.event_type or ""] * table.num_rows
    else:
        texts = values.as_text(table["type"]).to_pylist()
    numbers = {text: _type_number(text, known) for text in set(texts)}
    found = np.fromiter((numbers[text] for text in texts), np.int64, len(texts))
    return found, found < 0


def _type_number(text: str | None, known: dict[str, int]) -> int:
    name = (text or "").strip().casefold()
    if name in known:
        return known[name]
    return int(name) if name.isascii() and name.isdigit() and len(name) < 5 else -1


def _amounts(table: pa.Table) -> tuple[np.ndarray, Mask]:
    if "value" not in table.column_names:
        return np.ones(table.num_rows), np.zeros(table.num_rows, bool)
    found, none = values.numbers(table["value"])
    return np.where(np.isnan(found), 1.0, found), none


def _optional(rows: pa.Table, name: str) -> Sequence[str | None] | None:
    if name not in rows.column_names:
        return None
    return list(values.as_text(rows[name]).to_pylist())


def _free(rows: pa.Table) -> list[str | None] | None:
    if not has_free_form(rows):
        return None
    if not any(name.startswith(".") for name in rows.column_names):
        # Checked already, and PostgreSQL reads it again anyway.
        return list(pc.cast(rows["meta"], pa.string()).to_pylist())
    return [_json(entry) if entry else None for entry in entries(rows)]


def _json(entry: dict[str, Any]) -> str:
    return msgspec.json.encode(entry).decode()
