"""Feedback over HTTP: batches as everywhere, and figures that say how sure they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.audit.feedback_shop import Shop, open_shop
from tests.catalog.api.conftest import ORG, Api, api

__all__ = ["api"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(spool_directory: Any) -> Shop:
    return open_shop(org_id=ORG)


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


def row(decision_id: UUID, **columns: Any) -> dict[str, Any]:
    return {"decision_id": str(decision_id), "kind": "click", "slot": 1, **columns}


def send(api: Api, *rows: dict[str, Any], query: str = "") -> Any:
    body = {"namespace": "shop", "feedback": list(rows)}
    return api.post(f"/v1/feedback:batch{query}", body)


def test_a_batch_is_stored_once(api: Api, shop: Shop, now: datetime) -> None:
    decision_id = shop.answer(at=now)

    first = send(api, row(decision_id), row(decision_id, slot=2))
    again = send(api, row(decision_id), row(decision_id, slot=3))

    assert first.status_code == 202
    assert first.json() == {"status": "accepted", "accepted": 2, "duplicates": 0}
    assert again.json() == {"status": "accepted", "accepted": 1, "duplicates": 1}


def test_a_batch_is_all_or_nothing(api: Api, shop: Shop, now: datetime) -> None:
    good, bad = row(shop.answer(at=now)), row(uuid4())

    refused = send(api, good, bad)
    stored = send(api, good)

    assert refused.status_code == 400
    assert refused.json()["code"] == "invalid_decision_id"
    assert stored.json()["accepted"] == 1


def test_good_rows_are_stored_where_that_is_asked_for(
    api: Api, shop: Shop, now: datetime
) -> None:
    good, bad = row(shop.answer(at=now)), row(uuid4(), kind="shrug")

    answer = send(api, bad, good, query="?partial=true").json()

    assert (answer["accepted"], answer["fault_count"]) == (1, 1)
    assert answer["faults"][0]["index"] == 0


def test_too_many_rows_are_refused(
    api: Api, shop: Shop, now: datetime, settings: Any
) -> None:
    settings.MAX_FEEDBACK_A_BATCH = 1
    decision_id = shop.answer(at=now)

    answer = send(api, row(decision_id), row(decision_id, slot=2))

    assert answer.json()["code"] == "batch_too_large"


class TestFigures:
    def test_say_when_there_is_not_enough(
        self, api: Api, shop: Shop, now: datetime
    ) -> None:
        send(api, row(shop.answer(at=now, surface="home")))
        shop.keep(now + timedelta(minutes=1))

        [home] = api.listed("/v1/audit/feedback", namespace="shop", by="surface")

        assert (home["value"], home["served"], home["clicks"]) == ("home", 3, 1)
        assert home["ctr"] is None

    def test_carry_an_interval(self, api: Api, shop: Shop, now: datetime) -> None:
        send(api, *(row(shop.answer(at=now), slot=2) for _ in range(34)))
        shop.keep(now + timedelta(minutes=1))

        first, second, third = api.listed(
            "/v1/audit/feedback", namespace="shop", by="slot"
        )
        [everything] = api.listed("/v1/audit/feedback", namespace="shop")

        assert [each["clicks"] for each in (first, second, third)] == [0, 34, 0]
        assert everything["of"] == "served"
        assert everything["ctr_low"] < everything["ctr"] < everything["ctr_high"]

    def test_are_of_what_was_seen_where_that_is_told(
        self, api: Api, shop: Shop, now: datetime
    ) -> None:
        seen = [shop.answer(["i1", "i2"], at=now) for _ in range(100)]
        send(api, *(row(decision_id, kind="impression") for decision_id in seen))
        shop.keep(now + timedelta(minutes=1))

        [everything] = api.listed("/v1/audit/feedback", namespace="shop")

        assert (everything["of"], everything["impressions"]) == ("impressions", 100)
        assert everything["ctr"] == 0

    def test_by_something_else_are_refused(self, api: Api, shop: Shop) -> None:
        answer = api.get("/v1/audit/feedback", namespace="shop", by="mood")

        assert answer.status_code == 400
        assert answer.json()["code"] == "invalid_by"
