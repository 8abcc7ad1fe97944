"""Manual overrides on the wire."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from catalog.api.examples import PAGE_OF_ONE
from catalog.core.wire import DEFAULT_NAMESPACE
from rules.operations.overrides import DEFAULT_BOOST


class OverrideBody(Struct, kw_only=True):
    """One item to be pushed up or kept out."""

    namespace: Annotated[
        str | None, Meta(description=f"{DEFAULT_NAMESPACE} when absent.")
    ] = None
    surface: Annotated[
        str | None, Meta(description="default when absent; * for every surface.")
    ] = None
    item_id: str | None = None
    action: Annotated[str | None, Meta(description="boost or suppress.")] = None
    boost_value: Annotated[
        float | None, Meta(description=f"Of a boost; {DEFAULT_BOOST} when absent.")
    ] = None
    notes: str | None = None
    created_by: str | None = None
    expires_at: Annotated[
        str | None, Meta(description="RFC 3339 with a zone; absent: until cancelled.")
    ] = None
    priority: Annotated[int | None, Meta(description="1000 when absent.")] = None


class CancelBody(Struct, kw_only=True):
    """Who cancels, for the record."""

    cancelled_by: str | None = None


class OverrideOut(Struct, kw_only=True):
    override_id: str
    rule_id: str
    namespace: str
    surface: str
    item_id: str
    action: str
    boost_value: float | None
    notes: str
    created_by: str
    created_at: str
    expires_at: str | None
    status: str
    cancelled_at: str | None
    cancelled_by: str | None
    ended_at: str | None
    change_set: Annotated[
        str | UnsetType, Meta(description="With 202: what waits for approval.")
    ] = UNSET
    warnings: list[str] | UnsetType = UNSET


class OverrideList(Struct, kw_only=True):
    items: list[OverrideOut]
    total: int
    total_is_estimate: bool
    limit: int
    offset: int
    has_more: bool
    next_offset: int | None
    next_cursor: str | None


EXAMPLE_BODY = {
    "namespace": "demo",
    "surface": "home",
    "item_id": "lamp-oak",
    "action": "boost",
    "boost_value": 2.5,
    "created_by": "ana",
    "notes": "In today's newsletter.",
    "expires_at": "2026-11-22T00:00:00Z",
}
EXAMPLE_OVERRIDE = {
    "override_id": "0198c0de-0000-7000-8000-000000000001",
    "rule_id": "0198c0de-0000-7000-8000-000000000000",
    "namespace": "demo",
    "surface": "home",
    "item_id": "lamp-oak",
    "action": "boost",
    "boost_value": 2.5,
    "notes": "In today's newsletter.",
    "created_by": "ana",
    "created_at": "2026-11-21T12:00:00+00:00",
    "expires_at": "2026-11-22T00:00:00+00:00",
    "status": "active",
    "cancelled_at": None,
    "cancelled_by": None,
    "ended_at": None,
}
EXAMPLE_CANCELLED = EXAMPLE_OVERRIDE | {
    "status": "cancelled",
    "cancelled_at": "2026-11-21T15:00:00+00:00",
    "cancelled_by": "ana",
    "ended_at": "2026-11-21T15:00:00+00:00",
}
EXAMPLE_LIST = {
    "items": [EXAMPLE_OVERRIDE],
    **PAGE_OF_ONE,
}
