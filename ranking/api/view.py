"""What the views of a namespace's settings share: whose they are, and how they end."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from msgspec import UNSET, Struct, UnsetType
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import openapi
from catalog.api.parameters import clean_name
from catalog.api.view import TenantView
from catalog.api.wire import decode
from catalog.core.faults import refuse
from catalog.core.text import is_id
from catalog.models import Namespace, Scope
from catalog.recording import say_why
from ranking.operations.profiles import Edit

from .bodies import DEFAULT_NAMESPACE

NAMESPACE = openapi.query("namespace", f"{DEFAULT_NAMESPACE} when absent.")


class IdsBody(Struct, kw_only=True):
    """What to delete."""

    namespace: str | None = None
    ids: list[str] | None = None


class Stored(Struct, kw_only=True):
    status: str = "ok"
    warnings: list[str] | UnsetType = UNSET


class Deleted(Struct, kw_only=True):
    status: str = "ok"
    deleted_count: int
    message: str
    warnings: list[str] | UnsetType = UNSET


class SettingsView(TenantView):
    """Reads or changes what ranking obeys in one namespace."""

    def asked_namespace(self, request: Request) -> tuple[str, Namespace | None]:
        """Return the name in the query, and the namespace once somebody wrote to it."""
        sent = request.query_params.get("namespace") or DEFAULT_NAMESPACE
        name = clean_name(sent)
        return name, self.namespace(name)

    def sent_namespace(self, sent: str | None) -> Namespace | None:
        """Return the namespace that a body names, once somebody wrote to it."""
        return self.namespace(sent or DEFAULT_NAMESPACE)

    def stored_in(self, sent: str | None) -> Namespace:
        """Return the namespace that a body names, to write to."""
        return self.writable_namespace(sent or DEFAULT_NAMESPACE)

    def listed[R: Struct](
        self,
        request: Request,
        answer: Callable[[str, list[Any]], R],
        rows: Callable[[Namespace], list[Any]],
    ) -> Response:
        """Answer with all rows of the namespace: none where nobody wrote yet."""
        name, namespace = self.asked_namespace(request)
        return self.answer(answer(name, rows(namespace) if namespace else []))

    def edit(self, author: str | None = None, notes: str | None = None) -> Edit:
        """Return who changes something here and now, and why."""
        say_why(notes or "")
        return Edit(at=self.at, author=author or self.caller.name, notes=notes or "")


class DeletionById(SettingsView):
    scopes = {"POST": Scope.CONFIGURE}

    def delete_rows(self, namespace: Namespace, ids: Collection[str]) -> int:
        raise NotImplementedError

    def remove(self, request: Request) -> Response:
        body, self.warnings = decode(request, IdsBody)
        if not body.ids:
            raise refuse("empty_ids", "Name what to delete.", field="ids")
        namespace = self.sent_namespace(body.namespace)
        count = self.delete_rows(namespace, body.ids) if namespace else 0
        return self.answer(Deleted(deleted_count=count, message=f"{count} deleted"))


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
