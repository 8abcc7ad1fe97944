"""From a form to a rule's content and back, with each fault at its field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from django.http import QueryDict

from catalog.core.faults import BadInputError, Fault
from catalog.models.runs import new_id
from rules.core.content import Content
from rules.core.rule import (
    EVERY_SURFACE,
    Action,
    Rule,
    Target,
    TargetType,
)
from rules.operations.validity import require_valid

from .field_reader import FieldReader
from .window_form import WindowRow, read_windows, rows_from, rows_sent, with_error

STEPS: Mapping[str, str] = {
    "0.15": "Light",
    "0.3": "Medium",
    "0.6": "Strong",
    "1": "Very strong",
}
OTHER = "other"
_WINDOW = re.compile(r"windows\[(\d+)\]")
_FIELDS = (
    ("item_ids", "targets"),
    ("target_key", "targets"),
    ("condition", "condition"),
    ("boost_value", "strength"),
    ("positions", "positions"),
    ("max_pins", "max_pins"),
    ("context", "context"),
    ("segment_id", "segment"),
    ("valid_", "windows"),
    ("windows", "windows"),
)


@dataclass(frozen=True, kw_only=True)
class Fields:
    """What the form's fields hold, as text."""

    text: Mapping[str, str] = field(default_factory=dict)
    targets: Sequence[str] = ()
    places: Sequence[str] = ()
    windows: Sequence[WindowRow] = ()

    @property
    def step(self) -> str:
        """The named strength; "other" for a number of one's own."""
        return self.text.get("step") or "0.3"

    @property
    def with_places(self) -> list[tuple[str, str]]:
        places = [*self.places, *[""] * len(self.targets)]
        return list(zip(self.targets, places, strict=False))


@dataclass(frozen=True, kw_only=True)
class Read:
    """What the fields say, and what is wrong with them."""

    fields: Fields
    content: Content | None = None
    errors: Mapping[str, str] = field(default_factory=dict)


def fields_of(content: Content, *, zone: str) -> Fields:
    """Return the fields that show a content."""
    rule, target = content.rule, content.rule.target
    is_item = target.type == TargetType.ITEM
    places = [str(place or "") for place in rule.positions]
    strength = f"{rule.value:g}" if rule.value is not None else ""
    text = {
        "name": rule.name,
        "action": rule.action.value,
        "target_type": target.type.value,
        "include_subcategories": "on" if target.include_subcategories else "",
        "condition": _document(target.condition),
        "step": strength if strength in STEPS or not strength else OTHER,
        "strength": strength,
        "positions": "" if is_item else ", ".join(places),
        "max_pins": str(rule.max_pins or ""),
        "even_if_unavailable": "on" if rule.even_if_unavailable else "",
        "surface": rule.surface,
        "segment": rule.segment or "",
        "context": _document(rule.context),
        "priority": str(rule.priority),
        "holdout": f"{100 * rule.holdout:g}" if rule.holdout else "",
        "owner": content.owner,
        "review_by": content.review_by.isoformat() if content.review_by else "",
        "description": content.description,
        "enabled": "on" if content.enabled else "",
    }
    return Fields(
        text=text,
        targets=target.values,
        places=places if is_item else (),
        windows=rows_from(rule.windows, zone=zone),
    )


def fields_sent(sent: QueryDict) -> Fields:
    return Fields(
        text={name: str(value).strip() for name, value in sent.items()},
        targets=[each for each in sent.getlist("target") if each],
        places=sent.getlist("place"),
        windows=rows_sent(sent),
    )


def read(fields: Fields) -> Read:
    """Return the content that the fields say, or each fault by its field."""
    errors: dict[str, str] = {}
    windows, rows = read_windows(fields.windows)
    fields = replace(fields, windows=rows)
    reader = FieldReader(fields.text, errors)
    content = _content(fields, reader)
    if any(row.error for row in rows):
        errors["windows"] = "A window has no time that can be read."
    if errors:
        return Read(fields=fields, errors=errors)
    rule = msgspec.structs.replace(content.rule, windows=windows)
    content = msgspec.structs.replace(content, rule=rule)
    try:
        require_valid(content)
    except BadInputError as error:
        return _faulty(fields, error.faults)
    return Read(fields=fields, content=content)


def _content(fields: Fields, reader: FieldReader) -> Content:
    text = fields.text
    action = Action(reader.choice("action", Action))
    kind = TargetType(reader.choice("target_type", TargetType))
    is_pin = action == Action.PIN
    rule = Rule(
        id=str(new_id()),
        name=text.get("name", ""),
        action=action,
        target=Target(
            type=kind,
            values=() if kind == TargetType.CONDITION else tuple(fields.targets),
            include_subcategories=kind != TargetType.CATEGORY
            or bool(text.get("include_subcategories")),
            condition=(
                reader.document("condition") if kind == TargetType.CONDITION else None
            ),
        ),
        surface=text.get("surface") or EVERY_SURFACE,
        segment=text.get("segment") or None,
        context=reader.document("context"),
        priority=reader.whole("priority") or 0,
        value=_strength(text, reader) if action in _STRONG else None,
        positions=_places(fields, reader, kind) if is_pin else (),
        max_pins=(
            reader.whole("max_pins") if is_pin and kind != TargetType.ITEM else None
        ),
        even_if_unavailable=is_pin and bool(text.get("even_if_unavailable")),
        holdout=(reader.number("holdout") or 0.0) / 100,
    )
    return Content(
        rule=rule,
        enabled=text.get("enabled", "on") == "on",
        description=text.get("description", ""),
        owner=text.get("owner", "")[:150],
        review_by=reader.day("review_by"),
    )


_STRONG = (Action.BOOST, Action.BURY)


def _strength(text: Mapping[str, str], reader: FieldReader) -> float | None:
    step = text.get("step", "")
    return float(step) if step in STEPS else reader.number("strength")


def _places(
    fields: Fields, reader: FieldReader, kind: TargetType
) -> tuple[int | None, ...]:
    if kind == TargetType.ITEM:
        texts = [place for _, place in fields.with_places]
    else:
        texts = fields.text.get("positions", "").replace(",", " ").split()
    places = [reader.place(text.strip()) for text in texts]
    while places and places[-1] is None:
        places.pop()
    return tuple(places)


def _faulty(fields: Fields, faults: Sequence[Fault]) -> Read:
    errors: dict[str, str] = {}
    rows = list(fields.windows)
    for fault in faults:
        name = field_of(fault.field or "")
        words = _sentence(fault.message)
        if name == "windows":
            found = _WINDOW.match(fault.field or "")
            rows = with_error(rows, int(found[1]) if found else 0, words)
        errors.setdefault(name, words)
    return Read(fields=replace(fields, windows=rows), errors=errors)


def field_of(wire_name: str) -> str:
    """Return the form's field that a field of the API stands for."""
    for beginning, name in _FIELDS:
        if wire_name.startswith(beginning):
            return name
    return wire_name or "name"


_LABELS = {
    "boost_value": "The strength",
    "target_key": "The target",
    "item_ids": "The rule",
    "segment_id": "The segment",
    "valid_from": "The start",
    "valid_until": "The end",
}


def _sentence(message: str) -> str:
    """Return an API's message in the words of the form."""
    first, _, rest = message.partition(" ")
    name = re.split(r"[.\[]", first, maxsplit=1)[0]
    label = _LABELS.get(name)
    if "[" in first:
        label = "One of the items" if name == "item_ids" else "This"
    return f"{label} {rest}" if label else message


def _document(document: Mapping[str, Any] | None) -> str:
    return msgspec.json.encode(document).decode() if document else ""
