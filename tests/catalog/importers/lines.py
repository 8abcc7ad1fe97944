"""Small files for the importers. A test names only what it is about."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from catalog.core.wire import ItemIn, UserIn
from catalog.importers.batches import Batch
from catalog.importers.request import ImportRequest
from catalog.importers.runs import FORMATS
from catalog.importers.tally import Tally
from catalog.operations.event_tables import EventTable
from tests.clock import NOON

LINE = {
    "InvoiceNo": "536365",
    "StockCode": "85123A",
    "Description": "WHITE HANGING HEART T-LIGHT HOLDER",
    "Quantity": "6",
    "InvoiceDate": "2010-12-01 08:26:00",
    "UnitPrice": "2.55",
    "CustomerID": "17850.0",
    "Country": "United Kingdom",
}


def line(**fields: str) -> dict[str, str]:
    return LINE | fields


def write_csv(path: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    """Write rows, packed when the name ends in .gz."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    data = text.getvalue().encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def request(path: Path, *, form: str = "online_retail", **fields: Any) -> ImportRequest:
    known: dict[str, Any] = {"currency": "GBP", "asked_at": NOON}
    if form == "online_retail":
        known["time_zone"] = "Europe/London"
    return ImportRequest(
        **{"format": form, "file": str(path), "sha256": "", **known, **fields}
    )


def read(asked: ImportRequest) -> tuple[Tally, list[Batch]]:
    """Read a whole file without storing anything."""
    tally = Tally()
    plan = FORMATS[asked.format](asked)
    return tally, [
        batch for step in plan.steps for batch in step.batches(tally, skip=0)
    ]


def events_of(batches: Sequence[Batch]) -> list[tuple[object, ...]]:
    """Return user, item, type, value and time of every event."""
    return [
        row
        for batch in batches
        if batch.events is not None
        for row in _rows(batch.events)
    ]


def items_of(batches: Sequence[Batch]) -> list[ItemIn]:
    return [item for batch in batches for item in batch.items]


def users_of(batches: Sequence[Batch]) -> list[UserIn]:
    return [user for batch in batches for user in batch.users]


def metas_of(batches: Sequence[Batch]) -> list[str | None]:
    """Return the JSON text of every event's meta."""
    tables = [batch.events for batch in batches if batch.events is not None]
    return [
        text
        for table in tables
        for text in (
            [None] * len(table) if table.metas is None else table.metas.to_pylist()
        )
    ]


def _rows(events: EventTable) -> Iterator[tuple[object, ...]]:
    return zip(
        events.users.to_list(),
        events.items.to_list(),
        events.types.tolist(),
        [1.0] * len(events) if events.values is None else events.values.tolist(),
        events.ts_us.tolist(),
        strict=True,
    )
