"""What changed between two versions of a rule, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from .condition_words import in_words
from .content import Content
from .rule import EVERY_SURFACE, Rule, Target, Window
from .sentences import Titles, percent, target_in_words
from .window_words import window_in_words

type Told = Callable[[Any], str]
"""A value to its words."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One field that two versions say differently."""

    field: str
    """Its name in the API."""

    label: str
    before: str
    after: str
    words: str
    """Such as ``ends: 30 Nov → 7 Dec``."""


def differences(
    before: Content, after: Content, *, titles: Titles | None = None
) -> list[Difference]:
    """Return what differs, in the order of the form; nothing when they say the same.

    Parameters
    ----------
    before, after : Content
    titles : mapping, optional
        Titles of the items that either names.

    Examples
    --------
    >>> from datetime import datetime
    >>> from rules.core.rule import Action, Target, TargetType
    >>> def until(*day):
    ...     target = Target(type=TargetType.TAG, values=("sale",))
    ...     window = Window(end=datetime(2026, *day))
    ...     return Content(rule=Rule(
    ...         id="a", action=Action.BLOCK, target=target, windows=(window,)))
    >>> [each.words for each in differences(until(11, 30), until(12, 7))]
    ['ends: 30 Nov → 7 Dec']
    """
    return [
        *_field("enabled", "switched", (before.enabled, after.enabled), told=_switch),
        *_of_rules(before.rule, after.rule, titles=titles or {}),
        *_field("description", "description", (before.description, after.description)),
        *_field("owner", "owner", (before.owner, after.owner)),
        *_field("review_by", "review by", (before.review_by, after.review_by)),
    ]


def _of_rules(before: Rule, after: Rule, *, titles: Titles) -> Iterator[Difference]:
    yield from _field("name", "name", (before.name, after.name))
    yield from _field("action", "action", (before.action, after.action))
    yield from _of_targets(before.target, after.target, titles=titles)
    for field, label, told in _RULE_FIELDS:
        name = _OTHER_NAMES.get(field, field)
        values = getattr(before, name), getattr(after, name)
        yield from _field(field, label, values, told=told)
    yield from _of_windows(before.windows, after.windows)


def _of_targets(
    before: Target, after: Target, *, titles: Titles
) -> Iterator[Difference]:
    def told(target: Target) -> str:
        return target_in_words(target, titles=titles)

    if told(before) != told(after):
        yield from _field("target", "target", (before, after), told=told)
        return
    dropped, added = set(before.values), set(after.values)
    changes = (sorted(dropped - added), sorted(added - dropped))
    yield from _field("target", "target", changes, told=_number)


def _of_windows(
    before: tuple[Window, ...], after: tuple[Window, ...]
) -> Iterator[Difference]:
    first, second = _only(before), _only(after)
    if first is None or second is None:
        yield from _field("windows", "in force", (before, after), told=_always)
        return
    starts, ends = (first.start, second.start), (first.end, second.end)
    yield from _field("valid_from", "starts", starts, told=_moments(starts))
    yield from _field("valid_until", "ends", ends, told=_moments(ends))
    yield from _field("windows", "time zone", (first.zone, second.zone))


def _only(windows: tuple[Window, ...]) -> Window | None:
    """Return the window that can be told by its two ends alone."""
    if not windows:
        return Window()
    plain = len(windows) == 1 and windows[0].recurrence is None
    return windows[0] if plain else None


def _moments(pair: tuple[datetime | None, datetime | None]) -> Told:
    """Return how to tell two moments, without the year and midnight they share."""
    known = [moment for moment in pair if moment is not None]
    shows_year = len({moment.year for moment in known}) > 1
    shows_time = any(moment.time() != datetime.min.time() for moment in known)

    def told(moment: datetime | None) -> str:
        if moment is None:
            return "never"
        words = f"{moment.day} {moment:%b}" + (f" {moment:%Y}" if shows_year else "")
        return words + (f" {moment:%H:%M:%S}" if shows_time else "")

    return told


def _field(
    field: str, label: str, values: tuple[Any, Any], *, told: Told | None = None
) -> Iterator[Difference]:
    if values[0] == values[1]:
        return
    before, after = (
        "none" if value is None or value == "" else (told or str)(value)
        for value in values
    )
    if before == after:
        # Words are short; what they leave out may be what differs.
        before, after = map(_exact, values)
    yield Difference(
        field=field,
        label=label,
        before=before,
        after=after,
        words=f"{label}: {before} → {after}",
    )


def _exact(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _always(windows: tuple[Window, ...]) -> str:
    return " and ".join(filter(None, map(window_in_words, windows))) or "always"


def _switch(enabled: Any) -> str:
    return "on" if enabled else "off"


def _places(positions: tuple[int | None, ...]) -> str:
    return ", ".join("free" if place is None else str(place) for place in positions)


def _surface(surface: str) -> str:
    return "every surface" if surface == EVERY_SURFACE else surface


def _yes(value: Any) -> str:
    return "yes" if value else "no"


def _number(items: list[str]) -> str:
    return ", ".join(items) or "none"


_OTHER_NAMES = {"boost_value": "value", "segment_id": "segment"}
_RULE_FIELDS: tuple[tuple[str, str, Told | None], ...] = (
    ("boost_value", "strength", "{:g}".format),
    ("positions", "positions", _places),
    ("max_pins", "most pins", None),
    ("even_if_unavailable", "even if unavailable", _yes),
    ("surface", "surface", _surface),
    ("segment_id", "segment", None),
    ("context", "context", in_words),
    ("priority", "priority", None),
    ("holdout", "holdout", percent),
)
