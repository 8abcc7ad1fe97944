"""From a rule on the wire to a content, with the wire's words for what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import msgspec

from catalog.core.faults import refuse
from rules.core.content import Content
from rules.core.rule import Action, Rule, Target, TargetType, Window

from .bodies import RuleRequest, RuleWindow

_ALIASES = {
    "BAN": Action.BLOCK,
    "EXCLUDE": Action.BLOCK,
    "SUPPRESS": Action.BLOCK,
    "PROMOTE": Action.BOOST,
    "INCREASE": Action.BOOST,
}
_MOST_REASON = 2_000
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]


def content_from(body: RuleRequest) -> Content:
    """Return what a body says; whether it can be obeyed is not looked at.

    Raises
    ------
    BadInputError
        For a field that is missing, or that is none of the words it may be.
    """
    if not (body.name or "").strip():
        raise refuse("missing_name", "Give the rule a name.", field="name")
    if not body.surface:
        raise refuse(
            "missing_surface", "Name a surface, or * for every one.", field="surface"
        )
    rule = Rule(
        id="",
        action=_choice(Action, body.action, field="action"),
        target=_target(body),
        name=(body.name or "").strip(),
        surface=body.surface,
        segment=body.segment_id or None,
        context=body.context or None,
        windows=_windows(body),
        priority=body.priority or 0,
        value=body.boost_value,
        positions=_positions(body),
        max_pins=body.max_pins,
        even_if_unavailable=bool(body.even_if_unavailable),
        holdout=body.holdout or 0.0,
    )
    return Content(
        rule=rule,
        enabled=body.enabled is not False,
        description=_text(body.description, field="description"),
        owner=_text(body.owner, field="owner", most=150),
        review_by=body.review_by,
    )


def reason_of(text: str | None) -> str:
    return _text(text, field="reason")


def moment(text: str | None, *, field: str) -> datetime | None:
    """Return a time with a zone, or raise 400 `invalid_timestamp`."""
    if not text:
        return None
    try:
        return msgspec.convert(text, _Moment)
    except msgspec.ValidationError:
        raise refuse(
            "invalid_timestamp",
            f"{field} must be an RFC 3339 time with a zone.",
            field=field,
        ) from None


def _target(body: RuleRequest) -> Target:
    kind = _choice(TargetType, body.target_type, field="target_type")
    is_item = kind == TargetType.ITEM
    if kind == TargetType.CONDITION:
        values: tuple[str, ...] = ()
    elif is_item:
        values = tuple(body.item_ids or ())
    else:
        values = tuple(body.target_keys or filter(None, [body.target_key]))
    if kind != TargetType.CONDITION and not values:
        field = "item_ids" if is_item else "target_key"
        noun = "the items" if is_item else f"the {kind.lower()}"
        raise refuse(f"missing_{field}", f"Name {noun} in {field}.", field=field)
    return Target(
        type=kind,
        values=values,
        include_subcategories=body.include_subcategories is not False,
        condition=body.condition if kind == TargetType.CONDITION else None,
    )


def _positions(body: RuleRequest) -> tuple[int | None, ...]:
    if body.positions:
        return tuple(body.positions)
    return () if body.position is None else (body.position,)


def _windows(body: RuleRequest) -> tuple[Window, ...]:
    start = moment(body.valid_from, field="valid_from")
    end = moment(body.valid_until, field="valid_until")
    if body.windows:
        if start or end:
            raise refuse(
                "invalid_windows",
                "Send windows, or valid_from and valid_until, not both.",
                field="windows",
            )
        return tuple(
            _window(window, place) for place, window in enumerate(body.windows)
        )
    if start is None and end is None:
        return ()
    return (Window(start=_utc(start), end=_utc(end)),)


def _window(body: RuleWindow, place: int) -> Window:
    return Window(
        start=_local(body.start, field=f"windows[{place}].start"),
        end=_local(body.end, field=f"windows[{place}].end"),
        zone=body.time_zone or "UTC",
        recurrence=body.recurrence or None,
    )


def _local(text: str | None, *, field: str) -> datetime | None:
    if not text:
        return None
    try:
        found = msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        found = None
    if found is None or found.tzinfo is not None:
        raise refuse(
            "invalid_timestamp",
            f"{field} must be a time without a zone, such as 2026-11-27T09:00:00; its"
            " zone stands in time_zone.",
            field=field,
        )
    return found


def _utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(UTC).replace(tzinfo=None)


def _choice[E: StrEnum](kind: type[E], sent: str | None, *, field: str) -> E:
    word = (sent or "").strip().upper()
    known: Sequence[E] = list(kind)
    if kind is Action:
        word = _ALIASES.get(word, word)
    for each in known:
        if each.value == word:
            return each
    names = ", ".join(each.value for each in known)
    raise refuse(f"invalid_{field}", f"{field} must be one of {names}.", field=field)


def _text(sent: str | None, *, field: str, most: int = _MOST_REASON) -> str:
    text = (sent or "").strip()
    if len(text) > most:
        raise refuse(
            f"invalid_{field}", f"{field} has at most {most} characters.", field=field
        )
    return text
