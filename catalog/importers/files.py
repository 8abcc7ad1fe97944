"""Reading files row by row: CSV, gzip, Parquet; in batches of a fixed size."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from catalog.operations.runs import RunFailedError

# Rows to a batch, and batches to a transaction: 1. Fewer of items and users, which
# become objects one by one.
BATCH_ROWS = 100_000
FEW_ROWS = 20_000
_BLOCK_BYTES = 4 * 1024 * 1024
_LONGEST_HEADER = 64 * 1024
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, kw_only=True)
class Table:
    """A file of rows, all columns read as text unless it is Parquet."""

    path: Path
    encoding: str = "utf-8"
    delimiter: str = ","
    # For files without a header line.
    names: tuple[str, ...] = ()
    quoted: bool = True


@dataclass(frozen=True, kw_only=True)
class Block:
    """Consecutive rows of a file."""

    table: pa.Table
    first_row: int
    """Counts the file's rows from 1, the header left out."""

    read: float
    """Share of the file read so far, in [0, 1]."""

    @property
    def last_row(self) -> int:
        rows: int = self.table.num_rows
        return self.first_row - 1 + rows


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, or of all files in a directory, as hex."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    total = hashlib.sha256()
    for file in files:
        if file.is_file():
            with file.open("rb") as stream:
                total.update(hashlib.file_digest(stream, "sha256").digest())
    return total.hexdigest()


def column_names(table: Table) -> list[str]:
    """Return the names of a file's columns."""
    if is_parquet(table.path):
        return list(pq.read_schema(table.path).names)
    with _open(table) as stream, _refusing(table, stream) as reader:
        return list(reader.schema.names)


def blocks(
    table: Table,
    *,
    skip: int = 0,
    columns: Sequence[str] = (),
    size: int = BATCH_ROWS,
) -> Iterator[Block]:
    """Yield the rows after the first `skip`, `size` at a time.

    The same file gives the same batches each time, so that a count of rows is a place.
    """
    pieces = _parquet(table, columns) if is_parquet(table.path) else _csv(table)
    held: list[pa.Table] = []
    count, place = 0, 0
    for piece, read in pieces:
        rest = piece
        while count + rest.num_rows >= size:
            head = rest.slice(0, size - count)
            yield from _unless_skipped([*held, head], place, read, skip=skip)
            rest = rest.slice(size - count)
            held, count, place = [], 0, place + size
        held.append(rest)
        count += rest.num_rows
    if count:
        yield from _unless_skipped(held, place, 1.0, skip=skip)


def is_parquet(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(4) == b"PAR1"


def _unless_skipped(
    held: list[pa.Table], place: int, read: float, *, skip: int
) -> Iterator[Block]:
    if place >= skip:
        yield Block(table=pa.concat_tables(held), first_row=place + 1, read=read)


def _csv(table: Table) -> Iterator[tuple[pa.Table, float]]:
    size = max(1, table.path.stat().st_size)
    with _open(table) as stream, _refusing(table, stream) as reader:
        while True:
            try:
                batch = reader.read_next_batch()
            except StopIteration:
                return
            except (pa.ArrowInvalid, UnicodeDecodeError, OSError, EOFError) as error:
                raise _unreadable(table, error) from error
            yield pa.Table.from_batches([batch]), min(1.0, stream.raw.tell() / size)


def _parquet(table: Table, columns: Sequence[str]) -> Iterator[tuple[pa.Table, float]]:
    with pq.ParquetFile(table.path) as file:
        total, done = max(1, file.metadata.num_rows), 0
        for batch in file.iter_batches(BATCH_ROWS, columns=list(columns) or None):
            done += batch.num_rows
            yield _plain(pa.Table.from_batches([batch])), done / total


def _plain(table: pa.Table) -> pa.Table:
    """Return the table with one kind of text column, however the file keeps them."""
    kinds = [_plain_kind(kind) for kind in table.schema.types]
    return table.cast(pa.schema(zip(table.schema.names, kinds, strict=True)))


def _plain_kind(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return _plain_kind(kind.value_type)
    is_text = pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    return pa.string() if is_text else kind


class _Stream(io.BufferedIOBase):
    """A file, unpacked if it is gzip, that knows how much of it was read."""

    def __init__(self, path: Path) -> None:
        self.raw = path.open("rb")
        packed = self.raw.read(2) == _GZIP
        self.raw.seek(0)
        self._data = gzip.GzipFile(fileobj=self.raw) if packed else self.raw

    def read(self, size: int | None = -1, /) -> bytes:
        return self._data.read(-1 if size is None else size)

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._data.close()
        self.raw.close()
        super().close()


def _open(table: Table) -> _Stream:
    return _Stream(table.path)


def _refusing(table: Table, stream: _Stream) -> arrow_csv.CSVStreamingReader:
    names = list(table.names)
    text = _all_text(table) if not names else dict.fromkeys(names, pa.string())
    try:
        return arrow_csv.open_csv(
            pa.PythonFile(stream, mode="r"),
            read_options=arrow_csv.ReadOptions(
                block_size=_BLOCK_BYTES,
                encoding=table.encoding,
                column_names=names or None,
                use_threads=False,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=table.delimiter,
                quote_char='"' if table.quoted else False,
                newlines_in_values=table.quoted,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=text, null_values=[""], strings_can_be_null=True
            ),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError, OSError) as error:
        raise _unreadable(table, error) from error


def _all_text(table: Table) -> dict[str, pa.DataType]:
    """Read the header, so that no column's type is guessed from its first rows."""
    with _Stream(table.path) as stream:
        start = stream.read(_LONGEST_HEADER).decode(table.encoding, errors="replace")
    lines = csv.reader(
        start.lstrip("\ufeff").splitlines()[:1], delimiter=table.delimiter
    )
    return dict.fromkeys(next(lines, []), pa.string())


def _unreadable(table: Table, error: Exception) -> RunFailedError:
    words = str(error).splitlines()[0] if str(error) else type(error).__name__
    hint = (
        "Say the file's encoding, such as --encoding latin-1."
        if "UTF8" in words.upper().replace("-", "")
        else "Repair the file, or save it again as CSV or Parquet."
    )
    return RunFailedError(f"{table.path} cannot be read: {words}. {hint}")
