"""Segments: `/v1/segments…`."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Prefetch
from msgspec import UNSET
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.openapi import documented
from catalog.api.wire import decode
from catalog.models import Namespace, Scope
from ranking.core.segments import Match
from ranking.models import Segment, SegmentRule
from ranking.operations.segments import delete_segments, upsert_segment
from ranking.queries.dry_runs import segment_of

from .segment_bodies import (
    EXAMPLE_SEGMENT,
    EXAMPLE_SEGMENT_OUT,
    DryRunAnswer,
    DryRunBody,
    SegmentOut,
    SegmentsAnswer,
    SegmentUpsert,
    draft_of,
    segment_out,
)
from .view import NAMESPACE, Deleted, DeletionById, IdsBody, SettingsView, Stored


class SegmentsView(SettingsView):
    @documented(
        summary="List segments, the one that wins first",
        answer=SegmentsAnswer,
        example_answer={"namespace": "demo", "segments": [EXAMPLE_SEGMENT_OUT]},
        parameters=[NAMESPACE],
        errors=(404,),
    )
    def get(self, request: Request) -> Response:
        return self.listed(request, SegmentsAnswer, _all)


class SegmentsUpsertView(SettingsView):
    scopes = {"POST": Scope.CONFIGURE}

    @documented(
        summary="Store a segment and put it in force",
        request=SegmentUpsert,
        answer=Stored,
        example_request={"namespace": "demo", "segment": EXAMPLE_SEGMENT},
        example_answer={"status": "ok"},
        errors=(404, 422),
        idempotent=True,
    )
    def post(self, request: Request) -> Response:
        body, self.warnings = decode(request, SegmentUpsert)
        draft = draft_of(body.segment)
        namespace = self.stored_in(body.namespace)
        upsert_segment(namespace, draft, at=self.at, author=self.caller.name)
        return self.answer(Stored())


class SegmentsDeleteView(DeletionById):
    def delete_rows(self, namespace: Namespace, ids: Collection[str]) -> int:
        return delete_segments(namespace, ids, at=self.at, author=self.caller.name)

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
        return self.remove(request)


class SegmentsDryRunView(SettingsView):
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
        namespace = self.sent_namespace(body.namespace)
        if namespace is None:
            return self.answer(DryRunAnswer(matched=False))
        match = segment_of(
            namespace,
            user_id=body.user_id or None,
            traits=body.traits,
            context=body.context or {},
            at=self.at,
        )
        return self.answer(_found(match))


def _found(match: Match) -> DryRunAnswer:
    if match.segment_id is None or match.is_hint:
        return DryRunAnswer(matched=False)
    return DryRunAnswer(
        matched=True,
        segment_id=match.segment_id,
        profile_id=match.profile_id or UNSET,
        matched_rule_id=UNSET if match.rule_id is None else int(match.rule_id),
    )


def _all(namespace: Namespace) -> list[SegmentOut]:
    rules = Prefetch("rules", SegmentRule.objects.order_by("id"))
    rows = (
        Segment.objects.filter(namespace=namespace)
        .select_related("profile")
        .prefetch_related(rules)
        .order_by("-priority", "segment_id")
    )
    return [segment_out(row) for row in rows]
