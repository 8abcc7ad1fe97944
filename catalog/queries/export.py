"""Events as Parquet files, kept between exports so that only new ones are read.

A namespace's directory holds chunks of ascending event ids and `chunks.json`, which
says what they contain and up to which change of the feed. The next export reads what
came after. Ids are given out before transactions commit, so an event may appear below
one that was exported long ago; the feed counts every event, and where the counts
disagree the last chunks are read again, twice as far back each time.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from django.db.models import QuerySet, Sum
from filelock import FileLock
from psycopg import sql

from catalog.models import Change, ChangeKind, Namespace

from .copying import copy_columns

log = logging.getLogger(__name__)

SCHEMA = pa.schema(
    [
        ("event_id", pa.int64()),
        ("user_number", pa.int64()),
        ("item_number", pa.int64()),
        ("type", pa.int16()),
        ("value", pa.float64()),
        ("ts_us", pa.int64()),
    ]
)
_QUERY = """
SELECT id, user_id, item_id, type, value, ts FROM catalog_event
WHERE org_id = {org} AND namespace_id = {namespace} AND id > {after}
"""
_COLUMNS = dict(
    zip(SCHEMA.names, (">i8", ">i8", ">i8", ">i2", ">f8", ">i8"), strict=True)
)
# PostgreSQL counts microseconds from 2000-01-01.
_EPOCH_US = 946_684_800_000_000
_KEEP_REPLACED_SECONDS = 3600.0


class Chunk(msgspec.Struct, frozen=True):
    """One file of events with ids in (after_id, last_id]."""

    file: str
    after_id: int
    last_id: int
    rows: int
    first_ts_us: int
    last_ts_us: int


class _State(msgspec.Struct):
    change_number: int = 0
    chunks: list[Chunk] = msgspec.field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class EventExport:
    """Every event of a namespace, as files."""

    directory: Path
    chunks: tuple[Chunk, ...]
    rows_read: int
    """How many came from PostgreSQL this time."""

    @property
    def files(self) -> list[str]:
        return [str(self.directory / chunk.file) for chunk in self.chunks]

    @property
    def rows(self) -> int:
        return sum(chunk.rows for chunk in self.chunks)

    @property
    def last_ts_us(self) -> int:
        return max((chunk.last_ts_us for chunk in self.chunks), default=0)

    @property
    def last_event_id(self) -> int:
        return max((chunk.last_id for chunk in self.chunks), default=0)


def export_events(namespace: Namespace, *, directory: Path) -> EventExport:
    """Bring the files of a namespace's events up to what the transaction sees.

    Called inside the org's scope, in a REPEATABLE READ transaction, with a namespace
    that was read in it: then `namespace.change_number` is what the files contain.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with FileLock(directory / "lock"):
        state = _still_valid(_load(directory), namespace)
        kept, new = _read_new(namespace, state, directory=directory)
        chunks = _compact([*kept, *new], directory=directory)
        _save(_State(namespace.change_number, chunks), directory=directory)
        _remove_replaced(directory, current={chunk.file for chunk in chunks})
    return EventExport(
        directory=directory,
        chunks=tuple(chunks),
        rows_read=sum(chunk.rows for chunk in new),
    )


def _still_valid(state: _State, namespace: Namespace) -> _State:
    """Return the state, or an empty one when what it holds may be gone."""
    later = _changes_after(state, namespace)
    expected = namespace.change_number - state.change_number
    is_complete = expected >= 0 and later.count() == expected
    if is_complete and not later.filter(kind=ChangeKind.DELETED).exists():
        return state
    return _State()


def _read_new(
    namespace: Namespace, state: _State, *, directory: Path
) -> tuple[list[Chunk], list[Chunk]]:
    """Return the chunks that stay, and one with all that is not in them."""
    if not state.chunks:
        return [], _read(namespace, after_id=0, directory=directory)
    events = _changes_after(state, namespace).filter(kind=ChangeKind.EVENTS)
    arrived = events.aggregate(total=Sum("count"))["total"] or 0
    if not arrived:
        return state.chunks, []
    kept, step = list(state.chunks), 1
    while kept:
        new = _read(namespace, after_id=kept[-1].last_id, directory=directory)
        again = sum(chunk.rows for chunk in state.chunks[len(kept) :])
        if sum(chunk.rows for chunk in new) == arrived + again:
            return kept, new
        kept, step = kept[:-step], step * 2
    log.info("Namespace %s: all events are exported again", namespace.pk)
    return [], _read(namespace, after_id=0, directory=directory)


def _changes_after(state: _State, namespace: Namespace) -> QuerySet[Change]:
    return Change.objects.filter(
        namespace=namespace,
        number__gt=state.change_number,
        number__lte=namespace.change_number,
    )


def _read(namespace: Namespace, *, after_id: int, directory: Path) -> list[Chunk]:
    query = sql.SQL(_QUERY).format(
        org=sql.Literal(str(namespace.org_id)),
        namespace=sql.Literal(namespace.pk),
        after=sql.Literal(after_id),
    )
    blocks = (_table(block) for block in copy_columns(query, columns=_COLUMNS))
    return _write(blocks, after_id=after_id, directory=directory)


def _table(block: dict[str, np.ndarray]) -> pa.Table:
    arrays = {**block, "ts_us": block["ts_us"] + _EPOCH_US}
    return pa.table(arrays, schema=SCHEMA)


def _write(
    tables: Iterable[pa.Table], *, after_id: int, directory: Path
) -> list[Chunk]:
    """Write tables to one file, if they hold any row."""
    file, rows, ends = f"{uuid4().hex}.parquet", 0, []
    with pq.ParquetWriter(directory / file, SCHEMA, compression="zstd") as writer:
        for table in tables:
            if table.num_rows:
                writer.write_table(table)
                rows += table.num_rows
                ends.append((_ends(table, "event_id"), _ends(table, "ts_us")))
    if not rows:
        (directory / file).unlink()
        return []
    ids, times = zip(*ends, strict=True)
    last_id = max(last for _, last in ids)
    first_ts, last_ts = min(first for first, _ in times), max(last for _, last in times)
    return [Chunk(file, after_id, last_id, rows, first_ts, last_ts)]


def _ends(table: pa.Table, column: str) -> tuple[int, int]:
    values = table[column].to_numpy()
    return int(values.min()), int(values.max())


def _compact(chunks: Sequence[Chunk], *, directory: Path) -> list[Chunk]:
    """Join small chunks at the end, so that their number grows with the logarithm."""
    kept = list(chunks)
    while len(kept) > 1 and kept[-2].rows <= 2 * kept[-1].rows:
        one, other = kept[-2:]
        tables = _batches([one, other], directory=directory)
        kept[-2:] = _write(tables, after_id=one.after_id, directory=directory)
    return kept


def _batches(chunks: Sequence[Chunk], *, directory: Path) -> Iterator[pa.Table]:
    for chunk in chunks:
        with pq.ParquetFile(directory / chunk.file) as file:
            for group in range(file.num_row_groups):
                yield file.read_row_group(group)


def _load(directory: Path) -> _State:
    try:
        state = msgspec.json.decode(
            (directory / "chunks.json").read_bytes(), type=_State
        )
    except (FileNotFoundError, msgspec.DecodeError):
        return _State()
    complete = all((directory / chunk.file).exists() for chunk in state.chunks)
    return state if complete else _State()


def _save(state: _State, *, directory: Path) -> None:
    draft = directory / "chunks.json.new"
    draft.write_bytes(msgspec.json.encode(state))
    draft.replace(directory / "chunks.json")


def _remove_replaced(directory: Path, *, current: set[str]) -> None:
    """Remove files that are no longer named, once nobody can be reading them."""
    replaced = [
        path for path in directory.glob("*.parquet") if path.name not in current
    ]
    newest = max((path.stat().st_mtime for path in directory.iterdir()), default=0.0)
    for path in replaced:
        if path.stat().st_mtime < newest - _KEEP_REPLACED_SECONDS:
            os.unlink(path)
