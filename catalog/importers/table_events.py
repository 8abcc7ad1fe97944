"""Rows of a table into events, with what is wrong told apart."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from catalog.core.moments import microseconds
from catalog.core.text import is_id
from catalog.core.validity import EARLIEST, FURTHEST_AHEAD
from catalog.operations.event_tables import EventTable

from . import json_texts, values
from .batches import Batch
from .files import Block
from .table_rows import TableReading
from .tally import Mask, Sieve, Tally
from .types import tell_of_types, types_of

_KEY = "source_event_id"


def event_batch(block: Block, reading: TableReading, tally: Tally) -> Batch:
    table = block.table
    sieve = Sieve(tally, table=table, first_row=block.first_row)
    users, items = values.ids(table["user_id"]), values.ids(table["item_id"])
    sieve.reject("no_user", "nobody can be named", values.bad_ids(users))
    sieve.reject("no_item", "no item can be named", values.bad_ids(items))
    ts_us = _moments(sieve, table, reading=reading)
    types = types_of(table, reading=reading)
    tell_of_types(sieve, types)
    amounts, no_amount = _amounts(table)
    sieve.reject("no_value", "the value is no number", no_amount)
    sieve.reject("bad_meta", "meta is no JSON object", json_texts.bad_objects(table))
    keys = _keys(sieve, table)
    rows, kept = sieve.passed(), sieve.kept
    return Batch(
        rows=block.last_row,
        read=block.read,
        events=EventTable(
            users=users.where(kept),
            items=items.where(kept),
            types=types.numbers[kept],
            values=None if amounts is None else amounts[kept],
            ts_us=ts_us[kept],
            metas=json_texts.texts_of(rows),
            keys=None if keys is None else keys.filter(pa.array(kept)),
        ),
    )


def _moments(
    sieve: Sieve, table: pa.Table, *, reading: TableReading
) -> NDArray[np.int64]:
    ts_us, no_time = values.moments(table["ts"], time_zone=reading.time_zone)
    sieve.reject(
        "no_time",
        "the time cannot be read, or has no zone and none was given (--time-zone)",
        no_time,
    )
    latest_us = microseconds(reading.asked_at + FURTHEST_AHEAD)
    outside = (ts_us < microseconds(EARLIEST)) | (ts_us > latest_us)
    sieve.reject("odd_time", "the time is before 1990 or over a day ahead", outside)
    return ts_us


def _amounts(table: pa.Table) -> tuple[NDArray[np.float64] | None, Mask]:
    if "value" not in table.column_names:
        return None, np.zeros(table.num_rows, bool)
    found, none = values.numbers(table["value"])
    return np.where(np.isnan(found), 1.0, found), none


def _keys(sieve: Sieve, table: pa.Table) -> pa.Array | None:
    if _KEY not in table.column_names:
        return None
    keys = values.flat(values.as_text(table[_KEY]))
    sieve.reject(
        "bad_key",
        f"{_KEY} has 1 to 256 bytes and no control characters",
        values.texts_that(keys, lambda text: not is_id(text)),
    )
    return keys
