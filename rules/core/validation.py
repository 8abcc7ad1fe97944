"""Whether a rule can be obeyed at all: every fault, each with its field and words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from . import conditions, item_conditions
from .conditions import RuleError
from .recurrence import RecurrenceError, check_start
from .rule import (
    MAX_BOOST,
    MAX_NAME,
    MAX_POSITION,
    MAX_PRIORITY,
    MAX_TEXT,
    MAX_VALUES,
    MAX_WINDOWS,
    PATH_MARK,
    Action,
    Kind,
    Rule,
    Target,
    TargetType,
    Window,
)
from .windows import instant_us

EARLIEST_YEAR = 1990
LATEST_YEAR = 2200
MAX_DAYS_RECURRING = 366
CONTEXT_ROOTS = ("ctx", "request")
NAMES = {
    TargetType.ITEM: "item ids",
    TargetType.TAG: "tags",
    TargetType.BRAND: "brands",
    TargetType.CATEGORY: "categories",
}


class Fault(NamedTuple):
    """Something wrong with a rule."""

    field: str
    """Path of the field in :class:`~rules.core.rule.Rule`: ``windows[0].end``."""

    message: str
    """What is wrong, as the end of a sentence that begins with the field."""


class RuleFaultsError(ValueError):
    """A rule that cannot be obeyed."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(
            "; ".join(f"{fault.field} {fault.message}" for fault in faults)
        )
        self.faults = faults


def check(rule: Rule) -> None:
    """Refuse a rule that has faults.

    Raises
    ------
    RuleFaultsError
        Names every fault.
    """
    faults = faults_of(rule)
    if faults:
        raise RuleFaultsError(faults)


def faults_of(rule: Rule) -> tuple[Fault, ...]:
    """Return everything that is wrong with a rule.

    Items, tags, brands and categories need not exist: a rule may wait for them.

    Examples
    --------
    >>> boost = Rule(
    ...     id="0197a3c0-0000-7000-8000-000000000001",
    ...     action=Action.BOOST,
    ...     target=Target(type=TargetType.TAG, values=("sale",)),
    ...     value=0.0,
    ... )
    >>> faults_of(boost)
    (Fault(field='value', message='must not be 0: the rule would do nothing'),)
    """
    return tuple(fault for find in _FINDERS for fault in find(rule))


def _names(rule: Rule) -> Iterator[Fault]:
    if not _is_uuid(rule.id):
        yield Fault("id", "must be a UUID in lower case")
    if len(rule.name) > MAX_NAME:
        yield Fault("name", f"must have at most {MAX_NAME} characters")
    if not _is_text(rule.surface):
        yield Fault("surface", f"must be {_TEXT}, or * for every surface")
    if rule.segment is not None and not _is_text(rule.segment):
        yield Fault("segment", f"must be {_TEXT}, or null for whoever asks")
    if abs(rule.priority) > MAX_PRIORITY:
        yield Fault("priority", f"must lie between ±{MAX_PRIORITY}")
    if not (0.0 <= rule.holdout < 1.0):
        yield Fault("holdout", "must be a share from 0 up to, but not, 1")
    if rule.kind is Kind.OVERRIDE and not _is_uuid(rule.override_id or ""):
        yield Fault("override_id", "must be the UUID of the override")


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


_TEXT = f"a text of 1 to {MAX_TEXT} characters without control characters"


def _is_text(text: str) -> bool:
    return 0 < len(text.strip()) <= len(text) <= MAX_TEXT and text.isprintable()


def _value(rule: Rule) -> Iterator[Fault]:
    value = rule.value
    if rule.action not in (Action.BOOST, Action.BURY):
        if value is not None:
            yield Fault("value", f"is not taken by {rule.action}")
        return
    if value is None:
        yield Fault("value", f"is required by {rule.action}")
    elif not math.isfinite(value):
        yield Fault("value", "must be a finite number")
    elif value == 0:
        yield Fault("value", "must not be 0: the rule would do nothing")
    elif rule.action is Action.BOOST and not -1 < value <= MAX_BOOST:
        yield Fault("value", f"must be above -1 and at most {MAX_BOOST:g}")
    elif rule.action is Action.BURY and not 0 < value <= 1:
        yield Fault("value", "must be above 0 and at most 1")


def _target(rule: Rule) -> Iterator[Fault]:
    target = rule.target
    if target.type is TargetType.CONDITION:
        yield from _condition(target)
        return
    if target.condition is not None:
        yield Fault("target.condition", f"is not taken by a target {target.type}")
    if not target.values:
        yield Fault("target.values", f"must name {NAMES[target.type]}")
    elif len(target.values) > MAX_VALUES:
        yield Fault("target.values", f"must name at most {MAX_VALUES}")
    else:
        yield from _values(target)


def _values(target: Target) -> Iterator[Fault]:
    seen: set[str] = set()
    for i, value in enumerate(target.values):
        key = value if target.type is TargetType.ITEM else value.strip().lower()
        steps = value.split(PATH_MARK if target.type is TargetType.CATEGORY else "\n")
        if not _is_text(value) or len(value.encode()) > MAX_TEXT:
            yield Fault(f"target.values[{i}]", f"must be {_TEXT}")
        elif not all(step.strip() for step in steps):
            yield Fault(f"target.values[{i}]", f"has an empty step beside {PATH_MARK}")
        elif key in seen:
            yield Fault(f"target.values[{i}]", "is named twice")
        seen.add(key)


def _condition(target: Target) -> Iterator[Fault]:
    if target.values:
        yield Fault("target.values", "is not taken by a CONDITION")
    if target.condition is None:
        yield Fault("target.condition", "is required by a CONDITION")
        return
    try:
        found = list(item_conditions.leaves(item_conditions.parse(target.condition)))
    except RuleError as error:
        yield Fault(_inside("target.condition", error), error.fault)
        return
    if not found:
        yield Fault("target.condition", "asks for nothing")
    elif len(found) > item_conditions.MAX_TESTS:
        yield Fault(
            "target.condition", f"has more than {item_conditions.MAX_TESTS} tests"
        )


def _inside(field: str, error: RuleError) -> str:
    return field + error.place.removeprefix("$")


def _context(rule: Rule) -> Iterator[Fault]:
    if rule.context is None:
        return
    try:
        conditions.compile_rule(rule.context)
    except RuleError as error:
        yield Fault(_inside("context", error), error.fault)
        return
    for path in conditions.paths(rule.context):
        if path.partition(".")[0] not in CONTEXT_ROOTS:
            yield Fault(
                "context",
                f"asks for {path}; a rule asks for ctx.… or request.…, "
                "a segment asks about the user",
            )


def _pins(rule: Rule) -> Iterator[Fault]:
    if rule.action is not Action.PIN:
        taken = {
            "positions": bool(rule.positions),
            "max_pins": rule.max_pins is not None,
            "even_if_unavailable": rule.even_if_unavailable,
        }
        for field in (field for field, is_set in taken.items() if is_set):
            yield Fault(field, "is taken by a PIN only")
        return
    if rule.max_pins is not None and not 1 <= rule.max_pins <= MAX_POSITION:
        yield Fault("max_pins", f"must be from 1 to {MAX_POSITION}")
    yield from _positions(rule)


def _positions(rule: Rule) -> Iterator[Fault]:
    is_item = rule.target.type is TargetType.ITEM
    most = len(rule.target.values) if is_item else MAX_POSITION
    if len(rule.positions) > most:
        yield Fault("positions", f"must be at most {most}, one for each item")
    seen: set[int] = set()
    for i, position in enumerate(rule.positions):
        if position is None:
            continue
        if not 1 <= position <= MAX_POSITION:
            yield Fault(f"positions[{i}]", f"must be from 1 to {MAX_POSITION}")
        elif position in seen:
            yield Fault(f"positions[{i}]", "is named twice")
        seen.add(position)


def _windows(rule: Rule) -> Iterator[Fault]:
    if len(rule.windows) > MAX_WINDOWS:
        yield Fault("windows", f"must be at most {MAX_WINDOWS}")
        return
    for i, window in enumerate(rule.windows):
        for fault in _window(window):
            yield Fault(f"windows[{i}].{fault.field}", fault.message)


def _window(window: Window) -> Iterator[Fault]:
    try:
        ZoneInfo(window.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Fault("zone", f"must be an IANA zone; {window.zone!r} is none")
        return
    for field, moment in (("start", window.start), ("end", window.end)):
        if moment is not None and not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
            yield Fault(field, f"must lie in {EARLIEST_YEAR} to {LATEST_YEAR}")
            return
    if window.start is None and window.end is None:
        yield Fault("start", "or an end is required")
    elif window.start is not None and window.end is not None:
        yield from _order(window.start, window.end, zone=window.zone)
    if window.recurrence is not None:
        yield from _recurrence(window)


def _order(start: datetime, end: datetime, *, zone: str) -> Iterator[Fault]:
    if end <= start:
        yield Fault("end", "must be after the start")
    elif instant_us(end, zone) <= instant_us(start, zone):
        yield Fault(
            "end", f"is not after the start: clocks in {zone} change in between"
        )


def _recurrence(window: Window) -> Iterator[Fault]:
    if window.start is None or window.end is None:
        yield Fault("recurrence", "needs a start and an end, of the first occurrence")
        return
    if (window.end - window.start).days >= MAX_DAYS_RECURRING:
        yield Fault("end", f"must be within {MAX_DAYS_RECURRING} days of the start")
    try:
        check_start(window.recurrence or "", start=window.start)
    except RecurrenceError as error:
        yield Fault("recurrence", f"cannot be used: {error}")


_FINDERS: tuple[Callable[[Rule], Iterator[Fault]], ...] = (
    _names,
    _value,
    _target,
    _context,
    _pins,
    _windows,
)
