"""Rules on the wire."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from catalog.api.examples import PAGE_OF_ONE
from catalog.core.wire import DEFAULT_NAMESPACE

_ITEMS = "Of target_type ITEM; need not be in the catalog yet."
_LOCAL = "A wall clock of time_zone: RFC 3339 without a zone."


class RuleWindow(Struct, kw_only=True):
    """A stretch of time in a zone, once or again and again."""

    start: Annotated[str | None, Meta(description=_LOCAL)] = None
    end: Annotated[
        str | None, Meta(description="The first moment after it, as start.")
    ] = None
    time_zone: Annotated[
        str | None, Meta(description="IANA name; UTC when absent.")
    ] = None
    recurrence: Annotated[
        str | None, Meta(description="RFC 5545, such as FREQ=WEEKLY;BYDAY=FR.")
    ] = None


class RuleRequest(Struct, kw_only=True):
    """A rule as a client sends it. PUT replaces all of it."""

    namespace: Annotated[
        str | None, Meta(description=f"{DEFAULT_NAMESPACE} when absent.")
    ] = None
    surface: Annotated[str | None, Meta(description="* for every surface.")] = None
    name: Annotated[str | None, Meta(description="Need not be unique.")] = None
    description: str | None = None
    action: Annotated[
        str | None, Meta(description="BLOCK, PIN, BOOST, BURY or FILTER.")
    ] = None
    target_type: Annotated[
        str | None, Meta(description="ITEM, TAG, BRAND, CATEGORY or CONDITION.")
    ] = None
    target_key: Annotated[
        str | None, Meta(description="A tag, brand or category such as Women > Shoes.")
    ] = None
    target_keys: Annotated[
        list[str] | None, Meta(description="Several of them, in place of target_key.")
    ] = None
    item_ids: Annotated[list[str] | None, Meta(description=_ITEMS)] = None
    include_subcategories: Annotated[
        bool | None, Meta(description="Of CATEGORY; true when absent.")
    ] = None
    condition: Annotated[
        dict[str, Any] | None,
        Meta(description='Of CONDITION, such as {"lt": ["price", 20]}.'),
    ] = None
    boost_value: Annotated[
        float | None,
        Meta(description="Of BOOST above -1 and not 0; of BURY above 0, at most 1."),
    ] = None
    max_pins: Annotated[int | None, Meta(description="Of PIN.")] = None
    position: Annotated[
        int | None, Meta(description="Of PIN, from 1; the first free place if absent.")
    ] = None
    positions: Annotated[
        list[int | None] | None, Meta(description="One for each pinned item.")
    ] = None
    even_if_unavailable: bool | None = None
    segment_id: str | None = None
    context: Annotated[
        dict[str, Any] | None,
        Meta(description='Of the request, such as {"eq": ["ctx.country", "DE"]}.'),
    ] = None
    priority: Annotated[int | None, Meta(description="0 when absent.")] = None
    enabled: Annotated[bool | None, Meta(description="True when absent.")] = None
    valid_from: Annotated[str | None, Meta(description="RFC 3339 with a zone.")] = None
    valid_until: Annotated[
        str | None, Meta(description="The first moment after it.")
    ] = None
    windows: Annotated[
        list[RuleWindow] | None,
        Meta(description="In place of valid_from and valid_until."),
    ] = None
    holdout: Annotated[
        float | None, Meta(description="Share of users without it, to compare with.")
    ] = None
    owner: Annotated[str | None, Meta(description="Who calls, when absent.")] = None
    review_by: Annotated[date | None, Meta(description="In 90 days when absent.")] = (
        None
    )
    reason: Annotated[str | None, Meta(description="Why; kept with the version.")] = (
        None
    )


class RuleAnswer(Struct, kw_only=True):
    """A rule, whole."""

    rule_id: str
    namespace: str
    surface: str
    name: str
    description: str
    action: str
    target_type: str
    target_key: str | None
    target_keys: list[str]
    item_ids: list[str]
    include_subcategories: bool
    condition: dict[str, Any] | None
    boost_value: float | None
    max_pins: int | None
    positions: list[int | None]
    even_if_unavailable: bool
    segment_id: str | None
    context: dict[str, Any] | None
    priority: int
    enabled: bool
    valid_from: str | None
    valid_until: str | None
    windows: list[RuleWindow]
    holdout: float
    owner: str
    review_by: str | None
    reason: str
    state: str
    version: Annotated[int, Meta(description="0 while none was published.")]
    override_id: str | None
    sentence: str
    created_by: str
    created_at: str
    updated_at: str
    change_set: Annotated[
        str | UnsetType, Meta(description="With 202: what waits for approval.")
    ] = UNSET
    warnings: list[str] | UnsetType = UNSET


class RuleList(Struct, kw_only=True):
    items: list[RuleAnswer]
    total: int
    total_is_estimate: bool
    limit: int
    offset: int
    has_more: bool
    next_offset: int | None
    next_cursor: str | None


class DifferenceOut(Struct, kw_only=True):
    field: str
    before: str
    after: str
    words: str


EXAMPLE_BODY = {
    "namespace": "demo",
    "surface": "home",
    "name": "Oak lamp on top",
    "action": "PIN",
    "target_type": "ITEM",
    "item_ids": ["lamp-oak"],
    "position": 1,
    "priority": 100,
    "valid_from": "2026-11-27T08:00:00Z",
    "valid_until": "2026-12-01T00:00:00Z",
    "reason": "The lamp of the winter campaign.",
}
EXAMPLE_RULE = {
    "rule_id": "0198c0de-0000-7000-8000-000000000000",
    "namespace": "demo",
    "surface": "home",
    "name": "Oak lamp on top",
    "description": "",
    "action": "PIN",
    "target_type": "ITEM",
    "target_key": None,
    "target_keys": [],
    "item_ids": ["lamp-oak"],
    "include_subcategories": True,
    "condition": None,
    "boost_value": None,
    "max_pins": None,
    "positions": [1],
    "even_if_unavailable": False,
    "segment_id": None,
    "context": None,
    "priority": 100,
    "enabled": True,
    "valid_from": "2026-11-27T08:00:00+00:00",
    "valid_until": "2026-12-01T00:00:00+00:00",
    "windows": [],
    "holdout": 0.0,
    "owner": "shop-backend",
    "review_by": "2027-02-19",
    "reason": "The lamp of the winter campaign.",
    "state": "scheduled",
    "version": 1,
    "override_id": None,
    "sentence": "On home, pin item lamp-oak at position 1, from Fri 27 Nov 2026 08:00"
    " until Tue 1 Dec 2026 00:00 (UTC).",
    "created_by": "shop-backend",
    "created_at": "2026-11-21T12:00:00+00:00",
    "updated_at": "2026-11-21T12:00:00+00:00",
}
EXAMPLE_LIST = {
    "items": [EXAMPLE_RULE],
    **PAGE_OF_ONE,
}
