"""What kinds of events there are: the defaults, and a tenant's own on top."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

VIEW, CLICK, ADD, PURCHASE, CUSTOM = range(5)

type Feedback = Literal[
    "impression", "click", "cart", "purchase", "dismissal", "skip", "none"
]
"""What an event says of the answer that it names."""


class EventTypeOut(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of event in force."""

    type: int
    name: str
    weight: float
    half_life_days: float | None = None
    """Days after which it counts half; None for the profile's half-life."""
    is_active: bool = True
    feedback: Feedback = "none"
    attribution_hours: float | None = None
    """For so long after an answer an event is put down to it; None for the default."""
    source: Literal["default", "tenant"] = "default"


DEFAULTS = (
    EventTypeOut(type=VIEW, name="view", weight=0.1, feedback="impression"),
    EventTypeOut(type=CLICK, name="click", weight=0.3, feedback="click"),
    EventTypeOut(type=ADD, name="add", weight=0.7, feedback="cart"),
    EventTypeOut(type=PURCHASE, name="purchase", weight=1.0, feedback="purchase"),
    EventTypeOut(type=CUSTOM, name="custom", weight=0.2),
)


def default_feedback(number: int) -> Feedback:
    """Return what events of a type say of an answer unless its owner says otherwise.

    >>> default_feedback(PURCHASE), default_feedback(77)
    ('purchase', 'none')
    """
    return next((each.feedback for each in DEFAULTS if each.type == number), "none")


def in_force(own: Iterable[EventTypeOut]) -> list[EventTypeOut]:
    """Return the defaults with the tenant's own in their place, by number.

    Examples
    --------
    >>> louder = EventTypeOut(type=1, name="tap", weight=0.5, source="tenant")
    >>> [(each.name, each.source) for each in in_force([louder])][:2]
    [('view', 'default'), ('tap', 'tenant')]
    """
    merged = {each.type: each for each in DEFAULTS} | {each.type: each for each in own}
    return [merged[number] for number in sorted(merged)]


def numbers_by_word(types: Iterable[EventTypeOut]) -> dict[str, int]:
    """Return each type's number under its name without case, and under its number.

    Examples
    --------
    >>> numbers_by_word(DEFAULTS[:2])
    {'0': 0, '1': 1, 'view': 0, 'click': 1}
    """
    known = list(types)
    return {str(each.type): each.type for each in known} | dict(numbers_by_name(known))


def numbers_by_name(types: Iterable[EventTypeOut]) -> Mapping[str, int]:
    """Return each type's number under its name without case."""
    return {each.name.casefold(): each.type for each in types}
