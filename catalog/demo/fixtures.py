"""Shops written by hand: JSON files of items, users and events in the API's shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from catalog.core.event_types import DEFAULTS, numbers_by_name
from catalog.core.faults import Fault
from catalog.core.moments import microseconds
from catalog.core.nearest import hint
from catalog.core.validity import event_faults, item_faults, user_faults
from catalog.core.wire import EventIn, ItemIn, UserIn
from catalog.operations.event_tables import EventTable, Ids


class FixtureError(Exception):
    """A fixture cannot be used. The message names file, path and fault."""


class Fixture(msgspec.Struct, frozen=True):
    """What a fixture holds; None is made up."""

    items: list[ItemIn] | None = None
    users: list[UserIn] | None = None
    events: list[EventIn] | None = None
    given: dict[str, str] = {}
    """Words of scenarios, and what they are called in this shop."""


def read_fixture(path: Path, *, at: datetime) -> Fixture:
    """Read a fixture, or raise `FixtureError` with the first of its faults."""
    try:
        encoded = path.read_bytes()
        fixture = msgspec.json.decode(encoded, type=Fixture)
    except OSError as error:
        raise FixtureError(f"{path}: {error.strerror}") from error
    except msgspec.DecodeError as error:
        fault, _, place = str(error).partition(" - at ")
        raise FixtureError(f"{path}: {place.strip('`') or '$'}: {fault}") from error
    faults = [
        *_misspelt(msgspec.json.decode(encoded)),
        *_placed("items", item_faults(_rows(fixture.items))),
        *_placed("users", user_faults(_rows(fixture.users))),
        *_without_segment(fixture.users or []),
        *_placed("events", event_faults(_rows(fixture.events), at=at)),
        *_unknown(fixture),
    ]
    if faults:
        more = f" And {len(faults) - 1} more." if len(faults) > 1 else ""
        raise FixtureError(f"{path}: {faults[0]}{more}")
    return fixture


def event_table(events: Sequence[EventIn], *, at_us: int) -> EventTable:
    """Return a fixture's events as columns; those without a time are of now."""
    numbers = numbers_by_name(DEFAULTS)
    return EventTable(
        users=Ids.of([event.user_id for event in events]),
        items=Ids.of([event.item_id for event in events]),
        types=np.array(
            [
                event.type
                if isinstance(event.type, int)
                else numbers[event.type.casefold()]
                for event in events
            ]
        ),
        values=np.array([1 if event.value is None else event.value for event in events])
        * 1.0,
        ts_us=np.array([_microseconds(event, at_us=at_us) for event in events]),
        metas=pa.array(
            [
                event.meta and msgspec.json.encode(event.meta).decode()
                for event in events
            ],
            pa.string(),
        ),
        keys=pa.array([event.source_event_id for event in events], pa.string()),
    )


def _microseconds(event: EventIn, *, at_us: int) -> int:
    moment = event.ts or event.timestamp
    return at_us if moment is None else microseconds(moment)


def _misspelt(document: Mapping[str, Any]) -> list[str]:
    """Find keys that nobody reads: what is misspelt would be made up in silence."""
    found = [_no_key("$", key, Fixture) for key in document if not _has(Fixture, key)]
    for kind, row_type in (("items", ItemIn), ("users", UserIn), ("events", EventIn)):
        for row, each in enumerate(document.get(kind) or ()):
            found += [
                _no_key(f"$.{kind}[{row}]", key, row_type)
                for key in each
                if not _has(row_type, key)
            ]
    return found


def _has(struct: type[msgspec.Struct], key: str) -> bool:
    return key in struct.__struct_encode_fields__


def _no_key(place: str, key: str, struct: type[msgspec.Struct]) -> str:
    names = struct.__struct_encode_fields__
    return f"{place}.{key}: Nobody reads this key. {hint(key, names)}"


def _rows[T](rows: list[T] | None) -> Sequence[tuple[int, T]]:
    return list(enumerate(rows or []))


def _placed(kind: str, faults: Sequence[Fault]) -> list[str]:
    return [f"$.{kind}[{one.index}].{one.field}: {one.message}" for one in faults]


def _without_segment(users: Sequence[UserIn]) -> list[str]:
    return [
        f"$.users[{row}].traits.segment: Every user of a fixture has a segment."
        for row, user in enumerate(users)
        if not (user.traits or {}).get("segment")
    ]


def _unknown(fixture: Fixture) -> list[str]:
    """Find events that name what the fixture does not hold, or no known type."""
    items = {item.item_id for item in fixture.items or []}
    users = {user.user_id for user in fixture.users or []}
    names = numbers_by_name(DEFAULTS)
    found: list[str] = []
    for row, event in enumerate(fixture.events or []):
        place = f"$.events[{row}]"
        if fixture.items is not None and event.item_id not in items:
            found.append(f"{place}.item_id: No item is {event.item_id}.")
        if fixture.users is not None and event.user_id not in users:
            found.append(f"{place}.user_id: No user is {event.user_id}.")
        if isinstance(event.type, str) and event.type.casefold() not in names:
            found.append(f"{place}.type: No event type is {event.type}.")
    return found
