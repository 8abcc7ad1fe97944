"""Every failure in one shape: an error code, a message and details."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.signals import got_request_exception
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from catalog.access import AccessRefusedError
from catalog.core.faults import MAX_FAULTS, BadInputError

from .request_id import request_id_of

log = structlog.get_logger(__name__)
RETRY_SECONDS = "1"


class ApiError(Exception):
    """An answer other than success. Raise it anywhere below a view."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 400,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.details = dict(details or {})
        self.headers = dict(headers or {})


class ErrorBody(msgspec.Struct, kw_only=True):
    """What every refused or failed call answers."""

    error: str
    code: str
    message: str
    details: dict[str, Any]
    correlation_id: str
    timestamp: str


def to_response(error: Exception, context: Mapping[str, Any]) -> Response:
    """Translate whatever a view raised. The exception handler of DRF."""
    request = context.get("request")
    known = _known(error)
    if known is None:
        log.error("request_failed", exc_info=error)
        # Error trackers listen to it, and Django's test client raises what it hears.
        got_request_exception.send(sender=None, request=request)
        known = ApiError("internal", "Something failed here.", status=500)
    answer = Response(body_of(known, request=request), status=known.status)
    for name, value in known.headers.items():
        answer[name] = value
    return answer


def body_of(error: ApiError, *, request: Any) -> ErrorBody:
    return ErrorBody(
        error=error.code,
        code=error.code,
        message=error.message,
        details=error.details,
        correlation_id=request_id_of(getattr(request, "_request", request)),
        timestamp=datetime.now(UTC).isoformat(timespec="milliseconds"),
    )


def plain_response(error: ApiError, *, request: HttpRequest) -> HttpResponse:
    """Return the same body where DRF is not at work."""
    return HttpResponse(
        msgspec.json.encode(body_of(error, request=request)),
        status=error.status,
        content_type="application/json",
        headers=error.headers,
    )


def _known(error: Exception) -> ApiError | None:
    if isinstance(error, ApiError):
        return error
    if isinstance(error, BadInputError):
        return _from_faults(error)
    if isinstance(error, AccessRefusedError):
        return ApiError(error.code, str(error), status=error.status)
    return _from_framework(error) or _from_database(error)


def _from_faults(error: BadInputError) -> ApiError:
    listed = [msgspec.to_builtins(fault) for fault in error.faults[:MAX_FAULTS]]
    first = {name: listed[0][name] for name in ("field", "index") if name in listed[0]}
    details = first | {"faults": listed, "fault_count": len(error.faults)}
    return ApiError(error.code, str(error), status=error.status, details=details)


def _from_framework(error: Exception) -> ApiError | None:
    if isinstance(error, Http404):
        return ApiError("not_found", "There is nothing at this address.", status=404)
    if isinstance(error, PermissionDenied):
        return ApiError("forbidden", "This is not allowed.", status=403)
    if isinstance(error, RequestDataTooBig):
        return ApiError("body_too_large", "The body is too large.", status=413)
    if isinstance(error, SuspiciousOperation | BadRequest):
        return ApiError("bad_request", "The request makes no sense.", status=400)
    if isinstance(error, APIException):
        code = str(getattr(error, "default_code", "bad_request"))
        return ApiError(code, str(error.detail), status=error.status_code)
    return None


def _from_database(error: Exception) -> ApiError | None:
    if isinstance(error, DataError):
        return ApiError("invalid_value", "A value cannot be stored as it was sent.")
    if isinstance(error, OperationalError | InterfaceError):
        log.warning("database_away", exc_info=error)
        return ApiError(
            "service_unavailable",
            "The database cannot be reached. Try again.",
            status=503,
            headers={"Retry-After": RETRY_SECONDS},
        )
    return None
