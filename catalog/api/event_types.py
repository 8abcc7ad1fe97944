"""What kinds of events there are, and how much each weighs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from catalog.core.faults import Fault
from catalog.core.pages import Page
from catalog.core.validity import Rows, event_type_faults
from catalog.core.wire import EventTypeIn
from catalog.models import Namespace, Scope
from catalog.operations.event_types import event_types, upsert_event_types
from catalog.queries.lists import Listed

from . import examples
from .bodies import BatchAccepted, EventTypeList, EventTypesBody
from .ingestion import Ingestion
from .listing import NAMESPACE, frame
from .openapi import documented, query
from .parameters import flag, required_namespace
from .view import TenantView


class EventTypes(TenantView):
    @documented(
        summary="List event types",
        answer=EventTypeList,
        example_answer=examples.EVENT_TYPE_LIST,
        parameters=[
            NAMESPACE,
            query("include_inactive", "true: those switched off too.", kind=bool),
        ],
    )
    def get(self, request: Request) -> Response:
        """List the types in force: the tenant's own, else the defaults."""
        namespace = self.namespace(required_namespace(request))
        everything = flag(request, "include_inactive")
        types = [
            each for each in event_types(namespace) if each.is_active or everything
        ]
        whole = frame(Listed(total=len(types)), Page(kind="event_types"))
        return self.answer(EventTypeList(items=types, **whole))


class EventTypesUpsert(Ingestion[EventTypeIn]):
    scopes = {"POST": Scope.CONFIGURE}
    body, row, field, limit = EventTypesBody, EventTypeIn, "types", "MAX_ITEMS_A_BATCH"

    def faults(self, rows: Rows[EventTypeIn]) -> list[Fault]:
        return event_type_faults(rows)

    def store(
        self, namespace: Namespace, rows: Sequence[EventTypeIn]
    ) -> dict[str, Any]:
        return {"accepted": upsert_event_types(namespace, rows, at=self.at)}

    @documented(
        summary="Set event types",
        request=EventTypesBody,
        example_request=examples.EVENT_TYPES,
        answer=BatchAccepted,
        example_answer=examples.ACCEPTED,
        status=202,
        idempotent=True,
    )
    def post(self, request: Request) -> Response:
        """Name and weigh types; a number of the defaults overrides that default."""
        return self.take(request, answer=BatchAccepted)
