"""Refusing a rule that cannot be obeyed, in the field names that clients send."""

from __future__ import annotations

import re

from catalog.core.faults import BadInputError, Fault
from rules.core.content import Content
from rules.core.hull import overlap_within
from rules.core.rule import Rule, TargetType
from rules.core.validation import faults_of

_NAMES = {
    "value": "boost_value",
    "segment": "segment_id",
    "id": "rule_id",
    "target.condition": "condition",
}
_PLACE = re.compile(r"^([a-z_]+(?:\.[a-z]+)?)")


def require_valid(content: Content) -> None:
    """Raise `BadInputError`, with every fault, unless the rule can be obeyed."""
    rule = content.rule
    faults = [
        Fault(
            code=f"invalid_{_code(field := _wire_name(fault.field, rule))}",
            message=f"{field} {fault.message}.",
            field=field,
        )
        for fault in faults_of(rule)
    ]
    if not rule.name.strip():
        faults.insert(0, _fault("missing_name", "name", "Give the rule a name."))
    if not faults and (pair := overlap_within(rule.windows)):
        words = f"windows[{pair[0]}] and windows[{pair[1]}] overlap: part or join them."
        faults.append(_fault("invalid_windows", "windows", words))
    if faults:
        raise BadInputError(faults)


def _wire_name(field: str, rule: Rule) -> str:
    if field.startswith("target.values"):
        is_item = rule.target.type == TargetType.ITEM
        place = field.removeprefix("target.values")
        if not is_item and len(rule.target.values) <= 1:
            return "target_key"
        return ("item_ids" if is_item else "target_keys") + place
    if field.startswith("windows[0].") and _is_plain(rule):
        return {
            "windows[0].start": "valid_from",
            "windows[0].end": "valid_until",
        }.get(field, field)
    if field.startswith("windows["):
        return field.replace(".zone", ".time_zone")
    name = _PLACE.match(field)
    known = _NAMES.get(name[1]) if name else None
    return field.replace(name[1], known, 1) if name and known else field


def _is_plain(rule: Rule) -> bool:
    """Say whether the windows may have been sent as valid_from and valid_until."""
    if len(rule.windows) != 1:
        return False
    # Those are moments, which are kept on the clock of UTC.
    [window] = rule.windows
    return window.recurrence is None and window.zone == "UTC"


def _code(field: str) -> str:
    return re.split(r"[.\[]", field, maxsplit=1)[0]


def _fault(code: str, field: str, message: str) -> Fault:
    return Fault(code=code, field=field, message=message)
