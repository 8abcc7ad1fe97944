"""Which namespace a staff member looks at, for every request under /admin/."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

from .models import Namespace
from .permissions import namespaces_of
from .recording import by_staff
from .tenancy import org_scope

_SESSION_KEY = "namespace"
_SERVER_ERROR = 500
_READING = ("GET", "HEAD", "OPTIONS")


class StaffRequest(HttpRequest):
    """A request under /admin/ after :class:`StaffNamespaceMiddleware`."""

    namespace: Namespace | None
    namespaces: Sequence[Namespace]


class StaffNamespaceMiddleware:
    """Choose `request.namespace` from ?ns, else the session, else the oldest.

    The view then runs inside the scope of the namespace's org, in one transaction,
    which is rolled back when it ends in a server error.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/admin/"):
            return self._get_response(request)
        if any("\0" in value for values in request.GET.lists() for value in values[1]):
            return HttpResponseBadRequest("An address cannot hold NUL characters.")
        namespaces, namespace = _choose(request)
        request.namespaces = namespaces  # type: ignore[attr-defined]
        request.namespace = namespace  # type: ignore[attr-defined]
        if namespace is None:
            return self._get_response(request)
        with org_scope(namespace.org_id), _recording(request):
            response = self._get_response(request)
            if response.status_code >= _SERVER_ERROR:
                transaction.set_rollback(True)
        return response


def _recording(request: HttpRequest) -> AbstractContextManager[object]:
    """Record who writes; who only reads is not worth what each statement would cost."""
    if request.method in _READING:
        return nullcontext()
    return by_staff(request.user)


def _choose(request: HttpRequest) -> tuple[Sequence[Namespace], Namespace | None]:
    if not getattr(request.user, "is_staff", False):
        return (), None
    namespaces = list(namespaces_of(request.user))
    asked = request.GET.get("ns")
    found = _named(namespaces, asked) if asked else None
    if found is not None:
        request.session[_SESSION_KEY] = found.pk
        return namespaces, found
    kept = request.session.get(_SESSION_KEY)
    by_key = {namespace.pk: namespace for namespace in namespaces}
    oldest = min(by_key, default=0)
    return namespaces, by_key.get(kept or 0) or by_key.get(oldest)


def _named(namespaces: Sequence[Namespace], asked: str) -> Namespace | None:
    """Return the namespace whose number or, failing that, whose name was asked for."""
    by_key = {str(namespace.pk): namespace for namespace in namespaces}
    by_name = {namespace.name: namespace for namespace in reversed(namespaces)}
    return by_key.get(asked) or by_name.get(asked)
