"""Builds of the signals: `/v1/admin/builds…`."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.bodies import ListBody
from catalog.api.errors import ApiError
from catalog.api.examples import PAGE_OF_ONE
from catalog.api.listing import NAMESPACE, PAGE, NewestListing
from catalog.api.openapi import documented
from catalog.api.view import TenantView
from ranking.models import SignalBuild

EXAMPLE: dict[str, Any] = {
    "id": "01920000-0000-7000-8000-000000000003",
    "state": "held",
    "as_of": "2026-03-02T12:00:00Z",
    "created_at": "2026-03-02T12:00:00Z",
    "live_since": None,
    "duration_seconds": 1.8,
    "counts": {"items": 320, "users": 600, "events": 40000},
    "error": "",
    "guard": {
        "is_blocked": True,
        "headline": "Broken: Share of the catalog that is shown. 12.0 % is below the"
        " limit of 60.0 %.",
        "requests": 100,
        "judged": [],
    },
}


class BuildOut(Struct, kw_only=True):
    id: UUID
    state: str
    """building, ready, held, live, superseded, failed or collected."""

    as_of: datetime
    created_at: datetime
    live_since: datetime | None
    duration_seconds: float | None
    counts: dict[str, Any]
    error: str
    guard: dict[str, Any]
    """What its lists came to beside the guardrails; empty where nothing was judged."""


class BuildList(ListBody, kw_only=True):
    items: list[BuildOut]


class BuildsView(NewestListing[SignalBuild]):
    kind = "builds"
    model = SignalBuild
    unread = ("manifest", "seeds")

    def row(self, row: SignalBuild) -> BuildOut:
        return _out(row)

    @documented(
        summary="List builds of the signals",
        answer=BuildList,
        example_answer={"items": [EXAMPLE], **PAGE_OF_ONE},
        parameters=[NAMESPACE, *PAGE],
    )
    def get(self, request: Request) -> Response:
        """List them, the newest first.

        One that is held back breaks a guardrail: the one before it is still served,
        until an operator says in the admin why it may be served all the same.
        """
        return self.page(request, answer=BuildList)


class BuildView(TenantView):
    @documented(
        summary="Look at a build of the signals",
        answer=BuildOut,
        example_answer=EXAMPLE,
        errors=(404,),
    )
    def get(self, request: Request, key: UUID) -> Response:
        build = SignalBuild.objects.filter(pk=key).first()
        allowed = self.caller.namespaces
        if build is None or (allowed is not None and build.namespace_id not in allowed):
            raise ApiError("build_not_found", f"There is no build {key}.", status=404)
        return self.answer(_out(build))


def _out(build: SignalBuild) -> BuildOut:
    return BuildOut(
        id=build.pk,
        state=build.state,
        as_of=build.as_of,
        created_at=build.created_at,
        live_since=build.live_since,
        duration_seconds=build.duration_seconds,
        counts=build.counts,
        error=build.error,
        guard=build.guard,
    )
