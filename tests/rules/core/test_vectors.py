"""Small cases whose results can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ranking.core.configuration import Configuration
from ranking.core.explanation import explanations
from ranking.core.inputs import Inputs
from ranking.core.layers import Plan
from ranking.core.pipeline import rank
from ranking.core.reasons import reasons
from ranking.core.request import Constraints, History, Prefetched, Request
from ranking.core.world import World
from rules.core.boosting import boost
from rules.core.effects import lifted
from rules.core.rule import Action, Rule, Target, TargetType
from rules.core.steps import make_steps
from rules.core.types import Hits
from tests.ranking.worlds import NOON_US, Item, Shop, make_snapshot

NO_DIVERSITY = {"mmr_lambda": 1, "brand_cap": 0, "category_cap": 0}


def rule(action, *items, tag=None, **told):
    target = (
        Target(type=TargetType.TAG, values=(tag,))
        if tag
        else Target(type=TargetType.ITEM, values=items)
    )
    return Rule(**{"id": "r"} | told, action=action, target=target)


def rank_scored(scores, *rules, k=20, most_pins=24, items=(), **request):
    """Rank items with the scores that a caller gives them, and others without."""
    known = {item.item_id for item in items}
    shop = Shop(items=[*items, *[Item(item_id=i) for i in scores if i not in known]])
    sent = tuple(Prefetched(item_id, score) for item_id, score in scores.items())
    overrides = NO_DIVERSITY | {"blend_alpha": 1, "blend_beta": 0, "blend_gamma": 0}
    return rank(
        Inputs(
            request=Request(k=k, items=sent, overrides=overrides, **request),
            world=World.of(make_snapshot(shop)),
            history=History.anonymous(),
            plan=Plan.of(
                Configuration(
                    rules=rules, environment={"rules_max_pin_slots": most_pins}
                )
            ),
            at_us=NOON_US,
            seed=1,
        )
    )


def page(ranking):
    return dict(zip(ranking.item_ids, ranking.scores.tolist(), strict=True))


class TestVectorsOfTheReference:
    def test_block_outweighs_pins_and_boosts_which_compound(self):
        ranking = rank_scored(
            {"a": 1.0, "blk": 1.0, "pin": 0.01},
            rule(Action.BLOCK, "blk", id="block", priority=200),
            rule(Action.BOOST, "a", id="low", priority=50, value=0.2),
            rule(Action.BOOST, "a", id="high", priority=150, value=1.2),
            rule(Action.PIN, "pin", "blk", id="late", priority=50),
            rule(Action.PIN, "pin", id="early", priority=300),
            most_pins=1,
        )

        assert page(ranking) == {"pin": 0.01, "a": pytest.approx(2.2 * 1.2)}
        assert reasons(ranking) == (
            ("recent_popularity", "rule.pin[early]"),
            (
                "recent_popularity",
                "rule.boost:+1.20[high]",
                "rule.boost:+0.20[low]",
            ),
        )
        counts = ranking.counts
        assert (counts["rule_block_count"], counts["rule_pin_count"]) == (1, 1)
        assert (counts["rule_boost_count"], counts["rule_block_exposure"]) == (1, 0)

    def test_a_boost_on_nothing_adds_its_value(self):
        assert lifted(0.0, 0.4, 0.0) == 0.4

    def test_a_boost_by_three_makes_a_half_two(self):
        assert lifted(0.5, 3.0, 0.5) == 2.0
        ranking = rank_scored({"a": 1.0, "b": 0.5}, rule(Action.BOOST, "b", value=3.0))
        assert page(ranking) == {"b": 2.0, "a": 1.0}

    def test_pins_lead_in_order_of_precedence(self):
        ranking = rank_scored(
            {"a": 1.0, "b": 0.5, "c": 0.1},
            rule(Action.PIN, "c", id="first", priority=2),
            rule(Action.PIN, "b", id="second", priority=1),
        )

        assert ranking.item_ids == ("c", "b", "a")


class TestBoost:
    def test_of_one_brings_any_item_to_the_last_place(self):
        """The item joins with score 0; the last that would be shown has 0.5."""
        ranking = rank_scored(
            {"a": 1.0, "b": 0.5, "c": 0.25},
            rule(Action.BOOST, "new", value=1.0),
            k=2,
            items=[Item(item_id="new")],
        )

        assert ranking.outcome.ruled.floor == 0.5
        assert page(ranking) == {"a": 1.0, "b": 0.5}
        assert ranking.counts["rule_boost_injected"] == 1

        higher = rank_scored(
            {"a": 1.0, "b": 0.5, "c": 0.25},
            rule(Action.BOOST, "new", value=1.5),
            k=2,
            items=[Item(item_id="new")],
        )
        assert page(higher) == {"a": 1.0, "new": 0.75}

    def test_of_a_tag_acts_on_candidates_only(self):
        ranking = rank_scored(
            {"a": 1.0, "b": 0.5},
            rule(Action.BOOST, tag="sale", value=1.5),
            items=[
                Item(item_id="b", tags=("SALE",)),
                Item(item_id="new", tags=("sale",)),
            ],
        )

        assert page(ranking) == {"b": 1.25, "a": 1.0}

    def test_competes_by_its_score_and_is_not_lifted_above_everything(self):
        ranking = rank_scored(
            {"a": 1.0, "b": 0.5, "c": 0.4}, rule(Action.BOOST, "c", value=0.5), k=1
        )

        # 0.4 + 0.5 * max(0.4, 1.0): the last that would be shown has 1.0.
        assert page(ranking) == {"a": 1.0}
        assert ranking.outcome.scores.max() == 1.0

    @pytest.mark.parametrize(
        ("first", "expected"),
        [("factor", 0.4 * 1.5 + 0.5 * 1.0), ("lift", (0.4 + 0.5 * 1.0) * 1.5)],
    )
    def test_compounds_in_order_of_priority(self, first, expected):
        ranking = rank_scored(
            {"a": 1.0, "b": 0.4},
            rule(
                Action.BOOST,
                tag="sale",
                value=0.5,
                name="factor",
                priority=int(first == "factor"),
            ),
            rule(
                Action.BOOST,
                "b",
                value=0.5,
                name="lift",
                priority=int(first == "lift"),
            ),
            items=[Item(item_id="b", tags=("sale",))],
            k=1,
        )

        assert page(ranking) == {"b": pytest.approx(expected)}

    def test_below_zero_lowers_an_item_that_it_names(self):
        ranking = rank_scored({"a": 1.0, "b": 0.8}, rule(Action.BOOST, "a", value=-0.5))

        assert page(ranking) == {"b": 0.8, "a": 0.5}

    def test_never_brings_back_what_the_request_rules_out(self):
        sold = Item(item_id="sold", stock=0)
        dear = Item(item_id="dear", price=99.0)
        ranking = rank_scored(
            {"a": 1.0},
            rule(Action.BOOST, "sold", "dear", "out", value=9.0),
            rule(
                Action.PIN, "sold", "dear", "out", id="pin", even_if_unavailable=False
            ),
            items=[sold, dear, Item(item_id="out"), Item(item_id="a", price=5.0)],
            constraints=Constraints(price_max=10.0, exclude_item_ids=("out",)),
        )

        assert ranking.item_ids == ("a",)
        assert ranking.counts["constraint_leak_count"] == 0
        assert [left.reason for left in ranking.pins.unpinned] == [
            "out_of_stock",
            "price_above_max",
            "explicit_exclude",
        ]


class TestBury:
    def test_takes_its_share_of_the_score(self):
        ranking = rank_scored({"a": 1.0, "b": 0.9}, rule(Action.BURY, "a", value=0.25))

        assert page(ranking) == {"b": 0.9, "a": 0.75}
        assert "rule.bury:-0.25[r]" in reasons(ranking)[1]

    def test_brings_in_nothing(self):
        ranking = rank_scored(
            {"a": 1.0},
            rule(Action.BURY, "new", value=0.5),
            items=[Item(item_id="new")],
        )

        assert ranking.item_ids == ("a",)


class TestFilter:
    def test_leaves_what_all_filters_name(self):
        ranking = rank_scored(
            {"a": 1.0, "b": 0.5, "c": 0.25},
            rule(Action.FILTER, "a", "b", id="f1"),
            rule(Action.FILTER, "b", "c", id="f2"),
        )

        assert ranking.item_ids == ("b",)
        assert ranking.counts["rule_block_count"] == 2

    def test_takes_the_most_popular_of_what_it_names_when_no_candidate_is_left(self):
        items = [Item(item_id=f"i{n:02}", popularity=50 - n) for n in range(40)]
        ranking = rank(
            Inputs(
                request=Request(k=3, overrides={"popularity_fanout": 5}),
                world=World.of(make_snapshot(Shop(items=items))),
                history=History.anonymous(),
                plan=Plan.of(
                    Configuration(rules=(rule(Action.FILTER, "i33", "i31", "i35"),))
                ),
                at_us=NOON_US,
                seed=1,
            )
        )

        assert ranking.item_ids == ("i31", "i33", "i35")


class TestExplanation:
    def test_tells_each_rule_with_the_scores_before_and_after(self):
        ranking = rank_scored(
            {"a": 1.0, "b": 0.5},
            rule(Action.BOOST, "b", id="up", value=1.0),
            rule(Action.PIN, "b", id="pin", positions=(2,)),
        )

        told = explanations(ranking, level="numeric")

        assert "rules" not in told[0]
        assert told[1]["rules"] == [
            {
                "rule_id": "up",
                "action": "BOOST",
                "value": 1.0,
                "score_before": 0.5,
                "score_after": 1.0,
            },
            {"rule_id": "pin", "action": "PIN", "position": 2},
        ]


class TestManyRulesOnOneItem:
    def test_compound_as_one_after_the_other(self):
        """A thousand rules in groups by chance, checked against a loop."""
        rng = np.random.default_rng(7)
        n, n_groups = 1000, 6
        group = rng.integers(0, n_groups, n).astype(np.int32)
        is_lift = group >= 4
        values = rng.uniform(-0.3, 0.4, n)
        values[rng.integers(0, n, 3)] = -1.0
        factors = np.where(is_lift, np.nan, 1 + values)
        lifts = np.where(is_lift, np.abs(values) / 50, np.nan)
        steps = make_steps(group, n_groups=n_groups, factors=factors, lifts=lifts)
        scores = np.array([0.8, 0.0, 0.3])
        belongs = {0: [0, 1, 4, 5], 1: [5], 2: [2, 3, 4]}
        pairs = [(c, g) for c, groups in belongs.items() for g in groups]
        places, groups = np.array(pairs, dtype=np.int64)[rng.permutation(len(pairs))].T

        boosted = boost(steps, Hits(places, groups), scores=scores, floor=0.25)

        for candidate, own in belongs.items():
            score = scores[candidate]
            for i in np.flatnonzero(np.isin(group, own)).tolist():
                score = (
                    lifted(score, lifts[i], 0.25) if is_lift[i] else score * factors[i]
                )
            assert boosted[candidate] == pytest.approx(score, rel=1e-9)
