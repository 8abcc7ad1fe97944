"""Sending items, users and events, as shops and analysis scripts do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog.core import feed
from catalog.models import Change, Event, Item
from catalog.tenancy import org_scope

from .conftest import ORG, Api

pytestmark = pytest.mark.django_db


def test_items_come_back_with_the_names_and_values_they_were_sent_with(
    api: Api,
) -> None:
    item = {
        "item_id": "tee\\1 \N{SNOWMAN}",
        "available": False,
        "price": 19.9,
        "tags": ["brand:Northwind", "Summer"],
        "props": {"margin": 0.42, "nested": {"quote": 'a "b" \\ c'}},
        "brand": "Northwind",
        "category": "Tees",
        "category_path": ["Clothing", "Tops", "Tees"],
        "title": "Blue\ttee",
        "description": "Two\nlines",
        "image_url": "https://shop.example/a.jpg",
        "stock": 3,
        "metadata_version": "v1",
    }

    answer = api.post("/v1/items:upsert", {"namespace": "shop", "items": [item]})

    assert answer.status_code == 202
    assert answer.json() == {"status": "accepted", "accepted": 1}
    (listed,) = api.listed("/v1/items", namespace="shop")
    assert {name: listed[name] for name in item} == item


def test_absent_and_null_fields_keep_their_old_value(api: Api) -> None:
    first = {
        "item_id": "a",
        "price": 5,
        "available": False,
        "tags": ["x"],
        "brand": "B",
    }
    api.post("/v1/items:upsert", {"namespace": "shop", "items": [first]})

    api.post(
        "/v1/items:upsert",
        {"namespace": "shop", "items": [{"item_id": "a", "title": "T", "price": None}]},
    )

    (listed,) = api.listed("/v1/items", namespace="shop")
    assert (listed["price"], listed["available"], listed["tags"]) == (5.0, False, ["x"])
    assert (listed["brand"], listed["title"]) == ("B", "T")


def test_an_item_is_available_unless_it_says_otherwise(api: Api) -> None:
    api.post("/v1/items:upsert", {"namespace": "shop", "items": [{"item_id": "a"}]})

    assert api.listed("/v1/items", namespace="shop")[0]["available"] is True


def test_an_empty_text_clears_a_field(api: Api) -> None:
    for brand in ("Northwind", ""):
        item = {"item_id": "a", "brand": brand}
        api.post("/v1/items:upsert", {"namespace": "shop", "items": [item]})

    assert api.listed("/v1/items", namespace="shop")[0]["brand"] is None


def test_embeddings_are_returned_only_on_request(api: Api) -> None:
    items = [{"item_id": "a", "embedding": [0.5, -2.0]}, {"item_id": "b"}]
    api.post("/v1/items:upsert", {"namespace": "shop", "items": items})

    plain = api.listed("/v1/items", namespace="shop")
    whole = api.listed("/v1/items", namespace="shop", include="embedding")

    assert "embedding" not in plain[0]
    assert [item["embedding"] for item in whole] == [[0.5, -2.0], None]


def test_the_first_vector_fixes_the_length_and_a_reset_keeps_it(api: Api) -> None:
    first = {"item_id": "a", "embedding": [1.0] * 384}
    api.post("/v1/items:upsert", {"namespace": "shop", "items": [first]})
    api.post("/v1/items:delete", {"namespace": "shop"})

    answer = api.post(
        "/v1/items:upsert",
        {
            "namespace": "shop",
            "items": [
                {"item_id": "b", "embedding": [1.0] * 384},
                {"item_id": "c", "embedding": [1.0] * 3},
            ],
        },
    )

    assert answer.status_code == 400
    assert answer.json()["code"] == "embedding_dim_mismatch"
    assert answer.json()["details"]["index"] == 1
    assert api.listed("/v1/items", namespace="shop") == []


def test_users_keep_their_traits_unless_new_ones_come(api: Api) -> None:
    api.post(
        "/v1/users:upsert",
        {"namespace": "shop", "users": [{"user_id": "ana", "traits": {"vip": True}}]},
    )
    api.post("/v1/users:upsert", {"namespace": "shop", "users": [{"user_id": "ana"}]})

    (ana,) = api.listed("/v1/users", namespace="shop")
    assert ana["traits"] == {"vip": True}


def test_events_default_to_value_1_and_now(api: Api) -> None:
    before = datetime.now(UTC)
    answer = api.post(
        "/v1/events:batch",
        {"namespace": "shop", "events": [{"user_id": "u", "item_id": "i", "type": 3}]},
    )

    assert answer.json() == {"status": "accepted", "accepted": 1, "duplicates": 0}
    (event,) = api.listed("/v1/events", namespace="shop")
    assert (event["value"], event["meta"], event["type_name"]) == (1.0, {}, "purchase")
    assert before <= datetime.fromisoformat(event["ts"]) <= datetime.now(UTC)


def test_timestamp_is_another_name_for_ts(api: Api) -> None:
    event = {
        "user_id": "u",
        "item_id": "i",
        "type": "VIEW",
        "timestamp": "2025-09-01T10:00:00+02:00",
    }
    api.post("/v1/events:batch", {"namespace": "shop", "events": [event]})

    (listed,) = api.listed("/v1/events", namespace="shop")
    assert listed["ts"] == "2025-09-01T08:00:00+00:00"
    assert listed["type"] == 0


def test_a_repeated_source_event_id_is_counted_and_ignored(api: Api) -> None:
    def batch(*keys: str) -> Any:
        events = [
            {"user_id": "u", "item_id": "i", "type": 1, "source_event_id": key}
            for key in keys
        ]
        return api.post(
            "/v1/events:batch", {"namespace": "shop", "events": events}
        ).json()

    assert batch("a", "b", "a")["duplicates"] == 1
    again = batch("b", "c")

    assert (again["accepted"], again["duplicates"]) == (1, 1)
    assert len(api.listed("/v1/events", namespace="shop")) == 3


def test_events_may_name_items_and_users_nobody_sent(api: Api) -> None:
    event = {"user_id": "u", "item_id": "i", "type": 0}
    api.post("/v1/events:batch", {"namespace": "shop", "events": [event]})

    assert api.listed("/v1/items", namespace="shop") == []
    assert api.listed("/v1/users", namespace="shop") == []

    api.post("/v1/items:upsert", {"namespace": "shop", "items": [{"item_id": "i"}]})
    (item,) = api.listed("/v1/items", namespace="shop")
    assert item["available"] is True
    with org_scope(ORG):
        assert Event.objects.get().item_id == Item.objects.get().pk


def test_unknown_fields_are_ignored_and_named(api: Api) -> None:
    answer = api.post(
        "/v1/items:upsert",
        {"namespace": "shop", "items": [{"item_id": "a", "colour": "red"}], "x": 1},
    )

    assert answer.status_code == 202
    assert answer.json()["warnings"] == [
        "items.colour is not a field of this call and was ignored.",
        "x is not a field of this call and was ignored.",
    ]


def test_a_missing_namespace_is_default_and_said_so(api: Api) -> None:
    answer = api.post("/v1/users:upsert", {"users": [{"user_id": "ana"}]})

    assert answer.json()["warnings"] == ["namespace is missing: default was used."]
    assert len(api.listed("/v1/users", namespace="default")) == 1


def test_partial_stores_the_good_rows_and_tells_the_faults(api: Api) -> None:
    items = [{"item_id": "a"}, {"item_id": "b", "price": "5"}, {"item_id": "a"}]
    answer = api.post(
        "/v1/items:upsert?partial=true", {"namespace": "shop", "items": items}
    )

    assert answer.status_code == 202
    told = answer.json()
    assert (told["accepted"], told["fault_count"]) == (1, 2)
    assert [(fault["index"], fault["field"]) for fault in told["faults"]] == [
        (1, "price"),
        (2, "item_id"),
    ]


def test_every_write_is_a_numbered_change_with_the_items_as_they_stand(
    api: Api,
) -> None:
    item = {"item_id": "a", "category": "Tees", "props": {"margin": 0.4}}
    api.post("/v1/items:upsert", {"namespace": "shop", "items": [item]})
    api.post("/v1/users:upsert", {"namespace": "shop", "users": [{"user_id": "u"}]})
    event = {"user_id": "u", "item_id": "a", "type": 0}
    api.post("/v1/events:batch", {"namespace": "shop", "events": [event]})

    with org_scope(ORG):
        changes = list(Change.objects.order_by("number"))
    assert [(change.number, change.kind) for change in changes] == [
        (1, "items"),
        (2, "users"),
        (3, "events"),
    ]
    assert changes[0].rows is not None
    (state,) = feed.decode(bytes(changes[0].rows))
    assert (state.item_id, state.category_path, state.margin) == ("a", ("Tees",), 0.4)


def test_the_namespace_knows_its_newest_event(api: Api) -> None:
    newest = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    for ts in (newest, newest - timedelta(days=9)):
        event = {"user_id": "u", "item_id": "i", "type": 0, "ts": ts}
        api.post("/v1/events:batch", {"namespace": "shop", "events": [event]})

    with org_scope(ORG):
        assert Change.objects.latest("number").namespace.newest_event_at == newest
