"""Event types: what is in force in a namespace, and changing it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from catalog.core.event_types import (
    EventTypeOut,
    Feedback,
    default_feedback,
    in_force,
    numbers_by_name,
)
from catalog.core.faults import BadInputError, Fault
from catalog.core.validity import Rows
from catalog.core.wire import EventIn, EventTypeIn
from catalog.models import ChangeKind, EventType, Namespace

from .feed import record_change

_COLUMNS = [
    "name",
    "weight",
    "half_life_days",
    "is_active",
    "feedback",
    "attribution_hours",
    "updated_at",
]


def event_types(namespace: Namespace | None) -> list[EventTypeOut]:
    """Return the types in force, inactive ones included, in the order of numbers."""
    if namespace is None:
        return in_force(())
    own = EventType.objects.filter(namespace=namespace).order_by("type")
    return in_force(map(_out, own))


def upsert_event_types(
    namespace: Namespace, types: Sequence[EventTypeIn], *, at: datetime
) -> int:
    """Set the given types; names stay unique among all in force."""
    names = {each.type: each.name for each in event_types(namespace)}
    names |= {each.type: each.name for each in types}
    _refuse_repeated_names(names, types)
    EventType.objects.bulk_create(
        [
            EventType(
                org_id=namespace.org_id,
                namespace=namespace,
                type=each.type,
                name=each.name,
                weight=each.weight,
                half_life_days=each.half_life_days,
                is_active=each.is_active,
                feedback=each.feedback or "",
                attribution_hours=each.attribution_hours,
                updated_at=at,
            )
            for each in sorted(types, key=lambda each: each.type)
        ],
        update_conflicts=True,
        unique_fields=["org", "namespace", "type"],
        update_fields=_COLUMNS,
    )
    record_change(namespace, kind=ChangeKind.CONFIGURATION, count=len(types), at=at)
    return len(types)


def unknown_type_faults(
    namespace: Namespace | None, rows: Rows[EventIn]
) -> list[Fault]:
    """Return a fault for each event whose type is a name that nobody defined."""
    if all(isinstance(event.type, int) for _, event in rows):
        return []
    known = numbers_by_name(event_types(namespace))
    return [
        Fault(
            code="unknown_event_type",
            message=f"There is no event type named {event.type!r}.",
            field="type",
            index=index,
        )
        for index, event in rows
        if isinstance(event.type, str) and event.type.casefold() not in known
    ]


def type_numbers(namespace: Namespace, events: Sequence[EventIn]) -> list[int]:
    """Return each event's type as its number."""
    if all(isinstance(event.type, int) for event in events):
        return [event.type for event in events if isinstance(event.type, int)]
    faults = unknown_type_faults(namespace, list(enumerate(events)))
    if faults:
        raise BadInputError(faults)
    known = numbers_by_name(event_types(namespace))
    return [
        event.type if isinstance(event.type, int) else known[event.type.casefold()]
        for event in events
    ]


def _out(row: EventType) -> EventTypeOut:
    return EventTypeOut(
        type=row.type,
        name=row.name,
        weight=row.weight,
        half_life_days=row.half_life_days,
        is_active=row.is_active,
        feedback=cast("Feedback", row.feedback) or default_feedback(row.type),
        attribution_hours=row.attribution_hours,
        source="tenant",
    )


def _refuse_repeated_names(names: dict[int, str], types: Sequence[EventTypeIn]) -> None:
    owners: dict[str, int] = {}
    for number, name in sorted(names.items()):
        other = owners.setdefault(name.casefold(), number)
        if other != number:
            index = next(
                i for i, each in enumerate(types) if each.type in (number, other)
            )
            raise BadInputError(
                [
                    Fault(
                        code="duplicate_name",
                        message=f"Types {other} and {number} would both be {name}.",
                        field="name",
                        index=index,
                    )
                ]
            )
