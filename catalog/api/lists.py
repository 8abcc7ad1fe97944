"""Reading items, users and events back, page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.core.faults import refuse
from catalog.core.filters import Filter
from catalog.core.pages import DEFAULT_LIMIT, MAX_LIMIT, MAX_OFFSET, Page, read_cursor
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
from .openapi import documented, query
from .parameters import moment, required_namespace, text, whole_number
from .view import TenantView

NAMESPACE = query("namespace", "Whose rows.", required=True)
PAGE = [
    query("limit", f"1 to {MAX_LIMIT}, else {DEFAULT_LIMIT}.", kind=int),
    query("offset", f"0 to {MAX_OFFSET}; use cursor beyond.", kind=int),
    query("cursor", "next_cursor of the page before."),
]
CREATED = [
    query("created_after", "Later than this; for events by ts.", kind=datetime),
    query("created_before", "Earlier than this; for events by ts.", kind=datetime),
]


class Items(TenantView):
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
        namespace = self.namespace(required_namespace(request))
        page = read_page(request, kind="items")
        chosen = read_filter(request, item_id=text(request, "item_id"))
        wants_vectors = _wants_vectors(request)
        listed = list_items(namespace, chosen, page) if namespace else Listed()
        items = [_item(row) for row in listed.rows]
        if namespace and wants_vectors:
            _add_vectors(namespace, listed, items)
        return Response(ItemList(items=items, **frame(listed, page)))


class Users(TenantView):
    @documented(
        summary="List users",
        answer=UserList,
        example_answer=examples.USER_LIST,
        parameters=[NAMESPACE, query("user_id", "This user alone."), *CREATED, *PAGE],
    )
    def get(self, request: Request) -> Response:
        """List users in the order in which they were first sent."""
        namespace = self.namespace(required_namespace(request))
        page = read_page(request, kind="users")
        chosen = read_filter(request, user_id=text(request, "user_id"))
        listed = list_users(namespace, chosen, page) if namespace else Listed()
        users = [_user(row) for row in listed.rows]
        return Response(UserList(items=users, **frame(listed, page)))


class Events(TenantView):
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
        namespace = self.namespace(required_namespace(request))
        page = read_page(request, kind="events")
        types = event_types(namespace)
        chosen = read_filter(
            request,
            user_id=text(request, "user_id"),
            item_id=text(request, "item_id"),
            event_type=number_of_type(text(request, "event_type"), types),
        )
        listed = list_events(namespace, chosen, page) if namespace else Listed()
        names = {each.type: each.name for each in types}
        events = [_event(row, names) for row in listed.rows]
        return Response(EventList(items=events, **frame(listed, page)))


def read_page(request: Request, *, kind: str) -> Page:
    """Return which page is wanted, or raise 400 naming the parameter."""
    limit = whole_number(request, "limit", default=DEFAULT_LIMIT, low=1, high=MAX_LIMIT)
    if cursor := request.query_params.get("cursor"):
        return Page(kind=kind, limit=limit, cursor=read_cursor(cursor, kind=kind))
    offset = whole_number(request, "offset", default=0, low=0, high=2**63)
    if offset > MAX_OFFSET:
        raise refuse(
            "invalid_offset",
            f"offset may be at most {MAX_OFFSET}; send next_cursor as cursor.",
            field="offset",
        )
    return Page(kind=kind, limit=limit, offset=offset)


def read_filter(request: Request, **conditions: Any) -> Filter:
    return Filter(
        created_after=moment(request, "created_after"),
        created_before=moment(request, "created_before"),
        **conditions,
    )


def frame(listed: Listed, page: Page) -> dict[str, Any]:
    """Return what every list says beside its rows."""
    return {
        "total": listed.total,
        "total_is_estimate": listed.total_is_estimate,
        "limit": page.limit,
        "offset": page.position,
        "has_more": listed.next_cursor is not None,
        "next_offset": listed.next_offset,
        "next_cursor": listed.next_cursor,
    }


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
