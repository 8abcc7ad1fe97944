"""Segments: `/v1/segments…`."""

from __future__ import annotations

from typing import Annotated, Any

from django.db.models import Prefetch
from msgspec import UNSET, Meta, Struct, UnsetType, field
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.openapi import documented
from catalog.api.parameters import clean_name
from catalog.api.view import TenantView
from catalog.api.wire import decode
from catalog.core.faults import refuse
from catalog.core.text import is_id
from catalog.models import Namespace, Scope
from ranking.models import Segment, SegmentRule
from ranking.operations.segments import (
    RuleDraft,
    SegmentDraft,
    delete_segments,
    upsert_segment,
)
from ranking.queries.dry_runs import segment_of

from .bodies import DEFAULT_NAMESPACE
from .configuration import NAMESPACE

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


class IdsBody(Struct, kw_only=True):
    """What to delete."""

    namespace: str | None = None
    ids: list[str] | None = None


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


class Stored(Struct, kw_only=True):
    status: str = "ok"
    warnings: list[str] | UnsetType = UNSET


class Deleted(Struct, kw_only=True):
    status: str = "ok"
    deleted_count: int
    message: str
    warnings: list[str] | UnsetType = UNSET


class DryRunAnswer(Struct, kw_only=True):
    matched: bool
    segment_id: str | UnsetType = UNSET
    profile_id: str | UnsetType = UNSET
    matched_rule_id: int | UnsetType = UNSET
    warnings: list[str] | UnsetType = UNSET


_SEGMENT = {
    "segment_id": "vip",
    "name": "Loyal customers",
    "priority": 10,
    "active": True,
    "profile_id": "vip-profile",
    "description": "",
    "rules": [{"rule": {"gte": ["user.traits.orders", 3]}, "enabled": True}],
}
_SEGMENT_OUT = _SEGMENT | {
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


class SegmentsView(TenantView):
    @documented(
        summary="List segments, the one that wins first",
        answer=SegmentsAnswer,
        example_answer={"namespace": "demo", "segments": [_SEGMENT_OUT]},
        parameters=[NAMESPACE],
        errors=(404,),
    )
    def get(self, request: Request) -> Response:
        name = clean_name(request.query_params.get("namespace") or DEFAULT_NAMESPACE)
        namespace = self.namespace(name)
        return self.answer(SegmentsAnswer(name, _all(namespace) if namespace else []))


class SegmentsUpsertView(TenantView):
    scopes = {"POST": Scope.CONFIGURE}

    @documented(
        summary="Store a segment and put it in force",
        request=SegmentUpsert,
        answer=Stored,
        example_request={"namespace": "demo", "segment": _SEGMENT},
        example_answer={"status": "ok"},
        errors=(404, 422),
        idempotent=True,
    )
    def post(self, request: Request) -> Response:
        body, self.warnings = decode(request, SegmentUpsert)
        draft = _draft(body.segment)
        namespace = self.writable_namespace(body.namespace or DEFAULT_NAMESPACE)
        upsert_segment(namespace, draft, at=self.at, author=self.caller.name)
        return self.answer(Stored())


class SegmentsDeleteView(TenantView):
    scopes = {"POST": Scope.CONFIGURE}

    @documented(
        summary="Delete segments",
        request=IdsBody,
        answer=Deleted,
        example_request={"namespace": "demo", "ids": ["vip"]},
        example_answer={"status": "ok", "deleted_count": 1, "message": "1 deleted"},
        errors=(404,),
        idempotent=True,
    )
    def post(self, request: Request) -> Response:
        body, self.warnings = decode(request, IdsBody)
        ids = ids_of(body)
        namespace = self.namespace(body.namespace or DEFAULT_NAMESPACE)
        count = 0
        if namespace is not None:
            count = delete_segments(namespace, ids, at=self.at, author=self.caller.name)
        return self.answer(deleted(count))


class SegmentsDryRunView(TenantView):
    scopes = {"POST": Scope.READ}

    @documented(
        summary="Which segment somebody falls into",
        request=DryRunBody,
        answer=DryRunAnswer,
        example_request={"namespace": "demo", "traits": {"orders": 5}},
        example_answer={
            "matched": True,
            "segment_id": "vip",
            "profile_id": "vip-profile",
            "matched_rule_id": 7,
        },
        errors=(404,),
    )
    def post(self, request: Request) -> Response:
        body, self.warnings = decode(request, DryRunBody)
        namespace = self.namespace(body.namespace or DEFAULT_NAMESPACE)
        if namespace is None:
            return self.answer(DryRunAnswer(matched=False))
        match = segment_of(
            namespace,
            user_id=body.user_id or None,
            traits=body.traits,
            context=body.context or {},
            at=self.at,
        )
        if match.segment_id is None or match.is_hint:
            return self.answer(DryRunAnswer(matched=False))
        rule = match.rule_id
        return self.answer(
            DryRunAnswer(
                matched=True,
                segment_id=match.segment_id,
                profile_id=match.profile_id or UNSET,
                matched_rule_id=UNSET if rule is None else int(rule),
            )
        )


def ids_of(body: IdsBody) -> list[str]:
    if not body.ids:
        raise refuse("empty_ids", "Name what to delete.", field="ids")
    return body.ids


def deleted(count: int) -> Deleted:
    return Deleted(deleted_count=count, message=f"{count} deleted")


def require_id(value: str | None, *, field: str) -> str:
    if not value:
        raise refuse(f"missing_{field}", f"Send {field}.", field=field)
    if not is_id(value):
        raise refuse(
            f"invalid_{field}",
            f"{field} has at most 256 bytes and no control characters.",
            field=field,
        )
    return value


def _draft(body: SegmentBody) -> SegmentDraft:
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


def _all(namespace: Namespace) -> list[SegmentOut]:
    rules = Prefetch("rules", SegmentRule.objects.order_by("id"))
    rows = (
        Segment.objects.filter(namespace=namespace)
        .select_related("profile")
        .prefetch_related(rules)
        .order_by("-priority", "segment_id")
    )
    return [_out(row) for row in rows]


def _out(row: Segment) -> SegmentOut:
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
