"""Reading back: pages in one order, every row once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog.core import pages

from .conftest import Api

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 1, tzinfo=UTC)


def send_items(api: Api, count: int, *, prefix: str = "item") -> list[str]:
    ids = [f"{prefix}_{number:04}" for number in range(count)]
    for at in range(0, count, 50):
        items = [{"item_id": item_id} for item_id in ids[at : at + 50]]
        answer = api.post("/v1/items:upsert", {"namespace": "shop", "items": items})
        assert answer.status_code == 202
    return ids


def send_events(api: Api, count: int) -> None:
    events = [
        {
            "user_id": f"u{number % 3}",
            "item_id": f"i{number % 5}",
            "type": number % 4,
            # Many share a moment: arrival decides among them.
            "ts": START + timedelta(minutes=number // 10),
            "value": number,
        }
        for number in range(count)
    ]
    api.post("/v1/events:batch", {"namespace": "shop", "events": events[::-1]})


def walk(api: Api, path: str, *, by: str, limit: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    step: dict[str, Any] = {}
    while True:
        page = api.get(path, namespace="shop", limit=limit, **step).json()
        assert page["offset"] == len(rows)
        rows += page["items"]
        if not page["has_more"]:
            assert page["next_cursor"] is None
            assert page["next_offset"] is None
            return rows
        step = {by: page[f"next_{by}"]}


@pytest.mark.parametrize("by", ["offset", "cursor"])
def test_a_walk_returns_every_row_once(api: Api, by: str) -> None:
    ids = send_items(api, 137)
    send_events(api, 61)

    items = walk(api, "/v1/items", by=by, limit=10)
    events = walk(api, "/v1/events", by=by, limit=7)

    assert [item["item_id"] for item in items] == ids
    assert len({(event["ts"], event["value"]) for event in events}) == 61
    assert [event["ts"] for event in events] == sorted(event["ts"] for event in events)


def test_offset_and_cursor_may_take_turns(api: Api) -> None:
    ids = send_items(api, 30)
    first = api.get("/v1/items", namespace="shop", limit=10).json()
    second = api.get(
        "/v1/items", namespace="shop", limit=10, cursor=first["next_cursor"]
    ).json()
    third = api.get(
        "/v1/items", namespace="shop", limit=10, offset=second["next_offset"]
    ).json()

    assert [item["item_id"] for item in third["items"]] == ids[20:]


def test_a_page_tells_where_it_is(api: Api) -> None:
    send_items(api, 3)
    page = api.get("/v1/items", namespace="shop", limit=2).json()

    assert page.pop("items")
    assert page.pop("next_cursor")
    assert page == {
        "total": 3,
        "total_is_estimate": False,
        "limit": 2,
        "offset": 0,
        "has_more": True,
        "next_offset": 2,
    }


def test_a_cursor_of_another_list_is_refused(api: Api) -> None:
    send_items(api, 2)
    cursor = api.get("/v1/items", namespace="shop", limit=1).json()["next_cursor"]

    assert api.get("/v1/users", namespace="shop", cursor=cursor).status_code == 400


def test_a_total_beyond_100000_is_an_estimate(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.queries.lists.MAX_EXACT_TOTAL", 5)
    send_items(api, 9)

    page = api.get("/v1/items", namespace="shop").json()

    assert page["total_is_estimate"] is True
    assert page["total"] >= 6


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ({"user_id": "u1"}, {1, 4, 7, 10, 13, 16, 19}),
        ({"item_id": "i0"}, {0, 5, 10, 15}),
        ({"event_type": "3"}, {3, 7, 11, 15, 19}),
        ({"event_type": "Purchase", "user_id": "u0"}, {3, 15}),
        ({"created_after": START.isoformat()}, set(range(10, 20))),
        (
            {"created_before": (START + timedelta(minutes=1)).isoformat()},
            set(range(10)),
        ),
        ({"user_id": "nobody"}, set()),
    ],
)
def test_events_are_found_by(api: Api, query: dict[str, str], values: set[int]) -> None:
    send_events(api, 20)

    found = api.listed("/v1/events", namespace="shop", **query)

    assert {event["value"] for event in found} == values


def test_an_item_is_found_by_its_id_compared_as_bytes(api: Api) -> None:
    items = [{"item_id": "ä"}, {"item_id": "Ä"}, {"item_id": "a\u0308"}]
    api.post("/v1/items:upsert", {"namespace": "shop", "items": items})

    found = api.listed("/v1/items", namespace="shop", item_id="ä")

    assert [item["item_id"] for item in found] == ["ä"]


def test_a_namespace_nobody_wrote_to_reads_as_empty(api: Api) -> None:
    for path in ("/v1/items", "/v1/users", "/v1/events"):
        page = api.get(path, namespace="new").json()
        assert (page["items"], page["total"], page["has_more"]) == ([], 0, False)
    assert len(api.listed("/v1/event-types", namespace="new")) == 5


def test_the_largest_offset_is_100000(api: Api) -> None:
    assert pages.MAX_OFFSET == 100_000
    assert api.listed("/v1/items", namespace="shop", offset=100_000) == []
