"""Bodies of the ingestion calls, and what they answer."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from catalog.core.event_types import EventTypeOut
from catalog.core.faults import Fault
from catalog.core.wire import (
    DEFAULT_NAMESPACE,
    EventIn,
    EventTypeIn,
    ItemIn,
    Moment,
    UserIn,
)

_Namespace = Annotated[str, Meta(description="Made by its first write.")]


class ItemsBody(msgspec.Struct, kw_only=True):
    items: list[ItemIn]
    namespace: _Namespace = DEFAULT_NAMESPACE


class UsersBody(msgspec.Struct, kw_only=True):
    users: list[UserIn]
    namespace: _Namespace = DEFAULT_NAMESPACE


class EventsBody(msgspec.Struct, kw_only=True):
    events: list[EventIn]
    namespace: _Namespace = DEFAULT_NAMESPACE


class EventTypesBody(msgspec.Struct, kw_only=True):
    types: list[EventTypeIn]
    namespace: str | None = None


class DeleteBody(msgspec.Struct, kw_only=True):
    namespace: str | None = None
    item_id: str | None = None
    user_id: str | None = None
    event_type: int | str | None = None
    created_after: Annotated[Moment | None, Meta(description="Later than this.")] = None
    created_before: Annotated[Moment | None, Meta(description="Earlier than this.")] = (
        None
    )
    confirm: Annotated[
        bool, Meta(description="Needed to delete without any filter.")
    ] = False


class BatchAccepted(msgspec.Struct, kw_only=True, omit_defaults=True):
    status: str
    accepted: int
    faults: Annotated[
        list[Fault], Meta(description="With partial=true: what was not stored.")
    ] = []
    fault_count: int = 0
    warnings: list[str] = []


class EventsAccepted(BatchAccepted, kw_only=True):
    duplicates: Annotated[
        int, Meta(description="Events whose source_event_id was known already.")
    ]


class RowsDeleted(msgspec.Struct, kw_only=True, omit_defaults=True):
    deleted_count: int
    message: str
    warnings: list[str] = []


class ItemOut(msgspec.Struct, kw_only=True):
    item_id: str
    available: bool
    price: float | None
    tags: list[str]
    props: dict[str, Any]
    brand: str | None
    category: str | None
    category_path: list[str]
    title: str | None
    description: str | None
    image_url: str | None
    stock: int | None
    metadata_version: str | None
    created_at: str
    updated_at: str
    embedding: list[float] | msgspec.UnsetType | None = msgspec.UNSET


class UserOut(msgspec.Struct, kw_only=True):
    user_id: str
    traits: dict[str, Any]
    created_at: str
    updated_at: str


class EventOut(msgspec.Struct, kw_only=True):
    user_id: str
    item_id: str
    type: int
    type_name: str
    value: float
    ts: str
    meta: dict[str, Any]
    source_event_id: str | None
    received_at: str


class ListBody(msgspec.Struct, kw_only=True):
    """What every list says beside its rows."""

    total: int
    total_is_estimate: bool
    limit: int
    offset: int
    has_more: bool
    next_offset: int | None
    next_cursor: str | None


class ItemList(ListBody, kw_only=True):
    items: list[ItemOut]


class UserList(ListBody, kw_only=True):
    items: list[UserOut]


class EventList(ListBody, kw_only=True):
    items: list[EventOut]


class EventTypeList(ListBody, kw_only=True):
    items: list[EventTypeOut]
