"""Beside recommendations: the caller's own items, similar ones, what would be used."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.ranking.shops import Shop, ids_of, item


class TestRerank:
    def test_ranks_the_callers_items_and_no_others(self, tasteful):
        sent = [{"item_id": each} for each in ("coffee1", "tea3", "tea4", "tea3")]

        answer = tasteful.ask("/v1/rerank", user_id="ana", items=sent)

        assert set(ids_of(answer)) == {"coffee1", "tea3", "tea4"}
        assert answer["items"][0]["item_id"].startswith("tea")

    def test_takes_sent_scores_for_popularity(self, tasteful):
        sent = [{"item_id": f"tea{n}", "score": n} for n in range(3, 7)]

        answer = tasteful.ask(
            "/v1/rerank", items=sent, blend={"pop": 1, "cooc": 0, "als": 0}, k=2
        )

        assert ids_of(answer)[0] == "tea6"
        assert len(answer["items"]) == 2

    @pytest.mark.parametrize(
        ("sent", "code"),
        [([], "empty_items"), ([{"item_id": ""}], "invalid_items")],
    )
    def test_needs_items(self, shop, sent, code):
        response = shop.post("/v1/rerank", {"namespace": "shop", "items": sent})

        assert (response.status_code, response.json()["error"]) == (400, code)


class TestSimilar:
    def test_are_items_of_the_same_kind(self, tasteful):
        answer = tasteful.get("/v1/items/tea3/similar", namespace="shop", k=3).json()

        assert len(answer) == 3
        assert all(each["item_id"].startswith("tea") for each in answer)
        assert all(each["reasons"] for each in answer)

    def test_may_be_none_at_all(self, shop):
        shop.sell(item("only"))

        response = shop.get("/v1/items/only/similar", namespace="shop")

        assert (response.status_code, response.json()) == (200, [])

    def test_need_an_item_that_exists(self, shop):
        shop.sell(item("a"))

        response = shop.get("/v1/items/nosuch/similar", namespace="shop")

        assert response.status_code == 404
        assert response.json()["error"] == "item_not_found"


class TestValidate:
    def test_says_what_would_be_used_and_from_where(self, tasteful):
        tasteful.ask("/v1/admin/recommendation/config", config={"brand_cap": 3})

        answer = tasteful.ask(
            "/v1/recommendations/validate",
            user_id="ana",
            overrides={"mmr_lambda": 0.4, "nonsense": 1},
        )

        assert answer["valid"] is True
        assert answer["profile"] == {"name": "default", "version": 1}
        assert answer["knobs"]["mmr_lambda"] == {"value": 0.4, "source": "overrides"}
        assert answer["knobs"]["brand_cap"]["source"] == "profile:default"
        assert answer["changed"] == {"mmr_lambda": 0.4, "brand_cap": 3}
        assert any("nonsense" in warning for warning in answer["warnings"])


class TestOtherTenants:
    def test_see_nothing_of_this_one(self, tasteful: Shop):
        other = Shop(org_id=uuid4(), client=tasteful.client)

        assert other.ids("ana") == []
        response = other.get("/v1/items/tea3/similar", namespace="shop")
        assert response.status_code == 404

    def test_cannot_be_named_by_their_items(self, tasteful: Shop):
        other = Shop(org_id=uuid4(), client=tasteful.client)
        other.sell(item("mine"))

        sent = [{"item_id": "tea3"}, {"item_id": "mine"}]

        assert ids_of(other.ask("/v1/rerank", items=sent)) == ["mine"]
