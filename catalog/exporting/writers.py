"""Rows into NDJSON or Parquet, written under another name and renamed when whole."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

# Stored as JSON texts: in NDJSON they are objects again.
_OBJECTS = {"props", "traits", "meta"}
_TYPES = {
    "category_path": pa.list_(pa.string()),
    "tags": pa.list_(pa.string()),
    "price": pa.float64(),
    "available": pa.bool_(),
    "stock": pa.int32(),
    "type": pa.int16(),
    "value": pa.float64(),
    "ts": pa.timestamp("us", tz="UTC"),
    "created_at": pa.timestamp("us", tz="UTC"),
}
type Pieces = Iterable[Sequence[tuple[Any, ...]]]


def write(pieces: Pieces, *, columns: Sequence[str], path: Path) -> int:
    """Write rows to a file whose ending says how, and return their number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.part")
    writer = _parquet if path.suffix == ".parquet" else _ndjson
    rows = sum(writer(pieces, columns, draft))
    draft.replace(path)
    return rows


def _ndjson(pieces: Pieces, columns: Sequence[str], path: Path) -> Iterator[int]:
    with gzip.open(path, "wb", compresslevel=3) as file:
        for rows in pieces:
            lines = [_line(dict(zip(columns, row, strict=True))) for row in rows]
            file.write(b"\n".join(lines) + b"\n")
            yield len(rows)


def _line(row: dict[str, Any]) -> bytes:
    return msgspec.json.encode(
        {name: _plain(name, value) for name, value in row.items() if value is not None}
    )


def _plain(name: str, value: Any) -> Any:
    if name in _OBJECTS:
        return msgspec.Raw(value.encode())
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return value


def _parquet(pieces: Pieces, columns: Sequence[str], path: Path) -> Iterator[int]:
    schema = pa.schema([(name, _TYPES.get(name, pa.string())) for name in columns])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for rows in pieces:
            values = zip(*rows, strict=True)
            arrays = [
                pa.array(one, field.type)
                for one, field in zip(values, schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            yield len(rows)
