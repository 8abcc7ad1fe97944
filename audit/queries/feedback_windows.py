"""What events say of answers, and for how long: as event types and defaults have it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from audit.core.feedback import WINDOW_HOURS
from catalog.core.event_types import EventTypeOut
from catalog.models import Namespace
from catalog.operations.event_types import event_types


class Windows(Struct, frozen=True):
    """Kinds and windows of one namespace."""

    of_types: Mapping[int, tuple[str, float]]
    """By the number of an event type that says anything."""
    of_kinds: Mapping[str, float]
    """The longest of the types of a kind; its default where no type is of it."""


def windows_of(namespace: Namespace) -> Windows:
    told = [each for each in event_types(namespace) if each.feedback != "none"]
    of_types = {each.type: (str(each.feedback), _hours(each)) for each in told}
    own: dict[str, float] = {}
    for kind, hours in of_types.values():
        own[kind] = max(own.get(kind, 0.0), hours)
    return Windows(of_types, {**WINDOW_HOURS, **own})


def _hours(event_type: EventTypeOut) -> float:
    return event_type.attribution_hours or WINDOW_HOURS[event_type.feedback]
