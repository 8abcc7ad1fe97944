"""What may be wrong with the target of a rule."""

from __future__ import annotations

from collections.abc import Iterator

from . import item_conditions
from .conditions import RuleError
from .faults import A_TEXT, Fault, inside, is_text
from .rule import MAX_TEXT, MAX_VALUES, PATH_MARK, Rule, Target, TargetType

NAMES = {
    TargetType.ITEM: "item",
    TargetType.TAG: "tag",
    TargetType.BRAND: "brand",
    TargetType.CATEGORY: "category",
}


def target_faults(rule: Rule) -> Iterator[Fault]:
    """Return everything that is wrong with what a rule is about."""
    target = rule.target
    if target.type is TargetType.CONDITION:
        yield from _condition(target)
        return
    if target.condition is not None:
        yield Fault("target.condition", f"is not taken by a target {target.type}")
    if not target.values:
        yield Fault("target.values", f"must name at least one {NAMES[target.type]}")
    elif len(target.values) > MAX_VALUES:
        yield Fault("target.values", f"must name at most {MAX_VALUES}")
    else:
        yield from _values(target)


def _values(target: Target) -> Iterator[Fault]:
    seen: set[str] = set()
    for i, value in enumerate(target.values):
        key = value if target.type is TargetType.ITEM else value.strip().lower()
        steps = value.split(PATH_MARK if target.type is TargetType.CATEGORY else "\n")
        if not is_text(value) or len(value.encode()) > MAX_TEXT:
            yield Fault(f"target.values[{i}]", f"must be {A_TEXT}")
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
        yield inside("target.condition", error)
        return
    if not found:
        yield Fault("target.condition", "asks for nothing")
    elif len(found) > item_conditions.MAX_TESTS:
        yield Fault(
            "target.condition", f"has more than {item_conditions.MAX_TESTS} tests"
        )
