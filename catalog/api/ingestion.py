"""Sending items, users and events: one frame, and what differs between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import msgspec
from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.core.faults import Fault
from catalog.core.validity import Rows, event_faults, item_faults, user_faults
from catalog.core.wire import EventIn, ItemIn, UserIn
from catalog.models import Namespace, Scope
from catalog.operations.event_types import unknown_type_faults
from catalog.operations.events import store_events
from catalog.operations.items import upsert_items, wrong_length_faults
from catalog.operations.namespaces import fixed_dimension
from catalog.operations.users import upsert_users

from . import examples
from .batches import read_batch, told
from .bodies import BatchAccepted, EventsAccepted, EventsBody, ItemsBody, UsersBody
from .openapi import documented, query
from .parameters import refuse_missing_namespace
from .view import TenantView

PARTIAL = query(
    "partial", "true: store the good rows, answer the faults of the others.", kind=bool
)


class Ingestion[R: msgspec.Struct](TenantView):
    """A POST of rows to a namespace: all or nothing, or `?partial=true`."""

    scopes = {"POST": Scope.INGEST}
    body: ClassVar[type[msgspec.Struct]]
    row: type[R]
    field: ClassVar[str]
    """Where the rows stand in the body."""
    limit: ClassVar[str]
    """The setting that says how many rows a batch may have."""

    def faults(self, rows: Rows[R]) -> list[Fault]:
        """Return what is wrong with rows of whatever namespace."""
        raise NotImplementedError

    def faults_in(self, namespace: Namespace, rows: Rows[R]) -> list[Fault]:
        """Return what is wrong with them in this one."""
        return []

    def store(self, namespace: Namespace, rows: Sequence[R]) -> dict[str, Any]:
        """Store the rows and return what the answer says of that."""
        raise NotImplementedError

    def take(self, request: Request, *, answer: type[BatchAccepted]) -> Response:
        batch = read_batch(
            request,
            self.body,
            self.row,
            field=self.field,
            limit=getattr(settings, self.limit),
        )
        name: str | None = getattr(batch.body, "namespace", None)
        if name is None:
            refuse_missing_namespace()
        self.warnings = batch.warnings
        faults = self.faults(batch.rows)
        if not batch.is_partial:
            batch.good_rows(faults)  # Before a namespace is made for what is refused.
        namespace = self.writable_namespace(name)
        faults += self.faults_in(namespace, batch.rows)
        rows, faults = batch.good_rows(faults)
        stored = self.store(namespace, rows)
        return self.answer(
            answer(status="accepted", **stored, **told(faults)), status=202
        )


class ItemsUpsert(Ingestion[ItemIn]):
    body, row, field, limit = ItemsBody, ItemIn, "items", "MAX_ITEMS_A_BATCH"

    def faults(self, rows: Rows[ItemIn]) -> list[Fault]:
        return item_faults(rows)

    def faults_in(self, namespace: Namespace, rows: Rows[ItemIn]) -> list[Fault]:
        return wrong_length_faults(rows, dimension=fixed_dimension(namespace))

    def store(self, namespace: Namespace, rows: Sequence[ItemIn]) -> dict[str, Any]:
        return {"accepted": upsert_items(namespace, rows, at=self.at)}

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
        return self.take(request, answer=BatchAccepted)


class UsersUpsert(Ingestion[UserIn]):
    body, row, field, limit = UsersBody, UserIn, "users", "MAX_USERS_A_BATCH"

    def faults(self, rows: Rows[UserIn]) -> list[Fault]:
        return user_faults(rows)

    def store(self, namespace: Namespace, rows: Sequence[UserIn]) -> dict[str, Any]:
        return {"accepted": upsert_users(namespace, rows, at=self.at)}

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
        return self.take(request, answer=BatchAccepted)


class EventsBatch(Ingestion[EventIn]):
    body, row, field, limit = EventsBody, EventIn, "events", "MAX_EVENTS_A_BATCH"

    def faults(self, rows: Rows[EventIn]) -> list[Fault]:
        return event_faults(rows, at=self.at)

    def faults_in(self, namespace: Namespace, rows: Rows[EventIn]) -> list[Fault]:
        return unknown_type_faults(namespace, rows)

    def store(self, namespace: Namespace, rows: Sequence[EventIn]) -> dict[str, Any]:
        stored = store_events(namespace, rows, at=self.at)
        return {"accepted": stored.accepted, "duplicates": stored.duplicates}

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
        return self.take(request, answer=EventsAccepted)
