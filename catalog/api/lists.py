"""Reading items, users and events back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.core.faults import refuse
from catalog.core.filters import Filter
from catalog.core.pages import Page
from catalog.models import Namespace
from catalog.operations.event_types import event_types
from catalog.queries.lists import (
    Listed,
    list_events,
    list_items,
    list_users,
    vectors_of,
)

from . import examples
from .bodies import EventList, EventOut, ItemList, ItemOut, UserList, UserOut
from .event_type_names import number_of_type
from .listing import NAMESPACE, PAGE, Listing
from .openapi import documented, query
from .parameters import moment, text

CREATED = [
    query("created_after", "Later than this; for events by ts.", kind=datetime),
    query("created_before", "Earlier than this; for events by ts.", kind=datetime),
]


class Items(Listing[Filter]):
    kind = "items"

    def chosen(self, request: Request, namespace: Namespace | None) -> Filter:
        _wants_vectors(request)
        return _filter(request, item_id=text(request, "item_id"))

    def read(self, namespace: Namespace, chosen: Filter, page: Page) -> Listed:
        return list_items(namespace, chosen, page)

    def shown(
        self, request: Request, namespace: Namespace, listed: Listed
    ) -> list[ItemOut]:
        items = [_item(row) for row in listed.rows]
        if _wants_vectors(request):
            _add_vectors(namespace, listed, items)
        return items

    @documented(
        summary="List items",
        answer=ItemList,
        example_answer=examples.ITEM_LIST,
        parameters=[
            NAMESPACE,
            query("item_id", "This item alone."),
            query("include", "Also their vectors.", choices=["embedding"]),
            *CREATED,
            *PAGE,
        ],
    )
    def get(self, request: Request) -> Response:
        """List items in the order in which they were first sent."""
        return self.page(request, answer=ItemList)


class Users(Listing[Filter]):
    kind = "users"

    def chosen(self, request: Request, namespace: Namespace | None) -> Filter:
        return _filter(request, user_id=text(request, "user_id"))

    def read(self, namespace: Namespace, chosen: Filter, page: Page) -> Listed:
        return list_users(namespace, chosen, page)

    def shown(
        self, request: Request, namespace: Namespace, listed: Listed
    ) -> list[UserOut]:
        return [_user(row) for row in listed.rows]

    @documented(
        summary="List users",
        answer=UserList,
        example_answer=examples.USER_LIST,
        parameters=[NAMESPACE, query("user_id", "This user alone."), *CREATED, *PAGE],
    )
    def get(self, request: Request) -> Response:
        """List users in the order in which they were first sent."""
        return self.page(request, answer=UserList)


class Events(Listing[Filter]):
    kind = "events"

    def chosen(self, request: Request, namespace: Namespace | None) -> Filter:
        named = text(request, "event_type")
        return _filter(
            request,
            user_id=text(request, "user_id"),
            item_id=text(request, "item_id"),
            event_type=named and number_of_type(named, event_types(namespace)),
        )

    def read(self, namespace: Namespace, chosen: Filter, page: Page) -> Listed:
        return list_events(namespace, chosen, page)

    def shown(
        self, request: Request, namespace: Namespace, listed: Listed
    ) -> list[EventOut]:
        names = {each.type: each.name for each in event_types(namespace)}
        return [_event(row, names) for row in listed.rows]

    @documented(
        summary="List events",
        answer=EventList,
        example_answer=examples.EVENT_LIST,
        parameters=[
            NAMESPACE,
            query("user_id", "Of this user."),
            query("item_id", "With this item."),
            query("event_type", "A type's number or name."),
            *CREATED,
            *PAGE,
        ],
    )
    def get(self, request: Request) -> Response:
        """List events by their time, those of one moment as they arrived."""
        return self.page(request, answer=EventList)


def _filter(request: Request, **conditions: Any) -> Filter:
    return Filter(
        created_after=moment(request, "created_after"),
        created_before=moment(request, "created_before"),
        **conditions,
    )


def _wants_vectors(request: Request) -> bool:
    include = request.query_params.get("include", "")
    if include not in ("", "embedding"):
        raise refuse("invalid_include", "include may be embedding.", field="include")
    return bool(include)


def _add_vectors(namespace: Namespace, listed: Listed, items: list[ItemOut]) -> None:
    vectors = vectors_of(namespace, [row[1] for row in listed.rows])
    for row, item in zip(listed.rows, items, strict=True):
        item.embedding = vectors.get(row[1])


def _item(row: Sequence[Any]) -> ItemOut:
    return ItemOut(
        item_id=row[2],
        available=row[3],
        price=None if row[4] is None else float(row[4]),
        tags=row[5],
        props=_object(row[6]),
        brand=row[7],
        category=row[8],
        category_path=row[9],
        title=row[10],
        description=row[11],
        image_url=row[12],
        stock=row[13],
        metadata_version=row[14],
        created_at=row[0].isoformat(),
        updated_at=row[15].isoformat(),
    )


def _user(row: Sequence[Any]) -> UserOut:
    return UserOut(
        user_id=row[2],
        traits=_object(row[3]),
        created_at=row[0].isoformat(),
        updated_at=row[4].isoformat(),
    )


def _event(row: Sequence[Any], names: Mapping[int, str]) -> EventOut:
    return EventOut(
        user_id=row[2],
        item_id=row[3],
        type=row[4],
        type_name=names.get(row[4], str(row[4])),
        value=row[5],
        ts=row[0].isoformat(),
        meta=_object(row[6]),
        source_event_id=row[7],
        received_at=row[8].isoformat(),
    )


def _object(sent: Any) -> dict[str, Any]:
    # A cursor leaves jsonb as text; nothing there is an empty object.
    found = msgspec.json.decode(sent) if isinstance(sent, str) else sent
    return found if isinstance(found, dict) else {}
