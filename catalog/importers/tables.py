"""Any CSV or Parquet file of items, users or events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from catalog.operations.runs import RunFailedError

from .batches import Batch, Plan
from .fields import Fields, fields_of
from .files import (
    BATCH_ROWS,
    FEW_ROWS,
    Block,
    Table,
    blocks,
    column_names,
    is_parquet,
)
from .request import ImportRequest
from .table_events import event_batch
from .table_items import item_batch, user_batch
from .table_rows import TableReading
from .tally import Tally
from .types import refuse_unknown_type

type Maker = Callable[..., Batch]
MAKERS: dict[str, Maker] = {
    "items": item_batch,
    "users": user_batch,
    "events": event_batch,
}


def make_plan(request: ImportRequest) -> Plan:
    """Read one file in one pass."""
    if request.format == "parquet" and not is_parquet(request.path):
        raise RunFailedError(f"{request.path} is no Parquet file. Try the format csv.")
    table = Table(path=request.path, encoding=request.encoding)
    fields = fields_of(column_names(table), kind=request.kind, mapping=request.columns)
    if (
        request.kind == "events"
        and "type" not in fields.fixed
        and not request.event_type
    ):
        raise RunFailedError(
            "No column is the events' type. Map one (--map action=type) or say what "
            "all of them are: --type purchase."
        )
    if request.event_type:
        refuse_unknown_type(request.event_type, request.types)
    reading = TableReading(
        fields=fields,
        time_zone=request.time_zone,
        event_type=request.event_type,
        types=request.types,
        asked_at=request.asked_at,
    )
    return Plan(steps=[Rows(table, MAKERS[request.kind], reading, name=request.kind)])


@dataclass(frozen=True)
class Rows:
    table: Table
    make: Maker
    reading: TableReading
    name: str
    weight: float = 1.0

    def batches(self, tally: Tally, *, skip: int) -> Iterator[Batch]:
        wanted = self.reading.fields.columns
        size = BATCH_ROWS if self.make is event_batch else FEW_ROWS
        for block in blocks(self.table, skip=skip, columns=wanted, size=size):
            yield self.make(_named(block, self.reading.fields), self.reading, tally)


def _named(block: Block, fields: Fields) -> Block:
    """Return the block with columns named by field, and free entries as `.entry`."""
    names = [*fields.fixed, *(f".{entry}" for entry in fields.free)]
    table = block.table.select(fields.columns).rename_columns(names)
    return Block(table=table, first_row=block.first_row, read=block.read)
