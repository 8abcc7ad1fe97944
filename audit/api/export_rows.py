"""Decisions as rows of an export: one width for all, in NDJSON and in Parquet."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from audit.queries import Exported, Piece

from .answers import detail_of, summary_of

_WHEN = pa.timestamp("us", tz="UTC")
# The columns of the old contract first, under its names; then ours.
_JSON = (
    *("constraints", "effective_config", "bandit", "candidates_pre", "final_items"),
    *("mmr_info", "caps", "extras"),
)
_OUR_JSON = ("degraded", "drops", "explanations", "stages", "policy", "request")
_COLUMNS: dict[str, Any] = {
    "decision_id": pa.string(),
    "org_id": pa.string(),
    "ts": _WHEN,
    "namespace": pa.string(),
    "surface": pa.string(),
    "request_id": pa.string(),
    "user_hash": pa.string(),
    "k": pa.int32(),
    **dict.fromkeys(_JSON, pa.string()),
    "at": _WHEN,
    "route": pa.string(),
    "segment_id": pa.string(),
    "profile_id": pa.string(),
    "profile_version": pa.int32(),
    "arm": pa.string(),
    "answer_digest": pa.string(),
    "snapshot_hash": pa.string(),
    "change_number": pa.int64(),
    "configuration_hash": pa.string(),
    "engine_version": pa.int32(),
    "latency_us": pa.int32(),
    "has_trace": pa.bool_(),
    **dict.fromkeys(_OUR_JSON, pa.string()),
}
COLUMNS = tuple(_COLUMNS)
_SCHEMA = pa.schema(list(_COLUMNS.items()))
_GROUP_ROWS = 1_000


def ndjson(pieces: Iterable[Piece], *, namespace: str) -> Iterator[bytes]:
    """Yield a decision a line."""
    for piece in pieces:
        lines = [msgspec.json.encode(row) for row in _rows(piece, namespace)]
        yield b"\n".join(lines) + b"\n"


def parquet(pieces: Iterable[Piece], *, namespace: str) -> Iterator[bytes]:
    """Yield a Parquet file, a row group of at most 1,000 decisions at a time."""
    outlet = _Outlet()
    with pq.ParquetWriter(outlet, _SCHEMA, compression="zstd") as writer:
        waiting: list[dict[str, Any]] = []
        for piece in pieces:
            waiting += map(_flat, _rows(piece, namespace))
            if len(waiting) >= _GROUP_ROWS:
                writer.write_table(pa.Table.from_pylist(waiting, schema=_SCHEMA))
                waiting = []
                yield outlet.taken()
        if waiting:
            writer.write_table(pa.Table.from_pylist(waiting, schema=_SCHEMA))
    yield outlet.taken()


def _rows(piece: Piece, namespace: str) -> Iterator[dict[str, Any]]:
    for each in piece.decisions:
        yield _row(each, piece.item_ids, namespace)


def _row(each: Exported, ids: dict[int, str], namespace: str) -> dict[str, Any]:
    decision, trace = each.decision, each.trace
    told: dict[str, Any] = (
        summary_of(decision, None, namespace=namespace)
        if trace is None
        else msgspec.structs.asdict(
            detail_of(decision, trace, ids=ids, namespace=namespace)
        )
    )
    told |= {
        "org_id": decision.org_id,
        "arm": decision.arm,
        "snapshot_hash": bytes(decision.snapshot_hash).hex(),
        "change_number": decision.change_number,
        "configuration_hash": bytes(decision.configuration_hash).hex(),
        "engine_version": decision.engine_version,
        "has_trace": trace is not None,
    }
    return {name: told.get(name) for name in COLUMNS}


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row for a table: ids and documents as texts."""
    texts = {
        name: msgspec.json.encode(row[name]).decode()
        for name in (*_JSON, *_OUR_JSON)
        if row[name] is not None
    }
    ids = {name: str(row[name]) for name in ("decision_id", "org_id")}
    return row | texts | ids


class _Outlet(io.RawIOBase):
    """Where a file is written to: kept until it is sent."""

    def __init__(self) -> None:
        self._written: list[bytes] = []
        self._n_bytes = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._n_bytes

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._written.append(piece)
        self._n_bytes += len(piece)
        return len(piece)

    def taken(self) -> bytes:
        data, self._written = b"".join(self._written), []
        return data
