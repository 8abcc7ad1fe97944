"""Removing some rows, or all of a namespace."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.core import feed
from catalog.models import Change, Event, EventKey, Item, ItemVector, Namespace, User
from catalog.tenancy import org_scope
from tests.clock import NOON

from .conftest import ORG, Api

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(api: Api) -> Api:
    items = [
        {"item_id": "seen", "title": "Seen", "embedding": [1, 2]},
        {"item_id": "unseen", "embedding": [3, 4]},
    ]
    api.post("/v1/items:upsert", {"namespace": "shop", "items": items})
    users = [{"user_id": "ana", "traits": {"a": 1}}, {"user_id": "ben"}]
    api.post("/v1/users:upsert", {"namespace": "shop", "users": users})
    events = [
        {
            "user_id": user,
            "item_id": "seen",
            "type": type_,
            "ts": f"2026-01-0{type_ + 1}T00:00:00Z",
            "source_event_id": f"{user}{type_}",
        }
        for user in ("ana", "ben")
        for type_ in (0, 1, 3)
    ]
    api.post("/v1/events:batch", {"namespace": "shop", "events": events})
    return api


def delete(api: Api, kind: str, **chosen: Any) -> int:
    answer = api.post(f"/v1/{kind}:delete", {"namespace": "shop"} | chosen)
    assert answer.status_code == 200, answer.content
    return int(answer.json()["deleted_count"])


def test_a_deleted_item_that_events_name_keeps_its_number(shop: Api) -> None:
    with org_scope(ORG):
        number = Item.objects.get(item_id="seen").pk

    assert delete(shop, "items") == 2

    assert shop.listed("/v1/items", namespace="shop") == []
    with org_scope(ORG):
        kept = Item.objects.get()
        assert (kept.pk, kept.listed, kept.title) == (number, False, None)
        assert not ItemVector.objects.exists()
        change = Change.objects.latest("number")
    assert change.rows is not None
    states = feed.decode(bytes(change.rows))
    assert {(state.item_id, state.listed) for state in states} == {
        ("seen", False),
        ("unseen", False),
    }
    assert len(change.ids) == 2


def test_a_misspelt_filter_deletes_nothing(shop: Api) -> None:
    asked = {"namespace": "shop", "itemid": "seen"}

    refused = shop.post("/v1/items:delete", asked)
    listed = shop.listed("/v1/items", namespace="shop")
    confirmed = shop.post("/v1/items:delete", asked | {"confirm": True})

    assert refused.json()["code"] == "confirmation_required"
    assert "itemid is not a field" in refused.json()["message"]
    assert confirmed.json()["deleted_count"] == len(listed) == 2


def test_an_item_that_comes_back_starts_anew_under_its_number(shop: Api) -> None:
    delete(shop, "items", item_id="seen")
    shop.post("/v1/items:upsert", {"namespace": "shop", "items": [{"item_id": "seen"}]})

    seen = shop.listed("/v1/items", namespace="shop", item_id="seen")[0]
    assert (seen["title"], seen["available"]) == (None, True)


def test_a_large_deletion_names_all_items_in_several_changes(shop: Api) -> None:
    with org_scope(ORG):
        namespace = Namespace.objects.get()
        known = {"org_id": ORG, "namespace": namespace, "created_at": NOON}
        Item.objects.bulk_create(
            Item(item_id=f"{number:05}", updated_at=NOON, **known)
            for number in range(feed.MAX_ROWS)
        )
        before = namespace.change_number

    assert delete(shop, "items") == feed.MAX_ROWS + 2

    with org_scope(ORG):
        changes = list(Change.objects.filter(number__gt=before).order_by("number"))
    assert [(change.kind, change.count) for change in changes] == [
        ("items", feed.MAX_ROWS),
        ("items", 2),
    ]
    states = [
        state for change in changes for state in feed.decode(bytes(change.rows or b""))
    ]
    assert len({state.number for state in states}) == feed.MAX_ROWS + 2
    assert not any(state.listed for state in states)


def test_a_deleted_user_is_erased_with_the_events(shop: Api) -> None:
    assert delete(shop, "users", user_id="ana") == 1

    assert [user["user_id"] for user in shop.listed("/v1/users", namespace="shop")] == [
        "ben"
    ]
    events = shop.listed("/v1/events", namespace="shop")
    assert {event["user_id"] for event in events} == {"ben"}
    with org_scope(ORG):
        assert not User.objects.filter(user_id="ana").exists()
        assert EventKey.objects.count() == 3


def test_deleted_events_may_be_sent_again(shop: Api) -> None:
    assert delete(shop, "events", event_type="click") == 2
    event = {"user_id": "ana", "item_id": "seen", "type": 1, "source_event_id": "ana1"}

    answer = shop.post("/v1/events:batch", {"namespace": "shop", "events": [event]})

    assert answer.json()["accepted"] == 1


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        ({"user_id": "ana"}, 3),
        ({"item_id": "seen"}, 0),
        ({"item_id": "unseen"}, 6),
        ({"event_type": 3}, 4),
        ({"event_type": "purchase", "user_id": "ben"}, 5),
        ({"created_before": "2026-01-02T00:00:00Z"}, 4),
        ({"created_after": "2026-01-02T00:00:00Z"}, 4),
    ],
)
def test_events_are_deleted_by(shop: Api, chosen: dict[str, Any], left: int) -> None:
    assert delete(shop, "events", **chosen) == 6 - left

    assert len(shop.listed("/v1/events", namespace="shop")) == left


def test_without_events_the_clock_has_no_newest_one(shop: Api) -> None:
    delete(shop, "events", created_after="2026-01-02T00:00:00Z")
    newest = Namespace.objects.get().newest_event_at
    assert newest is not None
    assert newest.day == 2

    delete(shop, "events")

    assert Namespace.objects.get().newest_event_at is None


def test_a_reset_leaves_nothing_behind(shop: Api) -> None:
    assert [delete(shop, kind) for kind in ("events", "users", "items")] == [6, 2, 2]

    with org_scope(ORG):
        for model in (Event, EventKey, User, Item, ItemVector):
            assert model.objects.count() == 0, model


def test_nothing_is_deleted_where_nobody_wrote(api: Api) -> None:
    for kind in ("items", "users", "events"):
        answer = api.post(f"/v1/{kind}:delete", {"namespace": "new"})
        assert answer.json() == {"deleted_count": 0, "message": "0 deleted."}
    assert not Namespace.objects.exists()


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        ("items", {}, "missing_namespace"),
        ("items", {"namespace": "shop", "user_id": "ana"}, "invalid_filter"),
        ("items", {"namespace": "shop", "item_id": ""}, "invalid_item_id"),
        ("users", {"namespace": "shop", "item_id": "seen"}, "invalid_filter"),
        ("users", {"namespace": "shop", "user_id": 5}, "invalid_json_type"),
        ("events", {"namespace": "shop", "event_type": "x"}, "unknown_event_type"),
        (
            "events",
            {"namespace": "shop", "created_before": "2026-01-02"},
            "invalid_timestamp",
        ),
    ],
)
def test_a_filter_that_cannot_be_meant_deletes_nothing(
    shop: Api, kind: str, body: dict[str, Any], code: str
) -> None:
    answer = shop.post(f"/v1/{kind}:delete", body)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert len(shop.listed("/v1/items", namespace="shop")) == 2
    assert len(shop.listed("/v1/events", namespace="shop")) == 6
