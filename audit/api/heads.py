"""The head of an org's chain over HTTP: what to keep elsewhere."""

from __future__ import annotations

from typing import Any

import msgspec
from django.urls import URLPattern, path
from msgspec import Struct
from rest_framework.request import Request
from rest_framework.response import Response

from audit.queries.heads import exported_head
from catalog.api.errors import ApiError
from catalog.api.openapi import documented
from catalog.api.view import TenantView

HEAD: dict[str, Any] = {
    "org_id": "00000000-0000-0000-0000-000000000001",
    "number": 4_711,
    "digest": "9f86d081884c7d65" * 4,
    "seal": "2554f72c0325e6f3" * 4,
    "stored_at": "2026-03-01T12:00:00.250000+00:00",
}


class HeadAnswer(Struct, kw_only=True):
    org_id: str
    number: int
    """Of the newest batch of decisions, counted from 1 in the organisation."""
    digest: str
    """Builds on every batch before."""
    seal: str
    """Shows that the installation made it."""
    stored_at: str


class HeadView(TenantView):
    @documented(
        summary="Get the head of the chain of decisions",
        answer=HeadAnswer,
        example_answer=HEAD,
        errors=(404,),
    )
    def get(self, request: Request) -> Response:
        """Keep it elsewhere: `verify_audit --head` shows later what was altered."""
        found = exported_head()
        if found is None:
            raise ApiError(
                "no_decisions",
                "No decision of this organisation is stored.",
                status=404,
            )
        return self.answer(msgspec.convert(found, HeadAnswer))


urlpatterns: list[URLPattern] = [
    path("v1/audit/head", HeadView.as_view(), name="audit-head"),
]
