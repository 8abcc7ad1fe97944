"""Columns as they lie in memory: how older versions left them in the spool."""

from __future__ import annotations

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


def pick_up(value: Any) -> Columns:
    """Return what was laid out.

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
