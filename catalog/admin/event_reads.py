"""What the event, user and item pages say about events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.models import Event, Item, Namespace, User
from catalog.operations.event_types import event_types

HISTORY = 50


def type_names(namespace: Namespace) -> Mapping[int, str]:
    """Return what the namespace calls its event types, by number."""
    return {each.type: each.name for each in event_types(namespace)}


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
