"""Where old days of decisions go before they leave the database: Parquet files.

<archive>/<org>/<namespace>/<day>.parquet, written whole under another name first. What
comes late for a day that was archived gets a file of its own: <day>.1.parquet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain, count
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from pyarrow import fs

from catalog.core.moments import from_microseconds

from .core.codec import Envelope
from .core.identity import answered_at
from .core.integrity import row_digest

OFF = "off"
_MOMENT = pa.timestamp("us", tz="UTC")

SCHEMA = pa.schema(
    [
        ("decision_id", pa.string()),
        ("answered_at", _MOMENT),
        ("at", _MOMENT),
        ("route", pa.string()),
        ("surface", pa.string()),
        ("request_id", pa.string()),
        ("k", pa.int16()),
        ("segment", pa.string()),
        ("profile", pa.string()),
        ("profile_version", pa.int32()),
        ("model_version", pa.string()),
        ("snapshot_hash", pa.string()),
        ("change_number", pa.int64()),
        ("configuration_hash", pa.string()),
        ("engine_version", pa.int32()),
        ("rung", pa.int16()),
        ("degraded", pa.list_(pa.string())),
        ("arm", pa.string()),
        ("answer_digest", pa.string()),
        ("latency_us", pa.int32()),
        ("items", pa.list_(pa.int64())),
        ("dropped", pa.list_(pa.int64())),
        ("rule_ids", pa.list_(pa.string())),
        ("override_ids", pa.list_(pa.string())),
        ("key_version", pa.int16()),
        ("batch_number", pa.int64()),
        ("row_digest", pa.string()),
        ("trace", pa.binary()),
        ("report", pa.string()),
    ]
)
"""Nothing personal: neither the hash of the user nor what was read about them, so that
erasing a user leaves archives as they are."""


def is_on() -> bool:
    return str(settings.AUDIT_ARCHIVE) != OFF


def place() -> tuple[fs.FileSystem, str]:
    """Return the file system and the folder of the archive.

    Any URL that Arrow knows will do, and any of fsspec's where that is installed.
    """
    found: tuple[fs.FileSystem, str]
    if "://" in str(settings.AUDIT_ARCHIVE):
        found = fs.FileSystem.from_uri(str(settings.AUDIT_ARCHIVE))
        return found
    folder = settings.AUDIT_ARCHIVE or Path(settings.FILES_ROOT) / "audit-archive"
    return fs.LocalFileSystem(), str(folder)


def folder_of(org_id: UUID, namespace_id: int) -> str:
    return f"{org_id}/{namespace_id}"


def ids_in(folder: str, day: date) -> set[str]:
    """Return the ids of the decisions of a day that the archive has already."""
    files, root = place()
    ids: set[str] = set()
    for path in _parts(files, f"{root}/{folder}", day):
        with files.open_input_file(path) as file:
            table = pq.read_table(file, columns=["decision_id"])
        ids |= set(table["decision_id"].to_pylist())
    return ids


def write(folder: str, day: date, batches: Iterator[pa.RecordBatch]) -> int:
    """Add decisions to a day; return how many those were. No rows make no file."""
    first = next(batches, None)
    if first is None:
        return 0
    files, root = place()
    files.create_dir(f"{root}/{folder}", recursive=True)
    n_parts = len(list(_parts(files, f"{root}/{folder}", day)))
    path = _name(f"{root}/{folder}", day, n_parts)
    n_rows = 0
    with (
        files.open_output_stream(f"{path}.draft") as stream,
        pq.ParquetWriter(stream, SCHEMA, compression="zstd") as writer,
    ):
        for batch in chain([first], batches):
            writer.write_batch(batch)
            n_rows += batch.num_rows
    files.move(f"{path}.draft", path)
    return n_rows


def read_day(folder: str, day: date) -> pa.Table:
    """Return the archived decisions of a day."""
    files, root = place()
    tables = [SCHEMA.empty_table()]
    for path in _parts(files, f"{root}/{folder}", day):
        with files.open_input_file(path) as file:
            tables.append(pq.read_table(file))
    # Older files lack newer columns.
    return pa.concat_tables(tables, promote_options="default")


def _parts(files: fs.FileSystem, folder: str, day: date) -> Iterator[str]:
    for n_before in count():
        path = _name(folder, day, n_before)
        if files.get_file_info(path).type != fs.FileType.File:
            return
        yield path


def _name(folder: str, day: date, n_before: int) -> str:
    suffix = f".{n_before}" if n_before else ""
    return f"{folder}/{day.isoformat()}{suffix}.parquet"


def archived(rows: Iterable[tuple[Envelope, int]]) -> pa.RecordBatch:
    """Return decisions, each with the number of its batch, as rows of an archive."""
    return pa.RecordBatch.from_pylist(
        [_row(envelope, batch) for envelope, batch in rows], schema=SCHEMA
    )


def _row(envelope: Envelope, batch: int) -> dict[str, Any]:
    header = envelope.header
    decision_id = UUID(bytes=header.decision_id)
    derived = {
        "decision_id": str(decision_id),
        "answered_at": answered_at(decision_id),
        "at": from_microseconds(header.at_us),
        "snapshot_hash": header.snapshot_hash.hex(),
        "configuration_hash": header.configuration_hash.hex(),
        "answer_digest": header.answer_digest.hex(),
        "items": list(envelope.items),
        "rule_ids": [str(UUID(bytes=each)) for each in header.rule_ids],
        "override_ids": [str(UUID(bytes=each)) for each in header.override_ids],
        "batch_number": batch,
        "row_digest": row_digest(envelope).hex(),
        "trace": envelope.trace or None,
        "report": envelope.report or None,
    }
    return {
        name: derived[name] if name in derived else getattr(header, name)
        for name in SCHEMA.names
    }
