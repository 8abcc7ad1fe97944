"""Examples of the catalog's calls and answers, for the documentation and its tests."""

from __future__ import annotations

from typing import Any

ITEM: dict[str, Any] = {
    "item_id": "tee-blue-m",
    "available": True,
    "price": 19.9,
    "tags": ["brand:northwind", "category:tees", "summer"],
    "props": {"margin": 0.42, "novelty": 0.3},
    "brand": "Northwind",
    "category": "Tees",
    "category_path": ["Clothing", "Tops", "Tees"],
    "title": "Blue tee",
    "description": "Organic cotton, straight cut.",
    "image_url": "https://shop.example/tee-blue.jpg",
    "stock": 25,
}
ITEMS = {
    "namespace": "shop",
    "items": [ITEM, {"item_id": "tee-red-m", "price": 17.5, "embedding": [0.1, 0.7]}],
}
_USER: dict[str, Any] = {
    "user_id": "ana",
    "traits": {"segment": "power_users"},
}
USERS = {
    "namespace": "shop",
    "users": [_USER],
}
EVENTS = {
    "namespace": "shop",
    "events": [
        {
            "user_id": "ana",
            "item_id": "tee-blue-m",
            "type": 3,
            "value": 2,
            "ts": "2026-03-01T12:00:00Z",
            "meta": {"surface": "pdp"},
            "source_event_id": "order-1001-1",
        },
        {"user_id": "ben", "item_id": "tee-red-m", "type": "view"},
    ],
}
EVENT_TYPES = {
    "namespace": "shop",
    "types": [{"type": 5, "name": "wishlist", "weight": 0.5, "half_life_days": 30}],
}
DELETE_USER = {"namespace": "shop", "user_id": "ana"}
DELETE_ITEM = {"namespace": "shop", "item_id": "tee-red-m"}
DELETE_EVENTS = {
    "namespace": "shop",
    "event_type": "view",
    "created_before": "2025-01-01T00:00:00Z",
}
ACCEPTED = {"status": "accepted", "accepted": 1}
EVENTS_ACCEPTED = {"status": "accepted", "accepted": 2, "duplicates": 0}
DELETED = {"deleted_count": 1, "message": "1 deleted."}
_TIMES = {
    "created_at": "2026-03-01T12:00:00+00:00",
    "updated_at": "2026-03-01T12:00:00+00:00",
}
PAGE_OF_ONE = {
    "total": 1,
    "total_is_estimate": False,
    "limit": 100,
    "offset": 0,
    "has_more": False,
    "next_offset": None,
    "next_cursor": None,
}
ITEM_LIST = {"items": [{**ITEM, "metadata_version": None, **_TIMES}], **PAGE_OF_ONE}
USER_LIST = {"items": [{**_USER, **_TIMES}], **PAGE_OF_ONE}
EVENT_LIST = {
    "items": [
        {
            "user_id": "ana",
            "item_id": "tee-blue-m",
            "type": 3,
            "type_name": "purchase",
            "value": 2.0,
            "ts": "2026-03-01T12:00:00+00:00",
            "meta": {"surface": "pdp"},
            "source_event_id": "order-1001-1",
            "received_at": "2026-03-01T12:00:01+00:00",
        }
    ],
    **PAGE_OF_ONE,
}
EVENT_TYPE_LIST = {
    "items": [
        {
            "type": 0,
            "name": "view",
            "weight": 0.1,
            "half_life_days": None,
            "is_active": True,
            "source": "default",
        }
    ],
    **PAGE_OF_ONE,
}
