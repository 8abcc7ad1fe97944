"""Removing items and events. Removing users is more than the catalog's work."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from catalog.core.faults import refuse
from catalog.core.filters import Filter
from catalog.core.text import is_id
from catalog.models import Namespace, Scope
from catalog.operations.deletes import delete_events, delete_items
from catalog.operations.event_types import event_types

from . import examples
from .bodies import DeleteBody, RowsDeleted
from .event_type_names import number_of_type
from .openapi import documented
from .parameters import refuse_missing_namespace
from .view import TenantView
from .wire import decode

CREATED = frozenset({"created_after", "created_before"})


class Deletion(TenantView):
    scopes = {"POST": Scope.INGEST}
    filters: ClassVar[Collection[str]]

    def delete_rows(self, namespace: Namespace, chosen: Filter) -> int:
        raise NotImplementedError

    def _require_meant(self) -> None:
        """Refuse to delete all by mistake: a filter may only be misspelt."""
        if self.warnings:
            raise refuse(
                "confirmation_required",
                f"{' '.join(self.warnings)} Without a filter this deletes all: name the"
                " filter right, or send confirm: true.",
                field="confirm",
            )
        if not self.caller.may(Scope.RESET):
            raise refuse(
                "confirmation_required",
                "Without a filter this deletes all: send confirm: true.",
                field="confirm",
            )

    def remove(self, request: Request) -> Response:
        body, self.warnings = decode(request, DeleteBody)
        _refuse_other_filters(body, allowed=self.filters)
        namespace = self.namespace(body.namespace or refuse_missing_namespace())
        chosen = _filter(body, namespace)
        if chosen.is_empty and not body.confirm:
            self._require_meant()
        count = self.delete_rows(namespace, chosen) if namespace else 0
        return self.answer(
            RowsDeleted(deleted_count=count, message=f"{count} deleted.")
        )


class ItemsDelete(Deletion):
    filters = CREATED | {"item_id"}

    def delete_rows(self, namespace: Namespace, chosen: Filter) -> int:
        return delete_items(namespace, chosen, at=self.at)

    @documented(
        summary="Delete items",
        request=DeleteBody,
        example_request=examples.DELETE_ITEM,
        answer=RowsDeleted,
        example_answer=examples.DELETED,
        idempotent=True,
        errors=(404,),
    )
    def post(self, request: Request) -> Response:
        """Take items out of the catalog; without any filter, all of them."""
        return self.remove(request)


class EventsDelete(Deletion):
    filters = CREATED | {"item_id", "user_id", "event_type"}

    def delete_rows(self, namespace: Namespace, chosen: Filter) -> int:
        return delete_events(namespace, chosen, at=self.at)

    @documented(
        summary="Delete events",
        request=DeleteBody,
        example_request=examples.DELETE_EVENTS,
        answer=RowsDeleted,
        example_answer=examples.DELETED,
        idempotent=True,
        errors=(404,),
    )
    def post(self, request: Request) -> Response:
        """Delete events; without any filter, all of them."""
        return self.remove(request)


def _refuse_other_filters(body: DeleteBody, *, allowed: Collection[str]) -> None:
    # Ignoring it would delete more than was meant.
    for name in ("item_id", "user_id", "event_type"):
        if getattr(body, name) is not None and name not in allowed:
            raise refuse(
                "invalid_filter", f"{name} does not choose among these.", field=name
            )


def _filter(body: DeleteBody, namespace: Namespace | None) -> Filter:
    for name in ("item_id", "user_id"):
        value: str | None = getattr(body, name)
        if value is not None and not is_id(value):
            raise refuse(f"invalid_{name}", f"{name} is no possible id.", field=name)
    number = None
    if body.event_type is not None:
        number = number_of_type(body.event_type, event_types(namespace))
    return Filter(
        item_id=body.item_id,
        user_id=body.user_id,
        event_type=number,
        created_after=body.created_after,
        created_before=body.created_before,
    )
