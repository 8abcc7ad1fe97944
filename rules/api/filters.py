"""Query parameters that choose rules, overrides and change sets."""

from __future__ import annotations

from datetime import datetime

from rest_framework.request import Request

from catalog.api.parameters import choice, flag, text
from rules.core.rule import Action, TargetType
from rules.models import RuleState
from rules.queries.lists import RuleFilter


def read_filter(request: Request, *, at: datetime) -> RuleFilter:
    """Return which rules are asked for, or raise 400 naming the parameter."""
    active = maybe_flag(request, "active_now")
    segment = text(request, "segment_id")
    return RuleFilter(
        surface=text(request, "surface"),
        segment_id="" if segment == "null" else segment,
        enabled=maybe_flag(request, "enabled"),
        active_at=at if active is True else None,
        inactive_at=at if active is False else None,
        action=choice(request, "action", list(Action)),
        target_type=choice(request, "target_type", list(TargetType)),
        state=choice(request, "state", RuleState.values),
    )


def maybe_flag(request: Request, name: str) -> bool | None:
    return flag(request, name) if request.query_params.get(name) else None
