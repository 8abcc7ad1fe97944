"""Read rows by COPY, as columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import numpy as np
import psycopg
from django.db import connection
from numpy.typing import NDArray
from psycopg import sql

_HEADER_BYTES = 19
_TRAILER_BYTES = 2
_BLOCK_ROWS = 250_000


class UnexpectedRowError(ValueError):
    """A row of a binary COPY is not of the width that its columns promise."""


def copy_columns(
    query: sql.Composable, *, columns: dict[str, str]
) -> Iterator[dict[str, NDArray[np.generic]]]:
    """Yield blocks of columns of a query by binary COPY.

    Parameters
    ----------
    query : sql.Composable
        A SELECT whose columns are of fixed width and never NULL.
    columns : dict
        Name and big-endian dtype of each column, such as ``{"id": ">i8"}``.
    """
    row = np.dtype([("fields", ">i2"), *_with_lengths(columns)])
    held: list[bytes] = []
    for data in copied(query, options="(FORMAT BINARY)"):
        # PostgreSQL sends the header with the first row and each row by itself.
        held.append(data)
        if len(held) == _BLOCK_ROWS:
            block = b"".join(held)
            yield _columns(block, row=row, names=columns)
            held = [block[:_HEADER_BYTES]]
    yield _columns(b"".join(held)[:-_TRAILER_BYTES], row=row, names=columns)


def copied(query: sql.Composable, *, options: str) -> Iterator[bytes]:
    """Yield the pieces of a COPY TO STDOUT on the default connection."""
    statement = sql.SQL("COPY ({}) TO STDOUT {}").format(query, sql.SQL(options))
    with connection.cursor() as wrapper:
        cursor = cast("psycopg.Cursor[tuple[object, ...]]", wrapper.cursor)
        with cursor.copy(statement) as copy:
            for data in copy:
                yield bytes(data)


def _with_lengths(columns: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name, dtype in columns.items():
        yield f"{name}_length", ">i4"
        yield name, dtype


def _columns(
    block: bytes, *, row: np.dtype[np.void], names: dict[str, str]
) -> dict[str, NDArray[np.generic]]:
    body = memoryview(block)[_HEADER_BYTES:]
    if len(body) % row.itemsize:
        raise UnexpectedRowError(f"{len(body)} bytes are no rows of {row.itemsize}")
    rows = np.frombuffer(body, dtype=row)
    for name, dtype in names.items():
        if not (rows[f"{name}_length"] == np.dtype(dtype).itemsize).all():
            raise UnexpectedRowError(f"{name} is NULL or not of type {dtype}")
    return {name: rows[name].astype(row[name].newbyteorder("=")) for name in names}
