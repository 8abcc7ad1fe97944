"""Text columns into numbers, times and ids, with a mask of those that are none."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from catalog.core.text import are_ids, is_id

from .tally import Mask

_NUMBER = r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?\s*$"
_EPOCH = r"^\s*\d{9,17}(\.\d+)?\s*$"
_ZONED = r"([zZ]|[-+]\d{2}:?\d{2})\s*$"
_MOMENT = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?)?"

type Column = pa.ChunkedArray | pa.Array


def mask_of(values: Column) -> Mask:
    """Return a column of true, false and null as a mask; null counts as false."""
    filled = pc.fill_null(values, pa.scalar(value=False))
    return np.asarray(filled.to_numpy(zero_copy_only=False), dtype=bool)


def is_null(column: Column) -> Mask:
    return mask_of(pc.is_null(column))


def matches(column: Column, pattern: str) -> Mask:
    return mask_of(pc.match_substring_regex(column, pattern))


def numbers(column: Column) -> tuple[NDArray[np.float64], Mask]:
    """Return numbers, shape (n,), NaN where there is none, and where text is none."""
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        found = pc.cast(column, pa.float64(), safe=False)
        return _floats(found), np.zeros(len(column), dtype=bool)
    good = matches(column, _NUMBER)
    bad = ~good & ~is_null(column)
    text = pc.if_else(pa.array(good), pc.utf8_trim_whitespace(column), None)
    values = _floats(pc.cast(text, pa.float64()))
    return np.where(np.isinf(values), np.nan, values), bad | np.isinf(values)


def moments(column: Column, *, time_zone: str | None) -> tuple[NDArray[np.int64], Mask]:
    """Return microseconds since 1970, shape (n,), and where there are none.

    Reads ISO 8601 with or without a zone and seconds, milliseconds or microseconds
    since 1970. Without `time_zone` a time that has no zone is no time.
    """
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        return _from_timestamps(column, time_zone=time_zone)
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return _from_epoch(_floats(pc.cast(column, pa.float64(), safe=False)))
    text = pc.utf8_trim_whitespace(column)
    since, bad = _from_epoch(numbers(_only(text, matches(text, _EPOCH)))[0])
    zoned = matches(text, _ZONED) & matches(text, _MOMENT)
    for mask, zone in ((zoned, None), (matches(text, _MOMENT) & ~zoned, time_zone)):
        if mask.any() and (zone or mask is zoned):
            found, wrong = _from_text(_only(text, mask), time_zone=zone)
            since, bad = np.where(mask, found, since), np.where(mask, wrong, bad)
    return since, bad


def bad_ids(column: Column) -> Mask:
    """Return where a column of text cannot name anything. Null cannot."""
    texts = column.to_pylist()
    if None not in texts and are_ids(texts):
        return np.zeros(len(texts), dtype=bool)
    known = {text: not (text and is_id(text)) for text in set(texts)}
    return np.fromiter((known[text] for text in texts), bool, len(texts))


def as_text(column: Column) -> Column:
    """Return a column of ids as text, whole numbers without a fraction."""
    if pa.types.is_floating(column.type):
        column = pc.cast(column, pa.int64(), safe=False)
    text = pc.cast(column, pa.string())
    # "17850.0" is how a table that once held a missing value writes 17850.
    return pc.replace_substring_regex(text, r"^(\d+)\.0+$", r"\1")


def _only(column: Column, mask: Mask) -> Column:
    return pc.if_else(pa.array(mask), column, pa.scalar(None, pa.string()))


def _floats(column: Column) -> NDArray[np.float64]:
    values = pc.fill_null(column, float("nan"))
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.float64)


def _from_epoch(seconds: NDArray[np.float64]) -> tuple[NDArray[np.int64], Mask]:
    """Tell seconds from milliseconds and microseconds by their size."""
    bad = np.isnan(seconds)
    factor = np.where(seconds < 1e11, 1e6, np.where(seconds < 1e14, 1e3, 1.0))
    return np.where(bad, 0.0, seconds * factor).astype(np.int64), bad


def _from_text(
    text: Column, *, time_zone: str | None
) -> tuple[NDArray[np.int64], Mask]:
    kind = pa.timestamp("us") if time_zone else pa.timestamp("us", tz="UTC")
    try:
        return _from_timestamps(pc.cast(text, kind), time_zone=time_zone)
    except pa.ArrowInvalid:
        # One of them has the form of a time and is none, such as the 30th of February.
        found = [_one(value, kind) for value in text.to_pylist()]
        return _from_timestamps(pa.array(found, kind), time_zone=time_zone)


def _one(value: str | None, kind: pa.DataType) -> object:
    try:
        return pc.cast(pa.scalar(value, pa.string()), kind).as_py()
    except pa.ArrowInvalid:
        return None


def _from_timestamps(
    column: Column, *, time_zone: str | None
) -> tuple[NDArray[np.int64], Mask]:
    stamps = pc.cast(column, pa.timestamp("us", tz=getattr(column.type, "tz", None)))
    if stamps.type.tz is None:
        if time_zone is None:
            return np.zeros(len(column), np.int64), np.ones(len(column), bool)
        # Clocks that were put back show an hour twice, and skip one when put forward.
        stamps = pc.assume_timezone(
            stamps, time_zone, ambiguous="earliest", nonexistent="latest"
        )
    since = pc.fill_null(pc.cast(stamps, pa.int64()), 0)
    return since.to_numpy(zero_copy_only=False), is_null(stamps)
