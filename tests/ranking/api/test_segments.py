"""Segments and their bundles of knobs, over HTTP."""

from __future__ import annotations

import pytest

from tests.ranking.shops import Shop

LOYAL = {"gte": ["user.traits.orders", 3]}


def make_vip(shop: Shop, **fields) -> None:
    shop.ask("/v1/segment-profiles:upsert", profiles=[{"profile_id": "gold"}])
    segment = {"segment_id": "vip", "profile_id": "gold", "priority": 5}
    rules = [{"rule": LOYAL, "enabled": True}]
    shop.ask("/v1/segments:upsert", segment={**segment, "rules": rules, **fields})


class TestSegments:
    def test_are_listed_as_they_were_sent(self, shop: Shop):
        make_vip(shop, name="Loyal")

        (segment,) = shop.get("/v1/segments", namespace="shop").json()["segments"]

        assert segment["segment_id"] == "vip"
        assert segment["profile_id"] == "gold"
        assert segment["active"] is True
        assert [rule["rule"] for rule in segment["rules"]] == [LOYAL]

    def test_replace_all_their_rules(self, shop):
        make_vip(shop)
        make_vip(shop, rules=[])

        (segment,) = shop.get("/v1/segments", namespace="shop").json()["segments"]

        assert segment["rules"] == []

    def test_match_by_sent_and_by_stored_traits(self, shop):
        make_vip(shop)
        shop.ask(
            "/v1/users:upsert", users=[{"user_id": "ana", "traits": {"orders": 4}}]
        )

        sent = shop.ask("/v1/segments:dry-run", traits={"orders": 3})
        stored = shop.ask("/v1/segments:dry-run", user_id="ana")
        neither = shop.ask("/v1/segments:dry-run", user_id="ben")

        assert sent["segment_id"] == stored["segment_id"] == "vip"
        assert sent["profile_id"] == "gold"
        assert isinstance(sent["matched_rule_id"], int)
        assert neither == {"matched": False}

    def test_are_deleted_with_their_rules(self, shop):
        make_vip(shop)

        answer = shop.ask("/v1/segments:delete", ids=["vip", "nosuch"])

        assert answer["deleted_count"] == 1
        assert shop.get("/v1/segments", namespace="shop").json()["segments"] == []

    @pytest.mark.parametrize(
        ("segment", "code", "status"),
        [
            ({"profile_id": "gold"}, "missing_segment_id", 400),
            ({"segment_id": "a"}, "missing_profile_id", 400),
            ({"segment_id": "a", "profile_id": "x"}, "foreign_key_violation", 422),
            (
                {
                    "segment_id": "a",
                    "profile_id": "gold",
                    "rules": [{"rule": {"like": ["a", 1]}}],
                },
                "invalid_rule",
                400,
            ),
        ],
    )
    def test_are_refused_with_a_code(self, shop, segment, code, status):
        shop.ask("/v1/segment-profiles:upsert", profiles=[{"profile_id": "gold"}])

        response = shop.post(
            "/v1/segments:upsert", {"namespace": "shop", "segment": segment}
        )

        assert (response.status_code, response.json()["error"]) == (status, code)

    def test_need_ids_to_delete(self, shop):
        response = shop.post("/v1/segments:delete", {"namespace": "shop", "ids": []})

        assert response.json()["error"] == "empty_ids"


class TestSegmentProfiles:
    def test_hold_any_subset_of_the_knobs(self, shop):
        profile = {"profile_id": "gold", "description": "x", "blend_alpha": 1}
        shop.ask("/v1/segment-profiles:upsert", profiles=[profile])

        (listed,) = shop.get("/v1/segment-profiles", namespace="shop").json()[
            "profiles"
        ]

        assert listed["blend_alpha"] == 1
        assert "blend_beta" not in listed

    def test_stay_while_a_segment_uses_them(self, shop):
        make_vip(shop)

        response = shop.post(
            "/v1/segment-profiles:delete", {"namespace": "shop", "ids": ["gold"]}
        )

        assert response.status_code == 422
        assert "vip" in response.json()["message"]

    def test_refuse_a_wrong_value(self, shop):
        response = shop.post(
            "/v1/segment-profiles:upsert",
            {"namespace": "shop", "profiles": [{"profile_id": "a", "brand_cap": -1}]},
        )

        assert response.status_code == 400
        assert response.json()["details"]["field"] == "brand_cap"
