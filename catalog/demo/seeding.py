"""Storing a shop through the operations that the API itself uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from catalog.models import Namespace
from catalog.operations.backdating import backdate_items
from catalog.operations.events import store_event_rows, store_events
from catalog.operations.items import upsert_items
from catalog.operations.users import upsert_users
from catalog.tenancy import org_scope

from .segments import SEGMENTS
from .shop import Shop

# As many as the change feed holds with their states, and more where there are more.
_FEW, _MANY = 5_000, 20_000

type Report = Callable[[float, str], None]


def seed(namespace: Namespace, shop: Shop, *, at: datetime, report: Report) -> int:
    """Store a shop and return the number of its events."""
    for done, rows in _parts(len(shop.item_ids)):
        items = shop.items_in(rows)
        with org_scope(namespace.org_id):
            upsert_items(namespace, items, at=at)
            if shop.fixture.items is None:
                created = shop.items.created_us[rows.start : rows.stop].tolist()
                names = shop.item_ids[rows.start : rows.stop]
                backdate_items(namespace, dict(zip(names, created, strict=True)), at=at)
        report(0.2 * done, "items")
    for done, rows in _parts(len(shop.user_ids)):
        with org_scope(namespace.org_id):
            upsert_users(namespace, shop.users_in(rows), at=at)
        report(0.2 + 0.1 * done, "users")
    return _seed_events(namespace, shop, at=at, report=report)


def _seed_events(
    namespace: Namespace, shop: Shop, *, at: datetime, report: Report
) -> int:
    if shop.fixture.events is not None:
        with org_scope(namespace.org_id):
            return store_events(namespace, shop.fixture.events, at=at).accepted
    stored = 0
    for columns in shop.events():
        with org_scope(namespace.org_id):
            stored += store_event_rows(namespace, columns, at=at).accepted
        report(0.3 + 0.7 * stored / shop.span.count, "events")
    return stored


def _parts(count: int) -> Iterator[tuple[float, range]]:
    """Yield ranges of rows, with the share done after each."""
    size = _FEW if count <= _FEW else _MANY
    for start in range(0, count, size):
        stop = min(start + size, count)
        yield stop / count, range(start, stop)


def manifest_of(
    namespace: Namespace, shop: Shop, *, seed: int, events: int, at: datetime
) -> dict[str, Any]:
    """Return what was stored, so that it can be stored again."""
    return {
        "namespace": namespace.name,
        "org_id": str(namespace.org_id),
        "seed": seed,
        "at": at.isoformat(),
        "items": len(shop.item_ids),
        "users": len(shop.user_ids),
        "events": events,
        "days": shop.span.days,
        "segments": dict(Counter(shop.segments)),
    }


def segments_of(shop: Shop) -> dict[str, Any]:
    """Return the users of each segment."""
    known = {segment.name: segment for segment in SEGMENTS}
    members: dict[str, Any] = {}
    for user_id, name in zip(shop.user_ids, shop.segments, strict=True):
        entry = members.setdefault(
            name,
            {
                "description": known[name].description if name in known else "",
                "category_mix": known[name].mix if name in known else {},
                "user_ids": [],
            },
        )
        entry["user_ids"].append(user_id)
    return members
