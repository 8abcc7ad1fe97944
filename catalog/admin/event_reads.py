"""What the event, user and item pages say about events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.core.event_types import EventTypeOut, in_force
from catalog.models import Event, EventType, Item, Namespace, User

HISTORY = 50


def types_in_force(namespace: Namespace) -> Sequence[EventTypeOut]:
    """Return the default event types with the namespace's own in their place."""
    own = EventType.objects.filter(namespace=namespace).order_by("type")
    return in_force(
        EventTypeOut(
            type=row.type,
            name=row.name,
            weight=row.weight,
            half_life_days=row.half_life_days,
            is_active=row.is_active,
            source="tenant",
        )
        for row in own
    )


def type_names(namespace: Namespace) -> Mapping[int, str]:
    """Return what the namespace calls its event types, by number."""
    return {each.type: each.name for each in types_in_force(namespace)}


@dataclass(frozen=True, kw_only=True)
class Happening:
    """An event with the words for it."""

    event: Event
    name: str
    item: Item | None
    user: User | None


def happenings(namespace: Namespace, events: Sequence[Event]) -> Sequence[Happening]:
    """Join events with their names, items and users in three queries, whatever n."""
    names = type_names(namespace)
    items = Item.objects.in_bulk({event.item_id for event in events})
    users = User.objects.in_bulk({event.user_id for event in events})
    return [
        Happening(
            event=event,
            name=names.get(event.type, f"type {event.type}"),
            item=items.get(event.item_id),
            user=users.get(event.user_id),
        )
        for event in events
    ]


def history(namespace: Namespace, user: User) -> Sequence[Happening]:
    """Return a user's newest events, as ranking reads them."""
    rows = Event.objects.filter(namespace=namespace, user=user)
    return happenings(namespace, list(rows.order_by("-ts", "-pk")[:HISTORY]))
