"""Versions in headers: what an answer is tagged with, and what `If-Match` names."""

from __future__ import annotations

from rest_framework.request import Request

from catalog.core.faults import refuse


def etag(version: int) -> str:
    return f'"{version}"'


def expected_version(request: Request) -> int | None:
    """Return the version that `If-Match` names; None without the header or for *."""
    sent = request.headers.get("If-Match", "").strip()
    if sent in ("", "*"):
        return None
    number = sent.removeprefix("W/").strip('"').removeprefix("v")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise refuse(
            "invalid_if_match",
            "If-Match must name a version as GET's ETag does.",
            field="If-Match",
        )
    return int(number)
