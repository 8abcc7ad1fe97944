"""A compact form of columns.

The type of an array says how exact it has to come back: integers and float64 exactly,
float32 as a half of its column's largest value (relative error below 0.05 % down to a
ten-thousandth of it, and below a ten-millionth of it from there on), NaN meaning *no
value*.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from .columns import Array, Columns

# Up to here lists are quicker than arrays, and msgpack keeps small steps short.
_FEW_ROWS = 64
_LARGEST = np.finfo(np.float32).max
_WIDTHS = ((0, 0), (1, 0xFF), (2, 0xFFFF), (4, 0xFFFF_FFFF))


class _Whole(msgspec.Struct, array_like=True):
    """An integer or float64 column: its values or the steps between, less `low`."""

    name: str
    dtype: str
    width: int
    """Bytes a value takes."""
    low: int = 0
    first: int | None = None
    """Where the steps start from, None when values are kept and not steps."""
    steps: list[int] | None = None
    """The steps themselves, when they are few."""

    def n_bytes(self, n_rows: int) -> int:
        return self.width * (n_rows if self.first is None else n_rows - 1)


class _Packed(msgspec.Struct, array_like=True):
    n_rows: int
    names: list[str]
    whole: list[_Whole]
    whole_bytes: bytes
    rough: list[tuple[str, int]]
    """Names of the float32 columns, each with its place among the distinct ones."""
    rough_mask: bytes
    rough_planes: bytes
    rough_scales: list[float] | None = None
    """What each distinct one was divided by. None in records that were written before
    there were scales, with three bytes of each float."""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Packed).decode


def pack(columns: Columns) -> bytes:
    """Return columns as bytes that compress well.

    Integers become offsets from their smallest value, or steps where those are
    narrower; wide values are written by byte place (all lowest bytes first), so that
    bytes that seldom vary stand together; equal float32 columns are written once.
    """
    rough: dict[str, Array] = {}
    exact: dict[str, Array] = {}
    integers: dict[str, Array] = {}
    kinds = {np.dtype(np.float32): rough, np.dtype(np.float64): exact}
    for name, array in columns.items():
        kinds.get(array.dtype, integers)[name] = array
    whole = [*_pack_exact(exact), *_pack_integers(integers)]
    places, mask, planes, scales = _pack_rough(rough)
    return _encode(
        _Packed(
            n_rows=columns.n_rows,
            names=list(columns),
            whole=[described for described, _ in whole],
            whole_bytes=b"".join([data for _, data in whole]),
            rough=places,
            rough_mask=mask,
            rough_planes=planes,
            rough_scales=scales,
        )
    )


def unpack(data: bytes) -> Columns:
    """Return what was packed.

    Raises
    ------
    msgspec.DecodeError
        If the bytes are no packed columns.
    """
    packed = _decode(data)
    arrays = dict(_unpack_rough(packed))
    start = 0
    for column in packed.whole:
        end = start + column.n_bytes(packed.n_rows)
        arrays[column.name] = _unpack_whole(
            column, packed.whole_bytes[start:end], n_rows=packed.n_rows
        )
        start = end
    return Columns({name: arrays[name] for name in packed.names})


def _pack_exact(exact: Mapping[str, Array]) -> Iterator[tuple[_Whole, bytes]]:
    for name, array in exact.items():
        yield _Whole(name, array.dtype.str, 8), _planes(np.ascontiguousarray(array))


def _pack_integers(integers: Mapping[str, Array]) -> Iterator[tuple[_Whole, bytes]]:
    if not integers:
        return
    # One table for all: what NumPy costs here is calls, not values.
    table = np.array([*integers.values()], np.int64)
    steps = table[:, 1:] - table[:, :-1]
    if 0 < table.shape[1] <= _FEW_ROWS:
        firsts, lists = table[:, 0].tolist(), steps.tolist()
        for row, (name, array) in enumerate(integers.items()):
            yield _Whole(name, array.dtype.str, 0, 0, firsts[row], lists[row]), b""
        return
    spans = zip(_spans(table), _spans(steps), strict=True)
    for row, (name, array) in enumerate(integers.items()):
        (low, width), (low_step, step_width) = next(spans)
        dtype = array.dtype.str
        if step_width < width:
            described = _Whole(name, dtype, step_width, low_step, int(table[row, 0]))
            yield described, _offsets(steps[row], low=low_step, width=step_width)
        else:
            yield (
                _Whole(name, dtype, width, low),
                _offsets(table[row], low=low, width=width),
            )


def _spans(table: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return each row's smallest value, and how many bytes the offsets from it need."""
    if not table.shape[1]:
        return [(0, 0)] * len(table)
    lows = np.minimum.reduce(table, axis=1).tolist()
    highs = np.maximum.reduce(table, axis=1).tolist()
    return [(low, _width(high - low)) for low, high in zip(lows, highs, strict=True)]


def _width(spread: int) -> int:
    return next((width for width, limit in _WIDTHS if spread <= limit), 8)


def _offsets(values: NDArray[np.int64], *, low: int, width: int) -> bytes:
    if width == 0:
        return b""
    # Wraps around on purpose, and back again when it is read.
    return _planes((values - np.int64(low)).astype(f"<u{width}"))


def _unpack_whole(column: _Whole, data: bytes, *, n_rows: int) -> Array:
    if column.dtype[1:] == "f8":
        return _unplaned(data, dtype=column.dtype)
    n_values = n_rows if column.first is None else n_rows - 1
    values = np.full(n_values, column.low, np.int64)
    if column.steps is not None:
        values = np.array(column.steps, np.int64)
    elif column.width:
        values += _unplaned(data, dtype=f"<u{column.width}").astype(np.int64)
    if column.first is not None:
        values = np.cumsum(np.concatenate([[np.int64(column.first)], values]))
    return values.astype(column.dtype)


def _pack_rough(
    rough: Mapping[str, Array],
) -> tuple[list[tuple[str, int]], bytes, bytes, list[float]]:
    if not rough:
        return [], b"", b"", []
    distinct: dict[bytes, int] = {}
    places = [
        (name, distinct.setdefault(array.tobytes(), len(distinct)))
        for name, array in rough.items()
    ]
    table = np.frombuffer(b"".join(distinct), "<f4").reshape(len(distinct), -1)
    present = table == table  # noqa: PLR0124 only NaN differs from itself
    scales = np.fmax.reduce(np.abs(table), axis=1, initial=0.0)
    scales[scales == 0.0] = 1.0
    np.minimum(scales, _LARGEST, out=scales)
    halves = (table / scales[:, np.newaxis])[present].astype("<f2")
    return places, np.packbits(present).tobytes(), _planes(halves), scales.tolist()


def _unpack_rough(packed: _Packed) -> Iterator[tuple[str, Array]]:
    n_distinct = 1 + max((place for _, place in packed.rough), default=-1)
    n_values = n_distinct * packed.n_rows
    mask = np.frombuffer(packed.rough_mask, np.uint8)
    values = np.full(n_values, np.nan, np.float32)
    present = np.unpackbits(mask, count=n_values).astype(bool)
    if packed.rough_scales is None:
        values[present] = _three_bytes(packed.rough_planes)
    else:
        values[present] = _unplaned(packed.rough_planes, dtype="<f2")
    table = values.reshape(n_distinct, packed.n_rows)
    if packed.rough_scales is not None:
        table *= np.array(packed.rough_scales, np.float32)[:, np.newaxis]
    for name, place in packed.rough:
        yield name, table[place].copy()


def _three_bytes(planes: bytes) -> Array:
    table = np.frombuffer(planes, np.uint8).reshape(3, -1)
    words = np.zeros((table.shape[1], 4), np.uint8)
    words[:, 1:] = table.T
    return words.view("<f4")[:, 0]


def _planes(values: Array) -> bytes:
    if values.itemsize == 1:
        return values.tobytes()
    return values.view(np.uint8).reshape(-1, values.itemsize).T.tobytes()


def _unplaned(data: bytes, *, dtype: str) -> Array:
    planes = np.frombuffer(data, np.uint8).reshape(np.dtype(dtype).itemsize, -1)
    return planes.T.reshape(-1).view(dtype)
