"""Asking for recommendations, over HTTP: whole stories."""

from __future__ import annotations

import pytest

from tests.ranking.shops import Shop, ids_of, item, items

RELEVANCE_ALONE = {"mmr_lambda": 1}
POLICY = {
    "total_candidates",
    "explicit_exclude_hits",
    "recent_event_exclude_hits",
    "after_exclusions",
    "constraint_filtered_count",
    "after_constraint_filters",
    "rule_block_count",
    "rule_boost_count",
    "rule_pin_count",
    "rule_boost_injected",
    "after_rules",
    "rule_block_exposure",
    "rule_boost_exposure",
    "rule_pin_exposure",
    "constraint_leak_count",
    "caps_relaxed",
    "final_count",
}


class TestAnswer:
    def test_follows_the_users_taste(self, tasteful: Shop):
        ids = tasteful.ids("ana", k=4, overrides=RELEVANCE_ALONE)

        assert all(item_id.startswith("tea") for item_id in ids)

    def test_leaves_out_what_was_bought_and_keeps_what_was_clicked(self, tasteful):
        ids = tasteful.ids("ana", k=16)

        assert {"tea0", "tea1"}.isdisjoint(ids)
        assert "tea2" in ids

    def test_changes_with_the_next_click(self, tasteful):
        before = tasteful.ids("ben", k=5, overrides=RELEVANCE_ALONE)

        tasteful.record(*[("ben", f"coffee{n}", "click") for n in (3, 4, 5)])

        after = tasteful.ids("ben", k=5, overrides=RELEVANCE_ALONE)
        assert before != after
        assert all(item_id.startswith("coffee") for item_id in after)

    def test_of_a_stranger_is_that_of_nobody(self, tasteful):
        assert tasteful.ids("stranger") == tasteful.ids()

    def test_has_every_part_that_clients_read(self, tasteful):
        answer = tasteful.recommend("ana", k=3, surface="home")

        assert set(answer) == {"decision_id", "model_version", "items", "trace"}
        assert [each["rank"] for each in answer["items"]] == [1, 2, 3]
        assert set(answer["items"][0]) == {"item_id", "score", "rank"}
        assert answer["model_version"] == "popularity_v1"
        extras = answer["trace"]["extras"]
        assert extras["manual_overrides"] == []
        assert extras["recent_event_count"] == 3
        assert set(extras["policy"]) == POLICY
        assert all(type(count) is int for count in extras["policy"].values())
        assert extras["policy"]["recent_event_exclude_hits"] == 2
        assert extras["candidate_sources"]["popularity"]["count"] > 0

    def test_explains_itself_as_far_as_it_is_asked(self, tasteful):
        plain, told, numeric, full = (
            tasteful.recommend("ana", k=2, **fields)["items"][0]
            for fields in (
                {},
                {"include_reasons": True},
                {"explain_level": "numeric"},
                {"explain_level": "full"},
            )
        )

        assert "reasons" not in plain
        assert told["reasons"]
        assert "raw" not in numeric["explain"]["blend"]
        assert "raw" in full["explain"]["blend"]

    def test_is_labelled_by_what_was_asked_for(self, tasteful):
        blended = tasteful.recommend("ana", blend={"pop": 0.2, "als": 0.8})

        assert blended["model_version"] == "blend_v1"

    def test_gives_new_users_a_starter_profile(self, tasteful):
        extras = tasteful.recommend("newcomer")["trace"]["extras"]

        assert extras["starter_profile_weight"] == 1.0
        assert sum(extras["starter_profile"].values()) == pytest.approx(1.0)

    def test_names_what_it_did_not_read(self, tasteful):
        answer = tasteful.recommend("ana", colour="red", overrides={"nonsense": 1})

        assert any("colour" in warning for warning in answer["warnings"])
        assert any("nonsense" in warning for warning in answer["warnings"])

    def test_has_no_decision_when_it_is_a_dry_run(self, tasteful):
        answer = tasteful.recommend("ana", dry_run=True)

        assert answer["decision_id"] is None
        assert ids_of(answer) == tasteful.ids("ana")

    def test_is_the_same_a_hundred_times(self, tasteful):
        answers = {tuple(tasteful.ids("ana")) for _ in range(100)}

        assert len(answers) == 1

    @pytest.mark.parametrize("k", [None, 0, -3])
    def test_has_twenty_items_when_k_says_nothing(self, shop: Shop, k):
        shop.sell(*items([f"i{n:02}" for n in range(30)]))

        assert len(shop.ids(k=k)) == 20


class TestConstraints:
    def test_keep_items_with_any_of_the_tags_in_any_case(self, tasteful):
        answer = tasteful.recommend(
            "ana", k=16, constraints={"include_tags_any": [" COFFEE "]}
        )

        assert all(item_id.startswith("coffee") for item_id in ids_of(answer))
        policy = answer["trace"]["extras"]["policy"]
        assert policy["constraint_leak_count"] == 0

    def test_keep_prices_between_and_drop_unknown_ones(self, shop):
        shop.sell(item("cheap", price=1), item("fair", price=5), item("dear", price=9))
        shop.sell({"item_id": "unpriced"})

        assert shop.ids(constraints={"price_between": [2, 9]}) == ["dear", "fair"]
        assert shop.ids(constraints={"price_between": [None, 5]}) == ["cheap", "fair"]

    def test_drop_named_items(self, tasteful):
        unwanted = ["coffee1", "nosuch"]

        answer = tasteful.recommend(k=16, constraints={"exclude_item_ids": unwanted})

        assert len(answer["items"]) == 15
        assert "coffee1" not in ids_of(answer)
        assert answer["trace"]["extras"]["policy"]["explicit_exclude_hits"] == 1

    def test_keep_what_was_created_later(self, shop):
        shop.sell(item("a"))

        assert shop.ids(constraints={"created_after": "2001-01-01T00:00:00Z"}) == ["a"]
        assert shop.ids(constraints={"created_after": "2101-01-01T00:00:00Z"}) == []


class TestFreshness:
    def test_new_items_are_rankable_at_once_beside_a_snapshot(self, tasteful):
        tasteful.sell(item("tea-new", tags=["tea"], category="tea"))

        assert "tea-new" in tasteful.ids("ana", k=17)

    def test_deleted_items_are_gone_at_once(self, tasteful):
        first = tasteful.ids("ana", k=1)[0]

        tasteful.ask("/v1/items:delete", item_id=first)

        assert first not in tasteful.ids("ana", k=17)

    def test_sold_out_items_are_gone_at_once(self, tasteful):
        first, second = tasteful.ids("ana", k=2)

        tasteful.sell(item(first, available=False), item(second, stock=0))

        assert {first, second}.isdisjoint(tasteful.ids("ana", k=17))

    def test_an_empty_namespace_answers_with_nothing(self, shop):
        answer = shop.recommend("ana")

        assert answer["items"] == []
        assert "degraded" not in answer

    def test_events_without_a_build_are_named(self, shop):
        shop.sell(item("a"))
        shop.record(("ana", "a", "view"))

        answer = shop.recommend("ana")

        assert ids_of(answer) == ["a"]
        assert answer["degraded"] == ["no_build"]

    def test_a_reset_shop_starts_anew(self, tasteful):
        for kind in ("events", "users", "items"):
            tasteful.ask(f"/v1/{kind}:delete")

        assert tasteful.ids("ana") == []

        tasteful.sell(item("fresh"))
        assert tasteful.ids("ana") == ["fresh"]


class TestSteering:
    def test_a_published_configuration_ranks_the_next_request(self, tasteful):
        config = {"rule_exclude_events": False}
        tasteful.ask("/v1/admin/recommendation/config", config=config)

        assert {"tea0", "tea1"} & set(tasteful.ids("ana", k=16))

    def test_a_segments_profile_changes_its_users_ranking(self, tasteful):
        tasteful.ask(
            "/v1/segment-profiles:upsert",
            profiles=[{"profile_id": "again", "rule_exclude_events": False}],
        )
        tasteful.ask(
            "/v1/segments:upsert",
            segment={
                "segment_id": "vip",
                "profile_id": "again",
                "rules": [{"rule": {"eq": ["user.traits.tier", "gold"]}}],
            },
        )
        before = tasteful.recommend("ana", k=16)

        tasteful.ask(
            "/v1/users:upsert", users=[{"user_id": "ana", "traits": {"tier": "gold"}}]
        )

        after = tasteful.recommend("ana", k=16)
        assert "segment_id" not in before
        assert (after["segment_id"], after["profile_id"]) == ("vip", "again")
        assert "tea0" not in ids_of(before)
        assert "tea0" in ids_of(after)

    def test_the_surface_is_read_from_either_place(self, tasteful):
        surfaces = {"cart": {"rule_exclude_events": False}}
        tasteful.ask("/v1/admin/recommendation/config", config={"surfaces": surfaces})

        at_top = tasteful.ids("ana", k=16, surface="cart")
        in_context = tasteful.ids("ana", k=16, context={"surface": "cart"})

        assert at_top == in_context
        assert "tea0" in at_top
        assert "tea0" not in tasteful.ids("ana", k=16, surface="home")

    def test_a_named_profile_ranks_only_who_asks_for_it(self, tasteful):
        tasteful.ask("/v1/admin/recommendation/config", config={})
        tasteful.ask(
            "/v1/admin/profiles", name="again", config={"rule_exclude_events": False}
        )

        assert "tea0" in tasteful.ids("ana", k=16, profile="again")
        assert "tea0" not in tasteful.ids("ana", k=16)

    def test_overrides_rank_this_call_alone(self, tasteful):
        again = tasteful.ids("ana", k=16, overrides={"rule_exclude_events": False})

        assert "tea0" in again
        assert "tea0" not in tasteful.ids("ana", k=16)
