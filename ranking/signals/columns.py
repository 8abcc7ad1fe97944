"""Column files: Parquet named by the hash of its bytes, so that builds share them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

_ROWS_PER_GROUP = 1_000_000
_BLOCK = 1 << 20


class ColumnFile(msgspec.Struct, frozen=True):
    """One signal as it stands in a manifest."""

    hash: str
    """SHA-256 of the file."""
    inputs: str
    """Fingerprint of all that the signal was computed from."""
    rows: int
    bytes: int
    facts: dict[str, int | float | str] = {}
    """Figures that belong to the signal: caps that applied, penalties used."""


class DamagedColumnError(ValueError):
    """A column file is not what its name says."""


def write_column(
    table: pa.Table,
    directory: Path,
    *,
    inputs: str,
    facts: dict[str, int | float | str] | None = None,
) -> ColumnFile:
    """Write a table under the hash of its bytes, unless it is there already."""
    directory.mkdir(parents=True, exist_ok=True)
    draft = directory / f"{inputs}.{id(table)}.new"
    pq.write_table(
        table,
        draft,
        compression="zstd",
        compression_level=1,
        row_group_size=_ROWS_PER_GROUP,
        use_dictionary=False,
    )
    digest, size = _digest(draft), draft.stat().st_size
    draft.replace(directory / f"{digest}.parquet")
    return ColumnFile(
        hash=digest, inputs=inputs, rows=table.num_rows, bytes=size, facts=facts or {}
    )


def read_column(directory: Path, column: ColumnFile) -> pa.Table:
    """Read a column file, refusing one whose bytes have changed."""
    path = directory / f"{column.hash}.parquet"
    if _digest(path) != column.hash:
        raise DamagedColumnError(f"{path} is damaged: build the signals again.")
    # memory_map is off: the file may be collected while its arrays are in use.
    return pq.read_table(path)


def has_column(directory: Path, column: ColumnFile) -> bool:
    """Return whether the file is there, of the right size."""
    path = directory / f"{column.hash}.parquet"
    return path.exists() and path.stat().st_size == column.bytes


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
