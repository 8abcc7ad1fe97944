"""Contents of rules for tests: valid, for home, looked at again next year."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from rules.core.content import Content
from rules.core.rule import Action, Rule, Target, TargetType


def local(*parts: int) -> datetime:
    """Return what a wall clock shows."""
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


def items(*ids: str) -> Target:
    return Target(type=TargetType.ITEM, values=ids)


def tag(*names: str) -> Target:
    return Target(type=TargetType.TAG, values=names)


def content(name: str, action: str, target: Target, **fields: Any) -> Content:
    about: dict[str, Any] = {"review_by": date(2027, 1, 1)}
    about |= {key: fields.pop(key) for key in ("enabled", "review_by") if key in fields}
    rule = Rule(
        id=name,
        name=name,
        action=Action(action),
        target=target,
        surface="home",
        **fields,
    )
    return Content(rule=rule, **about)
