"""From a rule in the tables to a rule on the wire."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from rules.core.content import Content
from rules.core.rule import TargetType, Window
from rules.core.sentences import sentence
from rules.models import ChangeSetItem, Rule
from rules.queries.contents import content_of

from .bodies import RuleAnswer, RuleWindow

CHANGE_SETS = "/v1/admin/change-sets"


def rule_out(
    rule: Rule,
    content: Content | None = None,
    *,
    reason: str = "",
    state: str | None = None,
    titles: dict[str, str] | None = None,
) -> RuleAnswer:
    """Return a rule as its version in force says, or as the given content does."""
    said = content or content_of(rule)
    version = rule.version
    return RuleAnswer(
        rule_id=str(rule.pk),
        namespace=rule.namespace.name,
        description=said.description,
        enabled=said.enabled,
        owner=said.owner,
        review_by=_day(said.review_by),
        reason=reason or (version.reason if version else ""),
        state=state or rule.state,
        version=rule.version_number,
        sentence=sentence(said.rule, titles=titles or {}),
        created_by=rule.created_by,
        created_at=rule.created_at.isoformat(),
        updated_at=rule.updated_at.isoformat(),
        **content_fields(said),
    )


def content_fields(said: Content) -> dict[str, Any]:
    """Return what a content says to the ranking, in the wire's names."""
    rule = said.rule
    is_item = rule.target.type == TargetType.ITEM
    keys = [] if is_item else list(rule.target.values)
    plain = _plain_window(rule.windows)
    return {
        "surface": rule.surface,
        "name": rule.name,
        "action": rule.action.value,
        "target_type": rule.target.type.value,
        "target_key": keys[0] if len(keys) == 1 else None,
        "target_keys": keys if len(keys) > 1 else [],
        "item_ids": list(rule.target.values) if is_item else [],
        "include_subcategories": rule.target.include_subcategories,
        "condition": rule.target.condition,
        "boost_value": rule.value,
        "max_pins": rule.max_pins,
        "positions": list(rule.positions),
        "even_if_unavailable": rule.even_if_unavailable,
        "segment_id": rule.segment,
        "context": rule.context,
        "priority": rule.priority,
        "valid_from": _instant(plain.start) if plain else None,
        "valid_until": _instant(plain.end) if plain else None,
        "windows": [] if plain else [_window(window) for window in rule.windows],
        "holdout": rule.holdout,
        "override_id": rule.override_id,
    }


def _plain_window(windows: tuple[Window, ...]) -> Window | None:
    """Return the window that valid_from and valid_until say all of."""
    if len(windows) != 1:
        return None
    [window] = windows
    return window if window.zone == "UTC" and window.recurrence is None else None


def _window(window: Window) -> RuleWindow:
    return RuleWindow(
        start=window.start.isoformat() if window.start else None,
        end=window.end.isoformat() if window.end else None,
        time_zone=window.zone,
        recurrence=window.recurrence,
    )


def _instant(local: datetime | None) -> str | None:
    return None if local is None else local.replace(tzinfo=UTC).isoformat()


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def change_set_url(item: ChangeSetItem) -> str:
    return f"{CHANGE_SETS}/{item.change_set_id}"
