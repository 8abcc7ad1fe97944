"""The analysis scripts of the RecSys service: the calls they make, as they make them.

They send `X-Org-ID` and nothing else, a content type with a GET but no body, batches of
50, 100 and 500, and `POST ...:delete` with the namespace alone.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

ORG = "00000000-0000-0000-0000-000000000001"
HEADERS = {"X-Org-ID": ORG, "Content-Type": "application/json"}
SEED = 20251103
ITEMS, USERS, EVENTS = 320, 120, 5_200
FIRST_DAY = datetime(2025, 9, 1, tzinfo=UTC)
CATEGORIES = ("Electronics", "Books", "Home", "Fitness")

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("api")]


def post(path: str, body: dict[str, Any]) -> Any:
    return Client().post(
        path, json.dumps(body), content_type="application/json", headers=HEADERS
    )


def get(path: str) -> Any:
    return Client().generic("GET", path, headers=HEADERS)


def chunks(rows: list[Any], size: int) -> Iterator[list[Any]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def made_items(rng: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(1, ITEMS + 1):
        category = rng.choice(CATEGORIES)
        available = rng.random() < 0.95
        yield {
            "item_id": f"item_{number:04}",
            "available": available,
            "price": round(rng.uniform(12, 240), 2),
            "tags": [category.lower(), "Nimbus"] + ([] if available else ["backorder"]),
            "props": {
                "title": f"Item {number}",
                "margin": round(rng.uniform(0.1, 0.6), 3),
                "novelty": rng.random(),
                "popularity_hint": 1 / number**0.85,
            },
            "brand": "Nimbus",
            "category": category,
            "category_path": [category],
            "description": f"Pick by Nimbus in {category}",
            "image_url": "https://example.com/image.jpg",
            "embedding": [rng.uniform(-1, 1) for _ in range(384)],
        }


def made_users() -> Iterator[dict[str, Any]]:
    for number in range(1, USERS + 1):
        yield {
            "user_id": f"user_{number:04}",
            "traits": {"segment": "power_users", "join_date": "2025-08-01"},
        }


def made_events(rng: random.Random) -> Iterator[dict[str, Any]]:
    for _ in range(EVENTS):
        moment = FIRST_DAY + timedelta(seconds=rng.randrange(60 * 86_400))
        yield {
            "user_id": f"user_{rng.randint(1, USERS):04}",
            "item_id": f"item_{rng.randint(1, ITEMS):04}",
            "type": rng.choices([0, 1, 2, 3], [0.55, 0.25, 0.12, 0.08])[0],
            "value": 1,
            "ts": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "meta": {"surface": "home"},
        }


def reset(namespace: str) -> list[Any]:
    return [
        post(f"/v1/{kind}:delete", {"namespace": namespace})
        for kind in ("events", "users", "items")
    ]


def seed(namespace: str) -> None:
    rng = random.Random(SEED)
    batches = (
        ("/v1/items:upsert", "items", list(made_items(rng)), 50),
        ("/v1/users:upsert", "users", list(made_users()), 100),
        ("/v1/events:batch", "events", list(made_events(rng)), 500),
    )
    for path, field, rows, size in batches:
        for chunk in chunks(rows, size):
            answer = post(path, {"namespace": namespace, field: chunk})
            assert answer.status_code == 202, answer.content
            assert answer.json()["status"] == "accepted"


def walked(path: str, namespace: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    offset = 0
    while True:
        answer = get(f"{path}?namespace={namespace}&limit=500&offset={offset}")
        assert answer.status_code == 200
        page = answer.json()
        rows += page["items"]
        if not page["has_more"]:
            assert page["total"] == len(rows)
            return rows
        offset = page["next_offset"]


def test_they_reset_seed_list_and_reset_again() -> None:
    assert [answer.status_code for answer in reset("default")] == [200, 200, 200]

    seed("default")
    items = walked("/v1/items", "default")
    users = walked("/v1/users", "default")
    events = walked("/v1/events", "default")

    assert (len(items), len(users), len(events)) == (ITEMS, USERS, EVENTS)
    assert items[0]["props"]["margin"] == pytest.approx(0.35, abs=0.25)
    assert {"message", "deleted_count"} <= reset("default")[0].json().keys()
    assert walked("/v1/events", "default") == []

    seed("default")
    assert len(walked("/v1/events", "default")) == EVENTS


def test_they_read_event_types_and_health_without_more() -> None:
    types = get("/v1/event-types?namespace=default").json()["items"]

    assert {each["name"]: each["weight"] for each in types}["add"] == 0.7
    health = Client().get("/health")
    assert health.status_code == 200
    assert health.content.startswith(b'{"status":"ok"')
