"""What kinds of events there are."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Api

pytestmark = pytest.mark.django_db


def upsert(api: Api, *types: dict[str, Any]) -> Any:
    return api.post("/v1/event-types:upsert", {"namespace": "shop", "types": types})


def test_the_defaults_are_in_force_until_changed(api: Api) -> None:
    listed = api.listed("/v1/event-types", namespace="shop")

    assert [(each["type"], each["name"], each["weight"]) for each in listed] == [
        (0, "view", 0.1),
        (1, "click", 0.3),
        (2, "add", 0.7),
        (3, "purchase", 1.0),
        (4, "custom", 0.2),
    ]
    assert {each["source"] for each in listed} == {"default"}


def test_a_tenants_type_overrides_the_default_of_its_number(api: Api) -> None:
    answer = upsert(
        api,
        {"type": 1, "name": "tap", "weight": 0.5, "half_life_days": 7},
        {"type": 17, "name": "wishlist", "weight": 0.6},
        {"type": 4, "name": "custom", "weight": 1, "is_active": False},
    )

    assert answer.status_code == 202
    listed = {
        each["type"]: each for each in api.listed("/v1/event-types", namespace="shop")
    }
    assert listed[1] == {
        "type": 1,
        "name": "tap",
        "weight": 0.5,
        "half_life_days": 7.0,
        "is_active": True,
        "feedback": "click",
        "attribution_hours": None,
        "source": "tenant",
    }
    assert sorted(listed) == [0, 1, 2, 3, 17]
    whole = api.listed("/v1/event-types", namespace="shop", include_inactive="true")
    assert len(whole) == 6
    assert [each["feedback"] for each in whole] == [
        "impression",
        "click",
        "cart",
        "purchase",
        "none",
        "none",
    ]


def test_events_may_use_a_tenants_name(api: Api) -> None:
    upsert(api, {"type": 17, "name": "Wishlist", "weight": 0.6})
    event = {"user_id": "u", "item_id": "i", "type": "wishlist"}
    api.post("/v1/events:batch", {"namespace": "shop", "events": [event]})

    assert api.listed("/v1/events", namespace="shop")[0]["type"] == 17


@pytest.mark.parametrize(
    ("types", "field"),
    [
        ([{"type": 1, "name": "x", "weight": 0}], "weight"),
        ([{"type": 1, "name": "x", "weight": -1}], "weight"),
        ([{"type": 1, "name": "", "weight": 1}], "name"),
        ([{"type": 1, "name": "a\nb", "weight": 1}], "name"),
        (
            [{"type": 1, "name": "x", "weight": 1, "half_life_days": 0}],
            "half_life_days",
        ),
        ([{"type": 1, "name": "PURCHASE", "weight": 1}], "name"),
        (
            [
                {"type": 5, "name": "x", "weight": 1},
                {"type": 5, "name": "y", "weight": 1},
            ],
            "type",
        ),
    ],
)
def test_a_type_that_makes_no_sense_is_refused(
    api: Api, types: list[dict[str, Any]], field: str
) -> None:
    answer = upsert(api, *types)

    assert answer.status_code == 400
    assert answer.json()["details"]["field"] == field
    assert len(api.listed("/v1/event-types", namespace="shop")) == 5


def test_the_namespace_must_be_named(api: Api) -> None:
    answer = api.post("/v1/event-types:upsert", {"types": []})

    assert answer.json()["code"] == "missing_namespace"
