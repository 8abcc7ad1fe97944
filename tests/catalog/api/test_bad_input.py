"""What is wrong is refused in the error shape, and nothing of it is stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog.models import Namespace

from .conftest import Api

pytestmark = pytest.mark.django_db

GOOD_EVENT = {"user_id": "u", "item_id": "i", "type": 0}
LATER = datetime.now(UTC) + timedelta(hours=25)


def refused(answer: Any, *, status: int = 400) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    body = answer.json()
    assert body["error"] == body["code"]
    assert body["correlation_id"] == answer.headers["X-Request-Id"]
    assert set(body) == {
        "error",
        "code",
        "message",
        "details",
        "correlation_id",
        "timestamp",
    }
    assert not Namespace.objects.exists()
    return dict(body)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "invalid_json"),
        (b"{", "invalid_json"),
        (b"nothing", "invalid_json"),
        (b'{"items": [{"item_id": "a", "price": NaN}]}', "invalid_json"),
        (b'{"items": [{"item_id": "a", "price": Infinity}]}', "invalid_json"),
        (b'{"items": [{"item_id": "a", "price": 1e999}]}', "invalid_json"),
        (b'{"items": [{"item_id": "\xff"}]}', "invalid_json"),
        (b'{"items": [{"item_id": "\\ud800"}]}', "invalid_json"),
        (b'{"items": [], "x": ' + b"9" * 5_000 + b"}", "invalid_json"),
        (b'{"items": [], "x": ' + b"9" * 400 + b"}", "invalid_value"),
        (b'{"items": [{"item_id": "a", "title": "\\u0000"}]}', "invalid_value"),
        (b'{"items": [{"item_id": "a", "props": {"\\u0000": 1}}]}', "invalid_value"),
        (b"[" * 33 + b"]" * 33, "nested_too_deeply"),
        (b"[" * 100_000, "nested_too_deeply"),
        (b"[]", "invalid_json_type"),
        (b"{}", "invalid_json_type"),
        (b'{"items": {}}', "invalid_json_type"),
        (b'{"items": [], "namespace": 5}', "invalid_json_type"),
        (b'{"items": [], "namespace": ""}', "invalid_namespace"),
        (b'{"items": [], "namespace": "a\\nb"}', "invalid_namespace"),
    ],
)
def test_a_body_that_is_no_batch_is_400(api: Api, body: bytes, code: str) -> None:
    assert refused(api.post("/v1/items:upsert", body))["code"] == code


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        ({}, "invalid_json_type", "item_id"),
        ({"item_id": 7}, "invalid_json_type", "item_id"),
        ({"item_id": ""}, "invalid_item_id", "item_id"),
        ({"item_id": "x" * 257}, "invalid_item_id", "item_id"),
        ({"item_id": "\N{SNOWMAN}" * 86}, "invalid_item_id", "item_id"),
        ({"item_id": "a\tb"}, "invalid_item_id", "item_id"),
        ({"item_id": "a\x7f"}, "invalid_item_id", "item_id"),
        ({"item_id": "b", "price": "5"}, "invalid_json_type", "price"),
        ({"item_id": "b", "price": -1}, "invalid_json_type", "price"),
        ({"item_id": "b", "price": 1e300}, "invalid_json_type", "price"),
        ({"item_id": "b", "available": 1}, "invalid_json_type", "available"),
        ({"item_id": "b", "stock": 2**31}, "invalid_json_type", "stock"),
        ({"item_id": "b", "stock": 1.5}, "invalid_json_type", "stock"),
        ({"item_id": "b", "props": []}, "invalid_json_type", "props"),
        ({"item_id": "b", "tags": "x"}, "invalid_json_type", "tags"),
        ({"item_id": "b", "tags": [5]}, "invalid_json_type", "tags[0]"),
        ({"item_id": "b", "tags": ["x" * 300]}, "invalid_text", "tags"),
        (
            {"item_id": "b", "category_path": ["a"] * 33},
            "invalid_text",
            "category_path",
        ),
        ({"item_id": "b", "title": "a\x1bb"}, "invalid_text", "title"),
        ({"item_id": "b", "title": "x" * 2_001}, "invalid_text", "title"),
        ({"item_id": "b", "embedding": []}, "embedding_dim_mismatch", "embedding"),
        (
            {"item_id": "b", "embedding": [0.1] * 4_097},
            "embedding_dim_mismatch",
            "embedding",
        ),
        ({"item_id": "b", "embedding": [1e6]}, "invalid_value", "embedding"),
        ({"item_id": "a"}, "duplicate_id", "item_id"),
    ],
)
def test_a_bad_item_is_named_by_index_and_field(
    api: Api, row: dict[str, Any], code: str, field: str
) -> None:
    answer = api.post(
        "/v1/items:upsert", {"namespace": "shop", "items": [{"item_id": "a"}, row]}
    )

    body = refused(answer)
    assert body["code"] == code
    assert (body["details"]["index"], body["details"]["field"]) == (1, field)
    assert body["message"].startswith("items[1]")


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"ts": "2025-01-01T00:00:00"}, "invalid_timestamp", "ts"),
        ({"ts": "yesterday"}, "invalid_timestamp", "ts"),
        ({"ts": 1735689600}, "invalid_timestamp", "ts"),
        ({"ts": "1989-12-31T23:59:59Z"}, "invalid_timestamp", "ts"),
        ({"ts": LATER.isoformat()}, "invalid_timestamp", "ts"),
        ({"timestamp": "1970-01-01T00:00:00Z"}, "invalid_timestamp", "timestamp"),
        ({"type": "teleport"}, "unknown_event_type", "type"),
        ({"type": -1}, "invalid_json_type", "type"),
        ({"type": 70_000}, "invalid_json_type", "type"),
        ({"type": None}, "invalid_json_type", "type"),
        ({"value": "1"}, "invalid_json_type", "value"),
        ({"value": 1e300}, "invalid_json_type", "value"),
        ({"meta": "x"}, "invalid_json_type", "meta"),
        ({"user_id": "a\x00b"}, "invalid_value", "events[1].user_id"),
        ({"user_id": "a\x01b"}, "invalid_user_id", "user_id"),
        ({"source_event_id": ""}, "invalid_source_event_id", "source_event_id"),
    ],
)
def test_a_bad_event_is_named_by_index_and_field(
    api: Api, changes: dict[str, Any], code: str, field: str
) -> None:
    events = [GOOD_EVENT, GOOD_EVENT | changes]
    answer = api.post("/v1/events:batch", {"namespace": "shop", "events": events})

    body = refused(answer)
    assert body["code"] == code
    assert (body["details"]["index"], body["details"]["field"]) == (1, field)


def test_every_fault_is_listed_up_to_a_hundred(api: Api) -> None:
    items = [{"item_id": ""}] * 150 + [{"item_id": "a", "price": "x"}]
    answer = api.post("/v1/items:upsert", {"namespace": "shop", "items": items})

    details = refused(answer)["details"]
    assert len(details["faults"]) == 100
    assert details["fault_count"] > 150


def test_a_repeat_names_both_rows(api: Api) -> None:
    users = [{"user_id": "a"}, {"user_id": "b"}, {"user_id": "a"}]
    answer = api.post("/v1/users:upsert", {"namespace": "shop", "users": users})

    assert refused(answer)["message"] == "users[2].user_id is the same in rows 0 and 2."


def test_a_body_of_9_megabytes_is_413(api: Api) -> None:
    body = refused(api.post("/v1/items:upsert", b" " * (9 << 20)), status=413)

    assert body["details"] == {"limit": 8 << 20}


def test_a_body_in_chunks_is_411(api: Api) -> None:
    chunked = {"Transfer-Encoding": "chunked"}
    body = refused(api.post("/v1/items:upsert", b"", **chunked), status=411)

    assert body["code"] == "length_required"


@pytest.mark.parametrize(
    ("path", "field", "limit"),
    [
        ("/v1/items:upsert", "items", 1_000),
        ("/v1/users:upsert", "users", 1_000),
        ("/v1/events:batch", "events", 5_000),
    ],
)
def test_a_batch_beyond_its_limit_is_400(
    api: Api, path: str, field: str, limit: int
) -> None:
    body = refused(api.post(path, {"namespace": "shop", field: [{}] * (limit + 1)}))

    assert body["details"] == {"field": field, "limit": limit}


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("/v1/items", {}, "missing_namespace"),
        ("/v1/users", {"namespace": ""}, "missing_namespace"),
        ("/v1/items", {"namespace": "\x00"}, "invalid_namespace"),
        ("/v1/items", {"namespace": "s", "limit": "0"}, "invalid_limit"),
        ("/v1/items", {"namespace": "s", "limit": "1001"}, "invalid_limit"),
        ("/v1/items", {"namespace": "s", "limit": "9" * 30}, "invalid_limit"),
        ("/v1/items", {"namespace": "s", "limit": "ten"}, "invalid_limit"),
        ("/v1/items", {"namespace": "s", "offset": "-1"}, "invalid_offset"),
        ("/v1/items", {"namespace": "s", "offset": "100001"}, "invalid_offset"),
        ("/v1/items", {"namespace": "s", "cursor": "x"}, "invalid_cursor"),
        ("/v1/items", {"namespace": "s", "cursor": "\u2603"}, "invalid_cursor"),
        ("/v1/items", {"namespace": "s", "include": "all"}, "invalid_include"),
        ("/v1/items", {"namespace": "s", "item_id": "\x00"}, "invalid_parameter"),
        (
            "/v1/events",
            {"namespace": "s", "created_after": "2025-01-01"},
            "invalid_timestamp",
        ),
        (
            "/v1/events",
            {"namespace": "s", "event_type": "teleport"},
            "unknown_event_type",
        ),
        ("/v1/event-types", {}, "missing_namespace"),
    ],
)
def test_a_bad_parameter_of_a_list_is_400(
    api: Api, path: str, query: dict[str, str], code: str
) -> None:
    assert refused(api.get(path, **query))["code"] == code


def test_an_offset_beyond_100000_points_to_the_cursor(api: Api) -> None:
    answer = api.get("/v1/items", namespace="s", offset=100_001)

    assert "cursor" in refused(answer)["message"]


@pytest.mark.parametrize("org", ["", "nobody", "1234"])
def test_an_org_that_is_no_uuid_is_400(api: Api, org: str) -> None:
    answer = api.client.get(
        "/v1/items", {"namespace": "shop"}, headers={"X-Org-ID": org}
    )

    assert refused(answer)["code"] == ("invalid_org_id" if org else "missing_org_id")


def test_an_unknown_address_is_json_under_v1(api: Api) -> None:
    assert refused(api.get("/v1/nothing"), status=404)["code"] == "not_found"


def test_a_trailing_slash_is_404_and_no_redirect(api: Api) -> None:
    assert api.get("/v1/items/", namespace="shop").status_code == 404


def test_another_method_is_405(api: Api) -> None:
    answer = api.client.put("/v1/items", b"{}", content_type="application/json")

    body = refused(answer, status=405)
    assert body["code"] == "method_not_allowed"
    assert "send GET" in body["message"] or "send POST" in body["message"]
