"""Columns laid out as they lie in memory: the quickest form, for a short while."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
import numpy as np

from .columns import Array, Columns


class Plain(msgspec.Struct, array_like=True):
    """Columns one behind the other."""

    n_rows: int
    columns: list[tuple[str, str]]
    """Name and NumPy's word for the type of each."""
    data: bytes


def lay_out(columns: Columns) -> Plain:
    """Return columns as they are, bit by bit."""
    return Plain(
        n_rows=columns.n_rows,
        columns=[(name, _word(array.dtype)) for name, array in columns.items()],
        data=b"".join([array.tobytes() for array in columns.values()]),
    )


@cache
def _word(dtype: np.dtype[Any]) -> str:
    # NumPy puts it together anew each time.
    return dtype.str


def pick_up(value: Any) -> Columns:
    """Return what was laid out: the inverse of :func:`lay_out`.

    Raises
    ------
    msgspec.ValidationError, TypeError, ValueError
        If the value is no columns.
    """
    plain = msgspec.convert(value, Plain)
    arrays: dict[str, Array] = {}
    start = 0
    for name, kind in plain.columns:
        dtype = np.dtype(kind)
        end = start + plain.n_rows * dtype.itemsize
        arrays[name] = np.frombuffer(plain.data[start:end], dtype)
        start = end
    return Columns(arrays)
