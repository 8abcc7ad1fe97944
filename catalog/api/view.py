"""The base of every /v1 view.

A subclass names the scope that each method needs and answers with a Struct, a dict or
a list::

    class ItemsUpsert(TenantView):
        scopes = {"POST": Scope.INGEST}

        @documented(request=ItemsBody, answer=Accepted, status=202, ...)
        def post(self, request: Request) -> Response:
            body, self.warnings = decode(request, ItemsBody)
            namespace = self.writable_namespace(body.namespace)
            ...
            return self.answer(Accepted(accepted=n), status=202)

When a handler runs, the caller is known (`self.caller`), the clock was read once
(`self.at`), and a transaction for the caller's org is open: whatever it raises leaves
nothing behind. A POST with an `Idempotency-Key` runs once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any, ClassVar, override

import msgspec
from django.db import OperationalError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.access import Caller, find_namespace, identify, require
from catalog.metrics import count_request
from catalog.models import Namespace, Scope
from catalog.recording import RECORDED_SCOPES, by_caller
from catalog.tenancy import org_scope

from . import idempotency
from .errors import ApiError
from .parameters import clean_name
from .wire import JsonRenderer

type Handler = Callable[..., Response]

# Deadlock and serialisation failure: PostgreSQL undid everything, so try again.
_TRY_AGAIN = {"40P01", "40001"}
_FREE = ("HEAD", "OPTIONS")
_ATTEMPTS = 3


class TenantView(APIView):
    scopes: ClassVar[Mapping[str, str]] = {"GET": Scope.READ}
    # Hot routes that read through a pool of their own need no transaction.
    in_transaction: ClassVar[bool] = True

    caller: Caller
    at: datetime
    warnings: list[str]

    @override
    def perform_content_negotiation(
        self, request: Request, force: bool = False
    ) -> tuple[BaseRenderer, str]:
        return JsonRenderer(), JsonRenderer.media_type

    @override
    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        self.args, self.kwargs, self.headers = args, kwargs, {}
        self.at, self.warnings = datetime.now(UTC), []
        self.request = wrapped = self.initialize_request(request, *args, **kwargs)
        try:
            response = self._respond(wrapped)
        except Exception as error:
            response = self.handle_exception(error)
        self.response = self.finalize_response(wrapped, response, *args, **kwargs)
        self._count(self.response.status_code)
        return self.response

    def _count(self, status: int) -> None:
        method = (self.request.method or "").lower()
        # A caller may invent methods, and each label is kept for good.
        known = method if method in self.http_method_names else "other"
        count_request(type(self).__name__, known, status).inc()

    def namespace(self, name: str) -> Namespace | None:
        """Return the namespace to read; None when nobody wrote to it yet."""
        return find_namespace(self.caller, clean_name(name), scope=self._scope())

    def writable_namespace(self, name: str) -> Namespace:
        """Return the namespace to write to, made now if the key may."""
        with by_caller(self.caller):
            namespace = find_namespace(
                self.caller, clean_name(name), scope=self._scope(), create=True
            )
        assert namespace is not None
        return namespace

    def answer(self, body: Any, *, status: int = 200) -> Response:
        """Return `body` with what was ignored of the request, if anything was."""
        if self.warnings:
            body = msgspec.to_builtins(body) | {"warnings": self.warnings}
        return Response(body, status=status)

    def _respond(self, request: Request) -> Response:
        self.format_kwarg = None
        request.accepted_renderer, request.accepted_media_type = (
            self.perform_content_negotiation(request)
        )
        method = (request.method or "").lower()
        if method not in self.http_method_names or not hasattr(self, method):
            asked = [each for each in self.allowed_methods if each not in _FREE]
            raise ApiError(
                "method_not_allowed",
                f"{request.method} is not possible here; send {' or '.join(asked)}.",
                status=405,
                headers={"Allow": ", ".join(self.allowed_methods)},
            )
        handler: Handler = getattr(self, method)
        if method == "options":
            return handler(request)
        self.caller = identify(request._request, at=self.at)
        require(self.caller, self._scope())
        return (
            self._run(handler, request)
            if self.in_transaction
            else handler(request, *self.args, **self.kwargs)
        )

    def _run(self, handler: Handler, request: Request) -> Response:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with org_scope(self.caller.org_id):
                    return self._once(handler, request)
            except OperationalError as error:
                if attempt == _ATTEMPTS or _sqlstate(error) not in _TRY_AGAIN:
                    raise
        raise AssertionError("unreachable")

    def _once(self, handler: Handler, request: Request) -> Response:
        def call() -> Response:
            with self._recording():
                return handler(request, *self.args, **self.kwargs)

        key = request.headers.get("Idempotency-Key")
        if request.method != "POST" or not key:
            return call()
        return idempotency.once(
            call, request=request, org_id=self.caller.org_id, key=key, at=self.at
        )

    def _recording(self) -> AbstractContextManager[object]:
        is_recorded = self._scope() in RECORDED_SCOPES
        return by_caller(self.caller) if is_recorded else nullcontext()

    def _scope(self) -> str:
        method = "GET" if self.request.method == "HEAD" else self.request.method
        return self.scopes[method or "GET"]


def _sqlstate(error: OperationalError) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)
