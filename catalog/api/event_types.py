"""What kinds of events there are, and how much each weighs."""

from __future__ import annotations

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.core.pages import Page
from catalog.core.validity import event_type_faults
from catalog.core.wire import EventTypeIn
from catalog.models import Scope
from catalog.operations.event_types import event_types, upsert_event_types
from catalog.queries.lists import Listed

from . import examples
from .batches import read_batch
from .bodies import BatchAccepted, EventTypeList, EventTypesBody
from .lists import NAMESPACE, frame
from .openapi import documented, query
from .parameters import flag, refuse_missing_namespace, required_namespace
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
        return Response(EventTypeList(items=types, **whole))


class EventTypesUpsert(TenantView):
    scopes = {"POST": Scope.CONFIGURE}

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
        batch = read_batch(
            request,
            EventTypesBody,
            EventTypeIn,
            field="types",
            limit=settings.MAX_ITEMS_A_BATCH,
        )
        name = batch.body.namespace or refuse_missing_namespace()
        self.warnings = batch.warnings
        types, _ = batch.good_rows(event_type_faults(batch.rows))
        namespace = self.writable_namespace(name)
        count = upsert_event_types(namespace, types, at=self.at)
        return self.answer(BatchAccepted(status="accepted", accepted=count), status=202)
