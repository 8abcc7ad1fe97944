"""A rule as a row of a CSV file, and back. Pure: it reads and says, and stores nothing.

Spreadsheets run cells that begin like a formula. Such text gets an apostrophe in front
when it is written, and loses it again when it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from catalog.core.faults import BadInputError, refuse
from rules.core.content import Content
from rules.core.rule import Action, Rule, Target, TargetType, Window

from .validity import require_valid

COLUMNS = (
    "rule_id",
    "name",
    "action",
    "target_type",
    "targets",
    "condition",
    "include_subcategories",
    "value",
    "positions",
    "max_pins",
    "even_if_unavailable",
    "surface",
    "segment",
    "context",
    "priority",
    "starts",
    "ends",
    "time_zone",
    "recurrence",
    "holdout",
    "enabled",
    "owner",
    "review_by",
    "description",
)
REQUIRED = ("name", "action", "target_type")
JOINT = "|"
PLACEHOLDER_ID = "00000000-0000-7000-8000-000000000000"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def safe_cell(text: str) -> str:
    """Return text that no spreadsheet runs.

    >>> safe_cell("=1+1"), safe_cell("Oak lamp")
    ("'=1+1", 'Oak lamp')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def plain_text(cell: str) -> str:
    """Take the apostrophe off that :func:`safe_cell` put on."""
    is_marked = cell.startswith("'") and cell[1:].startswith(_FORMULA)
    return (cell[1:] if is_marked else cell).strip()


def row_of(rule_id: str, content: Content) -> list[str]:
    """Return a rule's cells, in the order of :data:`COLUMNS`."""
    rule, target = content.rule, content.rule.target
    windows = rule.windows
    cells: dict[str, str] = {
        "rule_id": rule_id,
        "name": safe_cell(rule.name),
        "action": rule.action.value,
        "target_type": target.type.value,
        "targets": safe_cell(JOINT.join(target.values)),
        "condition": _json(target.condition),
        "include_subcategories": _word(target.include_subcategories),
        "value": "" if rule.value is None else f"{rule.value:g}",
        "positions": JOINT.join("" if p is None else str(p) for p in rule.positions),
        "max_pins": str(rule.max_pins or ""),
        "even_if_unavailable": _word(rule.even_if_unavailable),
        "surface": safe_cell(rule.surface),
        "segment": safe_cell(rule.segment or ""),
        "context": _json(rule.context),
        "priority": str(rule.priority),
        "starts": JOINT.join(_moment(each.start) for each in windows),
        "ends": JOINT.join(_moment(each.end) for each in windows),
        "time_zone": JOINT.join(each.zone for each in windows),
        "recurrence": JOINT.join(each.recurrence or "" for each in windows),
        "holdout": f"{rule.holdout:g}" if rule.holdout else "",
        "enabled": _word(content.enabled),
        "owner": safe_cell(content.owner),
        "review_by": content.review_by.isoformat() if content.review_by else "",
        "description": safe_cell(content.description),
    }
    return [cells[name] for name in COLUMNS]


def content_from(row: Mapping[str, str], *, rule_id: str = "") -> Content:
    """Return what a row says.

    Raises
    ------
    BadInputError
        With everything that is wrong with it.
    """
    cells = {name: plain_text(cell or "") for name, cell in row.items() if name}
    kind = _choice(TargetType, cells, "target_type")
    is_condition = kind == TargetType.CONDITION
    rule = Rule(
        id=rule_id or PLACEHOLDER_ID,
        name=cells.get("name", ""),
        action=_choice(Action, cells, "action"),
        target=Target(
            type=kind,
            values=() if is_condition else tuple(_list(cells, "targets")),
            include_subcategories=_flag(cells, "include_subcategories", usual=True),
            condition=_document(cells, "condition") if is_condition else None,
        ),
        surface=cells.get("surface") or "*",
        segment=cells.get("segment") or None,
        context=_document(cells, "context"),
        windows=_windows(cells),
        priority=_number(int, cells, "priority") or 0,
        value=_number(float, cells, "value"),
        positions=_positions(cells),
        max_pins=_number(int, cells, "max_pins"),
        even_if_unavailable=_flag(cells, "even_if_unavailable", usual=False),
        holdout=_number(float, cells, "holdout") or 0.0,
    )
    content = Content(
        rule=rule,
        enabled=_flag(cells, "enabled", usual=True),
        description=cells.get("description", ""),
        owner=cells.get("owner", "")[:150],
        review_by=_read(date.fromisoformat, cells, "review_by", "a day: 2027-01-31"),
    )
    require_valid(content)
    return content


def _choice(known: Any, cells: Mapping[str, str], name: str) -> Any:
    sent = cells.get(name, "").upper()
    try:
        return known(sent)
    except ValueError:
        words = ", ".join(each.value for each in known)
        raise _wrong(name, f"one of {words}") from None


def _list(cells: Mapping[str, str], name: str) -> list[str]:
    parts = cells.get(name, "").split(JOINT)
    return [part.strip() for part in parts if part.strip()]


def _positions(cells: Mapping[str, str]) -> tuple[int | None, ...]:
    if not (text := cells.get("positions", "")):
        return ()
    parts = [part.strip() for part in text.split(JOINT)]
    if not all(part.isdigit() and len(part) < 6 for part in parts if part):
        raise _wrong("positions", "whole numbers from 1, joined by |")
    return tuple(int(part) if part else None for part in parts)


def _windows(cells: Mapping[str, str]) -> tuple[Window, ...]:
    names = ("starts", "ends", "time_zone", "recurrence")
    lists: dict[str, Sequence[str]] = {
        name: [part.strip() for part in cells.get(name, "").split(JOINT)]
        for name in names
    }
    longest = max(len(lists["starts"]), len(lists["ends"]))

    def part(name: str, place: int) -> str:
        parts = lists[name]
        return parts[place] if place < len(parts) else ""

    windows = []
    for place in range(longest):
        start, end = part("starts", place), part("ends", place)
        if not start and not end:
            continue
        windows.append(
            Window(
                start=_local("starts", start),
                end=_local("ends", end),
                zone=part("time_zone", place) or "UTC",
                recurrence=part("recurrence", place) or None,
            )
        )
    return tuple(windows)


def _local(name: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None:
        raise _wrong(name, "a wall clock of time_zone: 2026-11-27T09:00")
    return found


def _flag(cells: Mapping[str, str], name: str, *, usual: bool) -> bool:
    sent = cells.get(name, "").lower()
    if not sent:
        return usual
    if sent not in _YES:
        raise _wrong(name, "yes or no")
    return _YES[sent]


def _number[N: (int, float)](
    kind: Callable[[str], N], cells: Mapping[str, str], name: str
) -> N | None:
    noun = "a whole number" if kind is int else "a number"
    return _read(kind, cells, name, noun)


def _read[T](
    reader: Callable[[str], T], cells: Mapping[str, str], name: str, noun: str
) -> T | None:
    sent = cells.get(name, "")
    if not sent:
        return None
    try:
        return reader(sent)
    except ValueError:
        raise _wrong(name, noun) from None


def _document(cells: Mapping[str, str], name: str) -> dict[str, Any] | None:
    sent = cells.get(name, "")
    if not sent:
        return None
    try:
        return msgspec.json.decode(sent, type=dict[str, Any])
    except msgspec.DecodeError:
        raise _wrong(name, 'JSON, such as {"lt": ["price", 20]}') from None


def _wrong(name: str, noun: str) -> BadInputError:
    return refuse(f"invalid_{name}", f"{name} must be {noun}.", field=name)


def _json(document: Mapping[str, Any] | None) -> str:
    return "" if document is None else msgspec.json.encode(document).decode()


def _word(value: object) -> str:
    return "yes" if value else "no"


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat(timespec="minutes")
