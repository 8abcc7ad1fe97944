from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from ranking.core.answer import (
    answer_digest,
    canonical_answer,
    explanations,
    model_version,
    reasons,
)
from ranking.core.configuration import Configuration
from ranking.core.inputs import Inputs
from ranking.core.layers import Plan
from ranking.core.pipeline import rank
from ranking.core.request import Blend, History, Prefetched, Request
from ranking.core.sentences import SENTENCES, sentence
from ranking.core.validation import what_would_be_used
from ranking.core.world import World
from tests.ranking.golden import QUESTIONS, answered
from tests.ranking.worlds import NOON_US, Item, Shop, make_history, make_snapshot


def inputs(shop, *events, **request):
    return Inputs(
        request=Request(**request),
        world=World.of(make_snapshot(shop)),
        history=make_history(shop, *events) if events else History.anonymous(),
        plan=Plan.of(Configuration()),
        at_us=NOON_US,
        seed=0,
    )


def reasons_by_id(shop, *events, **request):
    ranking = rank(inputs(shop, *events, **request))
    return dict(zip(ranking.item_ids, reasons(ranking), strict=True))


PAIR = Shop(
    items=[Item(item_id="seen", popularity=4), Item(item_id="mate", popularity=0)],
    covisitation={"seen": {"mate": 0.5}},
)


class TestReasons:
    def test_name_only_what_added_to_the_score(self):
        told = reasons_by_id(PAIR, ("seen", 0, 1))

        assert told == {
            "mate": ("co_visitation",),
            "seen": ("recent_popularity", "repeat"),
        }

    def test_do_not_name_a_signal_without_weight(self):
        told = reasons_by_id(PAIR, ("seen", 0, 1), overrides={"blend_beta": 0})

        assert told["mate"] == ("fallback",)

    @pytest.mark.parametrize("similarity", ["max", "weighted"])
    def test_name_the_strongest_likeness_alone(self, similarity):
        shop = Shop(
            items=[
                Item(item_id="seen", content=[1, 0]),
                Item(item_id="near", content=[1, 0]),
                Item(item_id="next", content=[1, 3]),
            ],
            session={"seen": {"next": 1.0}},
        )

        told = reasons_by_id(shop, ("seen", 0, 1), overrides={"similarity": similarity})

        assert told["next"][0] == "session_sequence"
        assert "session_sequence" not in told["near"]

    def test_name_diversity_only_where_it_moved_an_item(self):
        alike = {"content": [1, 0]}
        shop = Shop(
            items=[
                Item(item_id="a", popularity=10, **alike),
                Item(item_id="b", popularity=9, **alike),
                Item(item_id="c", popularity=8, content=[0, 1]),
            ]
        )

        told = reasons_by_id(shop)

        assert told == {
            "a": ("recent_popularity",),
            "c": ("recent_popularity", "diversity"),
            "b": ("recent_popularity", "diversity"),
        }
        assert list(told) == ["a", "c", "b"]

    def test_say_when_nothing_but_the_callers_wish_counts(self):
        told = reasons_by_id(PAIR, items=(Prefetched("mate"),))

        assert told == {"mate": ("prefetched",)}

    @pytest.mark.parametrize("name", QUESTIONS)
    def test_all_have_a_sentence(self, name):
        for told in reasons(answered(name)):
            assert all(reason in SENTENCES for reason in told)
            assert all(sentence(reason).endswith(".") for reason in told)


class TestExplanations:
    def test_explain_nothing_at_the_level_of_tags(self):
        assert explanations(answered("anonymous"), level="tags") is None

    def test_add_up_to_the_score(self):
        ranking = answered("known")

        for item, score in zip(
            explanations(ranking, level="numeric"), ranking.scores, strict=True
        ):
            blend, personal = item["blend"], item["personalization"]
            total = sum(blend["contrib"].values()) * personal["boost_multiplier"]
            assert total == pytest.approx(score, rel=1e-8)

    def test_have_the_shape_that_clients_read(self):
        numeric = explanations(answered("capped"), level="numeric")[1]
        full = explanations(answered("capped"), level="full")[1]

        assert set(numeric["mmr"]) == {"lambda", "max_sim", "penalty"}
        assert set(full["mmr"]) == {*numeric["mmr"], "relevance", "rank"}
        assert {"limit", "count", "value", "applied"} <= set(full["caps"]["brand"])
        assert "raw" in full["blend"]
        assert "raw" not in numeric["blend"]
        assert {"alpha", "beta", "gamma", "pop_norm", "cooc_norm", "emb_norm"} <= set(
            numeric["blend"]
        )

    def test_name_the_recent_items_or_say_that_there_are_none(self):
        anonymous = explanations(answered("anonymous"), level="full")[0]
        known = explanations(answered("known"), level="full")[0]

        assert anonymous["anchors"] == ["(no_recent_activity)"]
        assert known["anchors"][0] == "item-000"

    def test_can_be_sent(self):
        assert msgspec.json.encode(canonical_answer(answered("known")))


class TestAnswerDigest:
    def test_changes_with_what_was_degraded(self):
        ranking = answered("anonymous")

        assert answer_digest(ranking) != answer_digest(ranking, degraded=["history"])

    def test_does_not_change_with_the_seed_when_nothing_is_explored(self):
        asked = inputs(PAIR, ("seen", 0, 1))

        assert answer_digest(rank(asked)) == answer_digest(rank(replace(asked, seed=9)))


def test_labels_a_model_as_old_clients_expect():
    assert model_version(Request()) == "popularity_v1"
    assert model_version(Request(blend=Blend(pop=1))) == "popularity_v1"
    assert model_version(Request(blend=Blend(als=0.2))) == "blend_v1"


def test_tells_what_would_be_used_without_ranking():
    told = what_would_be_used(
        inputs(PAIR, overrides={"brand_cap": 2}, items=(Prefetched("nope"),))
    )

    assert told["knobs"]["brand_cap"] == {"value": 2, "source": "overrides"}
    assert told["changed"] == {"brand_cap": 2}
    assert told["unknown_items"] == ["nope"]
    assert told["is_new_user"]
