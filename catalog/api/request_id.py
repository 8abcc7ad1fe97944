"""One id through logs, errors and traces: the client's own, or a new one."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import structlog
import uuid_utils
from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-Id"
_ACCEPTED = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,126}[\x21-\x7e])?")


class RequestIdMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = _accepted(request.headers.get(HEADER))
        request.request_id = request_id  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        response[HEADER] = request_id
        return response


def request_id_of(request: HttpRequest | None) -> str:
    """Return the request's id, or a new one where the middleware did not run."""
    return getattr(request, "request_id", None) or _new_id()


def _accepted(sent: str | None) -> str:
    if sent and _ACCEPTED.fullmatch(sent):
        return sent
    return _new_id()


def _new_id() -> str:
    return str(uuid.UUID(bytes=uuid_utils.uuid7().bytes))
