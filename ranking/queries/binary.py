"""PostgreSQL's binary values as Python and NumPy values."""

from __future__ import annotations

import struct
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg.pq.abc import PGresult

# PostgreSQL counts microseconds from 2000 on.
YEAR_2000_US = 946_684_800_000_000

# Dimensions, whether there are NULLs, type of elements, length, first index.
_HEADER_BYTES = 20
_LENGTH = struct.Struct(">i").unpack_from
_LENGTH_BYTES = 4


def integer(result: PGresult, column: int) -> int | None:
    """Return a smallint, integer or bigint."""
    data = result.get_value(0, column)
    return None if data is None else int.from_bytes(data, "big", signed=True)


def moment_us(result: PGresult, column: int) -> int | None:
    """Return a timestamp in Unix microseconds."""
    value = integer(result, column)
    return None if value is None else value + YEAR_2000_US


def numbers(result: PGresult, column: int, *, kind: str) -> NDArray[Any]:
    """Return an array without NULLs as `kind`, a NumPy type; NULL as an empty one."""
    data = result.get_value(0, column)
    if not data or len(data) < _HEADER_BYTES:
        return np.empty(0, kind)
    pairs = np.frombuffer(data, _pairs_of(kind), offset=_HEADER_BYTES)
    return pairs["value"].astype(kind)


@cache
def _pairs_of(kind: str) -> np.dtype[np.void]:
    return np.dtype([("length", ">i4"), ("value", f">{kind}")])


def blobs(result: PGresult, column: int) -> list[bytes | None]:
    """Return an array of bytea or text; NULL as an empty list."""
    data = result.get_value(0, column) or b""
    found: list[bytes | None] = []
    place = _HEADER_BYTES
    while place < len(data):
        (length,) = _LENGTH(data, place)
        place += _LENGTH_BYTES
        found.append(None if length < 0 else data[place : place + length])
        place += max(length, 0)
    return found
