"""Writing batch after batch, each together with the place where to go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from catalog.models import Namespace
from catalog.operations.events import store_event_rows
from catalog.operations.items import upsert_items
from catalog.operations.runs import LeasedHandle, RunFailedError
from catalog.operations.users import upsert_users
from catalog.tenancy import org_scope

from .batches import Batch, Plan
from .files import BATCH_ROWS
from .months import make_room
from .prefetching import ahead
from .tally import Tally


class Place(msgspec.Struct):
    """Where an import goes on: the step, and how many of its rows are done."""

    step: str = ""
    # Of the program that began: rows are only skipped by whole batches.
    batch_rows: int = BATCH_ROWS
    rows: int = 0
    items: int = 0
    users: int = 0
    events: int = 0
    tally: Tally = msgspec.field(default_factory=Tally)

    @classmethod
    def of(cls, checkpoint: Mapping[str, Any]) -> Place:
        try:
            return msgspec.convert(checkpoint, cls) if checkpoint else cls()
        except msgspec.ValidationError as error:
            raise _from_another_version() from error

    def to_json(self) -> dict[str, Any]:
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


@dataclass(frozen=True, kw_only=True)
class Store:
    """Where the rows go."""

    namespace: Namespace
    handle: LeasedHandle
    at: datetime


def store_all(plan: Plan, *, store: Store) -> Place:
    """Store what is left of a plan, exactly once, and return how it went."""
    place = Place.of(store.handle.start)
    total = sum(step.weight for step in plan.steps) or 1.0
    months: set[date] = set()
    first = _first_step(plan, place)
    for number, step in enumerate(plan.steps[first:], first):
        if step.name != place.step:
            place.step, place.rows = step.name, 0
        behind = sum(each.weight for each in plan.steps[:number])
        # The reader runs ahead of the writer, so it counts in a tally of its own.
        counted = step.batches(place.tally, skip=place.rows)
        for batch, tally in ahead(counted, tally=place.tally):
            if batch.events is not None:
                make_room(batch.events.ts_us, known=months)
            _store(batch, place=place, tally=tally, store=store)
            store.handle.progress(
                (behind + step.weight * batch.read) / total,
                f"{step.name}: {place.rows:,} rows",
            )
    return place


def _first_step(plan: Plan, place: Place) -> int:
    names = [step.name for step in plan.steps]
    is_known = place.step in ("", *names)
    if not is_known or place.batch_rows != BATCH_ROWS:
        raise _from_another_version()
    return names.index(place.step) if place.step else 0


def _from_another_version() -> RunFailedError:
    return RunFailedError(
        "This import was begun by another version, which read the file in another "
        "order. Reset the namespace (manage.py reset_namespace) and start it again."
    )


def _store(batch: Batch, *, place: Place, tally: Tally, store: Store) -> None:
    namespace, at = store.namespace, store.at
    with org_scope(namespace.org_id):
        if batch.items:
            place.items += upsert_items(
                namespace, batch.items, at=at, appeared_us=batch.appeared_us
            )
        if batch.users:
            place.users += upsert_users(namespace, batch.users, at=at)
        if batch.events is not None:
            stored = store_event_rows(namespace, batch.events, at=at)
            place.events += stored.accepted
        place.rows, place.tally = batch.rows, tally
        store.handle.checkpoint(place.to_json())
