"""What is answered when no view could: JSON under /v1, a page elsewhere."""

from __future__ import annotations

import sys

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import defaults

from catalog.api.errors import RETRY_SECONDS, ApiError, plain_response

_FOR_MACHINES = ("/v1/", "/api/", "/health", "/livez", "/readyz", "/version")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not _from_machine(request):
        return defaults.bad_request(request, exception)
    if isinstance(exception, RequestDataTooBig):
        error = ApiError("body_too_large", "The body is too large.", status=413)
    else:
        error = ApiError("bad_request", "The request makes no sense.")
    return plain_response(error, request=request)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not _from_machine(request):
        return defaults.permission_denied(request, exception)
    error = ApiError("forbidden", "This is not allowed.", status=403)
    return plain_response(error, request=request)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not _from_machine(request):
        return defaults.page_not_found(request, exception)
    error = ApiError("not_found", "There is nothing at this address.", status=404)
    return plain_response(error, request=request)


def server_error(request: HttpRequest) -> HttpResponse:
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        return _database_away(request)
    if not _from_machine(request):
        return defaults.server_error(request)
    error = ApiError("internal", "Something failed here.", status=500)
    return plain_response(error, request=request)


def _database_away(request: HttpRequest) -> HttpResponse:
    headers = {"Retry-After": RETRY_SECONDS}
    if not _from_machine(request):
        page = render_to_string("503.html")
        return HttpResponse(page, status=503, headers=headers)
    error = ApiError(
        "service_unavailable",
        "The database cannot be reached. Try again.",
        status=503,
        headers=headers,
    )
    return plain_response(error, request=request)


def _from_machine(request: HttpRequest) -> bool:
    return request.path.startswith(_FOR_MACHINES)
