"""Segments as clients send them and get them."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType, field

from catalog.core.faults import refuse
from ranking.models import Segment
from ranking.operations.segments import RuleDraft, SegmentDraft

from .view import require_id

_INT_32 = 2**31 - 1
MAX_RULES = 100


class RuleBody(Struct, kw_only=True):
    """One condition; the rules of a segment are alternatives."""

    rule: dict[str, Any]
    enabled: bool | None = None
    description: str | None = None
    rule_id: Annotated[
        int | str | None, Meta(description="Ignored: rules are replaced whole.")
    ] = None


class SegmentBody(Struct, kw_only=True):
    segment_id: str | None = None
    profile_id: str | None = None
    name: str | None = None
    priority: Annotated[int, Meta(ge=-_INT_32, le=_INT_32)] = 0
    active: bool | None = None
    description: str | None = None
    rules: list[RuleBody] | None = None
    created_at: Any = None
    updated_at: Any = None


class SegmentUpsert(Struct, kw_only=True):
    """A segment with all its rules."""

    namespace: str | None = None
    segment: SegmentBody = field(default_factory=SegmentBody)


class DryRunBody(Struct, kw_only=True):
    """Somebody, known or made up."""

    namespace: str | None = None
    user_id: str | None = None
    context: dict[str, Any] | None = None
    traits: Annotated[
        dict[str, Any] | None, Meta(description="In place of the stored ones.")
    ] = None


class RuleOut(Struct, kw_only=True):
    rule_id: int
    rule: dict[str, Any]
    enabled: bool
    description: str


class SegmentOut(Struct, kw_only=True):
    segment_id: str
    name: str
    priority: int
    active: bool
    profile_id: str
    description: str
    rules: list[RuleOut]
    created_at: str
    updated_at: str


class SegmentsAnswer(Struct):
    namespace: str
    segments: list[SegmentOut]


class DryRunAnswer(Struct, kw_only=True):
    matched: bool
    segment_id: str | UnsetType = UNSET
    profile_id: str | UnsetType = UNSET
    matched_rule_id: int | UnsetType = UNSET
    warnings: list[str] | UnsetType = UNSET


EXAMPLE_SEGMENT = {
    "segment_id": "vip",
    "name": "Loyal customers",
    "priority": 10,
    "active": True,
    "profile_id": "vip-profile",
    "description": "",
    "rules": [{"rule": {"gte": ["user.traits.orders", 3]}, "enabled": True}],
}
EXAMPLE_SEGMENT_OUT = EXAMPLE_SEGMENT | {
    "rules": [
        {
            "rule_id": 7,
            "rule": {"gte": ["user.traits.orders", 3]},
            "enabled": True,
            "description": "",
        }
    ],
    "created_at": "2026-03-01T12:00:00+00:00",
    "updated_at": "2026-03-01T12:00:00+00:00",
}


def draft_of(body: SegmentBody) -> SegmentDraft:
    rules = body.rules or []
    if len(rules) > MAX_RULES:
        raise refuse(
            "too_many_rules",
            f"A segment has at most {MAX_RULES} rules.",
            field="segment.rules",
        )
    return SegmentDraft(
        segment_id=require_id(body.segment_id, field="segment_id"),
        profile_id=require_id(body.profile_id, field="profile_id"),
        name=(body.name or "")[:200],
        priority=body.priority,
        active=body.active is not False,
        description=body.description or "",
        rules=[
            RuleDraft(
                rule=rule.rule,
                enabled=rule.enabled is not False,
                description=rule.description or "",
            )
            for rule in rules
        ],
    )


def segment_out(row: Segment) -> SegmentOut:
    return SegmentOut(
        segment_id=row.segment_id,
        name=row.name,
        priority=row.priority,
        active=row.active,
        profile_id=row.profile.profile_id if row.profile else "",
        description=row.description,
        rules=[
            RuleOut(
                rule_id=rule.pk,
                rule=rule.rule,
                enabled=rule.enabled,
                description=rule.description,
            )
            for rule in row.rules.all()
        ],
        created_at=row.created_at.isoformat(),
        updated_at=row.updated_at.isoformat(),
    )
