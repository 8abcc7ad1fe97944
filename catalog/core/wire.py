"""What clients send: one Struct per row of a batch, in the names of the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from .event_types import Feedback

DEFAULT_NAMESPACE = "default"
MAX_DIMENSION = 4096
MAX_ATTRIBUTION_HOURS = 720.0
_INT_32 = 2**31 - 1
_INT_16 = 2**15 - 1

Moment = Annotated[
    datetime, Meta(tz=True, description="RFC 3339 with a zone, 1990 to 24 h ahead.")
]
Identity = Annotated[str, Meta(description="1 to 256 bytes, no control characters.")]
TypeNumber = Annotated[int, Meta(ge=0, le=_INT_16)]


class ItemIn(msgspec.Struct, kw_only=True):
    """An item as a client sends it. Absent and null fields keep their old value."""

    item_id: Identity
    available: Annotated[
        bool | None, Meta(description="True for a new item that does not say.")
    ] = None
    price: Annotated[float, Meta(ge=0, lt=1e12)] | None = None
    tags: list[str] | None = None
    props: Annotated[
        dict[str, Any] | None,
        Meta(description="Free; margin and novelty are used as signals."),
    ] = None
    embedding: Annotated[
        list[float] | None,
        Meta(description="The first one sent fixes the namespace's length."),
    ] = None
    brand: str | None = None
    category: str | None = None
    category_path: Annotated[
        list[str] | None, Meta(description="From the broadest to the narrowest.")
    ] = None
    title: str | None = None
    description: str | None = None
    image_url: str | None = None
    stock: Annotated[int, Meta(ge=0, le=_INT_32)] | None = None
    metadata_version: str | None = None


class UserIn(msgspec.Struct, kw_only=True):
    """A user as a client sends it. Absent traits keep their old value."""

    user_id: Identity
    traits: dict[str, Any] | None = None


class EventIn(msgspec.Struct, kw_only=True):
    """Something that a user did with an item, as a client sends it."""

    user_id: Identity
    item_id: Identity
    type: Annotated[
        TypeNumber | str, Meta(description="An event type's number or its name.")
    ]
    value: Annotated[float, Meta(ge=-1e12, le=1e12)] | None = None
    ts: Moment | None = None
    timestamp: Annotated[
        Moment | None, Meta(description="Another name for ts, which wins.")
    ] = None
    meta: dict[str, Any] | None = None
    source_event_id: Annotated[
        Identity | None, Meta(description="A repeat is counted and ignored.")
    ] = None


class EventTypeIn(msgspec.Struct, kw_only=True):
    """What a kind of event is called and how much it weighs."""

    type: TypeNumber
    name: Annotated[str, Meta(min_length=1, max_length=64)]
    weight: Annotated[float, Meta(gt=0, le=1e6)]
    half_life_days: Annotated[float, Meta(gt=0, le=36_500)] | None = None
    is_active: bool = True
    feedback: Annotated[
        Feedback | None,
        Meta(description="What an event that names an answer says of it."),
    ] = None
    attribution_hours: Annotated[
        Annotated[float, Meta(gt=0, le=MAX_ATTRIBUTION_HOURS)] | None,
        Meta(description="For so long after the answer it is put down to it."),
    ] = None
