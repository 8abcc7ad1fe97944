"""Sending items, users and events."""

from __future__ import annotations

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.core.validity import event_faults, item_faults, user_faults
from catalog.core.wire import EventIn, ItemIn, UserIn
from catalog.models import Scope
from catalog.operations.event_types import unknown_type_faults
from catalog.operations.events import store_events
from catalog.operations.items import upsert_items, wrong_length_faults
from catalog.operations.namespaces import fixed_dimension
from catalog.operations.users import upsert_users

from . import examples
from .batches import read_batch, told
from .bodies import BatchAccepted, EventsAccepted, EventsBody, ItemsBody, UsersBody
from .openapi import documented, query
from .view import TenantView

PARTIAL = query(
    "partial", "true: store the good rows, answer the faults of the others.", kind=bool
)


class _Ingestion(TenantView):
    scopes = {"POST": Scope.INGEST}


class ItemsUpsert(_Ingestion):
    @documented(
        summary="Send items",
        request=ItemsBody,
        example_request=examples.ITEMS,
        answer=BatchAccepted,
        example_answer=examples.ACCEPTED,
        parameters=[PARTIAL],
        status=202,
        idempotent=True,
    )
    def post(self, request: Request) -> Response:
        """Make new items, and change the fields that are sent of known ones.

        The first embedding of a namespace fixes the length of all.
        """
        batch = read_batch(
            request, ItemsBody, ItemIn, field="items", limit=settings.MAX_ITEMS_A_BATCH
        )
        self.warnings = batch.warnings
        faults = item_faults(batch.rows)
        if not batch.is_partial:
            batch.good_rows(faults)
        namespace = self.writable_namespace(batch.body.namespace)
        fixed = fixed_dimension(namespace)
        faults += wrong_length_faults(batch.rows, dimension=fixed)
        items, faults = batch.good_rows(faults)
        count = upsert_items(namespace, items, at=self.at)
        return self.answer(
            BatchAccepted(status="accepted", accepted=count, **told(faults)), status=202
        )


class UsersUpsert(_Ingestion):
    @documented(
        summary="Send users",
        request=UsersBody,
        example_request=examples.USERS,
        answer=BatchAccepted,
        example_answer=examples.ACCEPTED,
        parameters=[PARTIAL],
        status=202,
        idempotent=True,
    )
    def post(self, request: Request) -> Response:
        """Make new users, and replace the traits of known ones where they are sent."""
        batch = read_batch(
            request, UsersBody, UserIn, field="users", limit=settings.MAX_USERS_A_BATCH
        )
        self.warnings = batch.warnings
        users, faults = batch.good_rows(user_faults(batch.rows))
        namespace = self.writable_namespace(batch.body.namespace)
        count = upsert_users(namespace, users, at=self.at)
        return self.answer(
            BatchAccepted(status="accepted", accepted=count, **told(faults)), status=202
        )


class EventsBatch(_Ingestion):
    @documented(
        summary="Send events",
        request=EventsBody,
        example_request=examples.EVENTS,
        answer=EventsAccepted,
        example_answer=examples.EVENTS_ACCEPTED,
        parameters=[PARTIAL],
        status=202,
        idempotent=True,
    )
    def post(self, request: Request) -> Response:
        """Store what users did. A click changes that user's next answer.

        Events may name items and users that were never sent. An event with a
        `source_event_id` is stored once, however often it is sent.
        """
        batch = read_batch(
            request,
            EventsBody,
            EventIn,
            field="events",
            limit=settings.MAX_EVENTS_A_BATCH,
        )
        self.warnings = batch.warnings
        faults = event_faults(batch.rows, at=self.at)
        if not batch.is_partial:
            batch.good_rows(faults)
        namespace = self.writable_namespace(batch.body.namespace)
        faults += unknown_type_faults(namespace, batch.rows)
        events, faults = batch.good_rows(faults)
        stored = store_events(namespace, events, at=self.at)
        return self.answer(
            EventsAccepted(
                status="accepted",
                accepted=stored.accepted,
                duplicates=stored.duplicates,
                **told(faults),
            ),
            status=202,
        )
