"""Columns into numbers, times and ids, with a mask of those that are none.

Most blocks are clean, and Arrow reads a clean column in one step. Only where that
fails is each value looked at. What is said of a text is said once of each distinct
one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from catalog.core.text import is_id
from catalog.operations.event_tables import Ids

from .tally import Mask

_NUMBER = r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$"
_EPOCH_RANGE = (1e8, 1e17)
_ZONED = r"([zZ]|[-+]\d{2}:?\d{2})\s*$"
_MOMENT = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?)?"
_WHOLE = r"^(\d+)\.0+$"

type Column = pa.ChunkedArray | pa.Array


def flat(column: Column) -> pa.Array:
    """Return a column in one piece."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def distinct(column: Column) -> tuple[pa.Array, NDArray[np.int64]]:
    """Return a column's distinct values with null at their end, and each row's place.

    Row i holds `values[places[i]]`.
    """
    encoded = flat(column).dictionary_encode()
    values = pa.concat_arrays(
        [encoded.dictionary, pa.nulls(1, encoded.type.value_type)]
    )
    places = pc.fill_null(encoded.indices, len(values) - 1)
    return values, places.to_numpy().astype(np.int64)


def texts_that(column: Column, check: Callable[[str], bool]) -> Mask:
    """Return which rows have a text for which `check` is true."""
    values, places = distinct(pc.cast(column, pa.string()))
    found = [value is not None and check(value) for value in values.to_pylist()]
    return np.array(found, dtype=bool)[places]


def mask_of(values: Column) -> Mask:
    """Return a column of true, false and null as a mask; null counts as false."""
    filled = pc.fill_null(values, pa.scalar(value=False))
    return np.asarray(filled.to_numpy(zero_copy_only=False), dtype=bool)


def is_null(column: Column) -> Mask:
    if column.null_count == 0:
        return np.zeros(len(column), dtype=bool)
    return mask_of(pc.is_null(column))


def matches(column: Column, pattern: str) -> Mask:
    return mask_of(pc.match_substring_regex(column, pattern))


def numbers(column: Column) -> tuple[NDArray[np.float64], Mask]:
    """Return numbers, shape (n,), NaN where there is none, and where text is none."""
    if not pa.types.is_string(column.type):
        found = pc.cast(column, pa.float64(), safe=False)
        return _floats(found), np.zeros(len(column), dtype=bool)
    found = _cast(column, pa.float64())
    if found is not None and _is_all(pc.is_finite(found)):
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
    since = _cast(column, pa.float64())
    if since is not None and _is_all(pc.and_(*_within(since, _EPOCH_RANGE))):
        return _from_epoch(_floats(since))
    for kind in _written(time_zone):
        if (found := _cast(column, kind)) is not None:
            return _from_timestamps(found, time_zone=time_zone)
    return _from_mixed(pc.utf8_trim_whitespace(column), time_zone=time_zone)


def ids(column: Column) -> Ids:
    """Return a column of ids; null is an empty text, which is no id."""
    values, places = distinct(column)
    return Ids(pc.fill_null(as_text(values), "").to_pylist(), places)


def bad_ids(column: Ids) -> Mask:
    """Return where a column of text cannot name anything."""
    return column.that(lambda text: not is_id(text))


def written(found: NDArray[np.float64]) -> pa.Array:
    """Return numbers as text, whole ones without a fraction."""
    known, places = distinct(pa.array(found))
    return pc.cast(known, pa.string()).take(pa.array(places))


def as_text(column: Column) -> Column:
    """Return a column of ids as text, whole numbers without a fraction."""
    if pa.types.is_floating(column.type):
        column = pc.cast(column, pa.int64(), safe=False)
    text = pc.cast(column, pa.string())
    # "17850.0" is how a table that once held a missing value writes 17850.
    return pc.replace_substring_regex(text, _WHOLE, r"\1")


def _cast(column: Column, kind: pa.DataType) -> Column | None:
    """Return the column as another type, or None when one of its values is not."""
    try:
        return pc.cast(column, kind)
    except pa.ArrowInvalid:
        return None


def _is_all(column: Column) -> bool:
    """Return whether nothing is false; null is not."""
    return pc.all(column).as_py() is not False


def _within(column: Column, bounds: tuple[float, float]) -> tuple[Column, Column]:
    return pc.greater_equal(column, bounds[0]), pc.less(column, bounds[1])


def _written(time_zone: str | None) -> Iterator[pa.DataType]:
    """Yield how a whole column of times may be written."""
    if time_zone is not None:
        yield pa.timestamp("us")
    yield pa.timestamp("us", tz="UTC")


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


def _from_mixed(
    text: Column, *, time_zone: str | None
) -> tuple[NDArray[np.int64], Mask]:
    counted = numbers(text)[0]
    low, high = _EPOCH_RANGE
    is_epoch = (counted >= low) & (counted < high)
    since, bad = _from_epoch(np.where(is_epoch, counted, np.nan))
    if not bad.any():
        return since, bad
    zoned = matches(text, _ZONED) & matches(text, _MOMENT)
    for mask, zone in ((zoned, None), (matches(text, _MOMENT) & ~zoned, time_zone)):
        if mask.any() and (zone or mask is zoned):
            found, wrong = _from_text(_only(text, mask), time_zone=zone)
            since, bad = np.where(mask, found, since), np.where(mask, wrong, bad)
    return since, bad


def _from_text(
    text: Column, *, time_zone: str | None
) -> tuple[NDArray[np.int64], Mask]:
    kind = pa.timestamp("us") if time_zone else pa.timestamp("us", tz="UTC")
    if (read := _cast(text, kind)) is not None:
        return _from_timestamps(read, time_zone=time_zone)
    # One of them has the form of a time and is none, such as the 30th of February.
    found = [_one(value, kind) for value in text.to_pylist()]
    return _from_timestamps(pa.array(found, kind), time_zone=time_zone)


def _one(value: str | None, kind: pa.DataType) -> object:
    found = _cast(pa.scalar(value, pa.string()), kind)
    return None if found is None else found.as_py()


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
