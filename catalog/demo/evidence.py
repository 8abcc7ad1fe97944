"""What a seeding tells of itself: what was made, and who is in which segment."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from catalog.models import Namespace

from .segments import SEGMENTS
from .shop import Shop


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
