"""Ranking requests that are wrong: refused by name, and nothing else happens."""

from __future__ import annotations

import pytest

from ranking.serve import served
from tests.ranking.shops import Shop, item


class TestBadInput:
    @pytest.mark.parametrize(
        ("body", "code", "field"),
        [
            (b"{", "invalid_json", None),
            (b'{"k": NaN}', "invalid_json", None),
            (b'{"k": "many"}', "invalid_json_type", "k"),
            (b'{"k": 1.5}', "invalid_json_type", "k"),
            (b"[]", "invalid_json_type", None),
            (b'{"k": 201}', "invalid_k", "k"),
            (b'{"k": 99999999999999999999}', "invalid_k", "k"),
            (b'{"user_id": 7}', "invalid_json_type", "user_id"),
            (b'{"user_id": "a\\u0007"}', "invalid_user_id", "user_id"),
            (b'{"user_id": "a\\u0000"}', "invalid_value", "user_id"),
            (b'{"surface": {"a": 1}}', "invalid_json_type", "surface"),
            (b'{"context": {"surface": 7}}', "invalid_surface", "context.surface"),
            (b'{"context": ' + b"[" * 40 + b"]" * 40 + b"}", "nested_too_deeply", None),
            (
                b'{"constraints": {"created_after": "yesterday"}}',
                "invalid_created_after",
                "constraints.created_after",
            ),
            (
                b'{"constraints": {"created_after": "2026-01-01T00:00:00"}}',
                "invalid_timestamp",
                "constraints.created_after",
            ),
            (
                b'{"constraints": {"price_between": [9, 1]}}',
                "invalid_price_between",
                "constraints.price_between",
            ),
            (b'{"overrides": {"mmr_lambda": 2}}', "invalid_override", "mmr_lambda"),
            (b'{"overrides": {"mmr_lambda": true}}', "invalid_override", "mmr_lambda"),
            (b'{"explain_level": "loud"}', "invalid_json_type", "explain_level"),
            (b'{"namespace": "a\\u0001"}', "invalid_namespace", "namespace"),
        ],
    )
    def test_is_refused_by_name(self, shop: Shop, body, code, field):
        shop.sell(item("a"))
        namespace = b'{"namespace": "shop", '
        if body.startswith(b'{"') and b'"namespace"' not in body:
            body = namespace + body[1:]

        response = shop.post("/v1/recommendations", body)

        assert response.status_code == 400, response.content
        error = response.json()
        assert error["error"] == code
        if field == "explain_level":
            assert "'loud' is none of full, numeric, tags" in error["message"]
        if field:
            assert error["details"]["field"] == field

    def test_is_refused_when_it_is_too_large(self, shop):
        body = b'{"context": {"a": "' + b"x" * 9_000_000 + b'"}}'

        assert shop.post("/v1/recommendations", body).status_code == 413

    def test_of_an_override_names_range_and_value(self, shop):
        shop.sell(item("a"))

        response = shop.post(
            "/v1/recommendations",
            {"namespace": "shop", "overrides": {"blend_alpha": -1}},
        )

        details = response.json()["details"]
        assert details["field"] == "blend_alpha"
        assert details["value"] == -1
        assert "0" in details["range"]

    def test_of_a_profile_that_nobody_made_is_not_found(self, shop):
        shop.sell(item("a"))
        body = {"namespace": "shop", "profile": "nosuch"}

        assert shop.post("/v1/recommendations", body).status_code == 404

    def test_leaves_serving_as_it_was(self, shop):
        shop.sell(item("a"))
        before = served.current(shop.namespace)

        shop.post("/v1/recommendations", b"{")

        assert served.current(shop.namespace).world is before.world
