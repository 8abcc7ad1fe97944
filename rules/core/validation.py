"""Whether a rule can be obeyed at all: every fault, each with its field and words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from uuid import UUID

from . import conditions
from .conditions import RuleError
from .faults import A_TEXT, Fault, inside, is_text
from .rule import (
    MAX_BOOST,
    MAX_NAME,
    MAX_POSITION,
    MAX_PRIORITY,
    Action,
    Kind,
    Rule,
    TargetType,
)
from .target_faults import target_faults
from .window_faults import window_faults

CONTEXT_ROOTS = ("ctx", "request")


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
    >>> from rules.core.rule import Target
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
    if not is_text(rule.surface):
        yield Fault("surface", f"must be {A_TEXT}, or * for every surface")
    if rule.segment is not None and not is_text(rule.segment):
        yield Fault("segment", f"must be {A_TEXT}, or null for whoever asks")
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


def _context(rule: Rule) -> Iterator[Fault]:
    if rule.context is None:
        return
    try:
        conditions.compile_rule(rule.context)
    except RuleError as error:
        yield inside("context", error)
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


_FINDERS: tuple[Callable[[Rule], Iterator[Fault]], ...] = (
    _names,
    _value,
    target_faults,
    _context,
    _pins,
    window_faults,
)
