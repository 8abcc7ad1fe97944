"""What is kept of an answer: enough to give it again, and nothing personal in it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from audit import spool
from audit.operations import drain_now
from catalog.access import forget_cached
from catalog.models import Namespace
from catalog.tenancy import org_scope
from tests.ranking.builds import build
from tests.ranking.serve.replays import decision_of, replayed_digest, stored
from tests.ranking.shops import Shop, item, items


@pytest.fixture
def eventful(shop: Shop) -> Shop:
    """A shop with a build, changes since, segments and a profile with bundles."""
    shop.sell(
        *items([f"tea{n}" for n in range(10)], tags=["tea"], brand="leaf"),
        *items([f"mug{n}" for n in range(10)], tags=["mug"], brand="clay"),
    )
    shop.record(
        *[
            (f"u{user}", f"{('tea', 'mug')[user % 2]}{(user + step) % 10}", "purchase")
            for user in range(20)
            for step in range(5)
        ]
    )
    shop.record(("ana", "tea0", "purchase"), ("ana", "mug3", "click"))
    build(shop)
    shop.sell(item("tea-new", tags=["tea", "fresh"], brand="novel"))
    shop.sell(item("tea1", available=False), item("mug1", price=99.0))
    shop.ask("/v1/items:delete", item_id="mug2")
    shop.ask(
        "/v1/segment-profiles:upsert",
        profiles=[{"profile_id": "phone", "profile_boost": 2.0}],
    )
    rule = {"all": [{"eq": ["ctx.device", "phone"]}, {"exists": "user.id"}]}
    shop.ask(
        "/v1/segments:upsert",
        segment={"segment_id": "m", "profile_id": "phone", "rules": [{"rule": rule}]},
    )
    shop.ask(
        "/v1/admin/recommendation/config",
        config={"brand_cap": 4, "surfaces": {"home": {"mmr_lambda": 0.3}}},
    )
    return shop


REQUESTS: dict[str, dict[str, Any]] = {
    "nobody": {},
    "somebody": {"user_id": "ana"},
    "a stranger": {"user_id": "stranger"},
    "by segment": {"user_id": "ana", "context": {"device": "phone", "token": "s3cr3t"}},
    "explained": {"user_id": "ana", "explain_level": "full", "include_reasons": True},
    "on a surface": {"user_id": "ana", "surface": "home", "k": 7},
    "overridden": {"user_id": "ana", "overrides": {"mmr_lambda": 0.9, "nonsense": 1}},
    "blended": {"user_id": "ana", "blend": {"pop": 0.1, "cooc": 0.9}},
    "explored": {"user_id": "ana", "overrides": {"exploration_slots": 4}, "k": 10},
    "constrained": {
        "constraints": {
            "include_tags_any": ["tea", "mug"],
            "price_between": [1, 50],
            "exclude_item_ids": ["tea4"],
            "created_after": "2020-01-01T00:00:00Z",
        }
    },
}


class TestStoredDecision:
    def test_is_all_it_takes_to_give_the_same_answer_again(self, eventful: Shop):
        kept = {
            name: stored(eventful, eventful.ask("/v1/recommendations", **fields))
            for name, fields in REQUESTS.items()
        }
        # What happens afterwards must not matter.
        eventful.record(("ana", "mug5", "purchase"))
        eventful.sell(item("later", tags=["tea"]), item("tea5", price=1.0))
        eventful.ask("/v1/admin/recommendation/config", config={"brand_cap": 1})
        build(eventful)

        again = {name: replayed_digest(eventful, each) for name, each in kept.items()}

        assert again == {
            name: bytes(each.decision.answer_digest) for name, each in kept.items()
        }

    def test_of_a_rerank_gives_the_same_answer_again(self, eventful):
        sent = [{"item_id": "tea3", "score": 2}, {"item_id": "mug4"}, {"item_id": "?"}]
        answer = eventful.ask("/v1/rerank", user_id="ana", items=sent)

        kept = stored(eventful, answer)

        assert replayed_digest(eventful, kept) == bytes(kept.decision.answer_digest)
        assert kept.decision.route == "rerank"

    def test_without_any_build_gives_the_same_answer_again(self, shop):
        shop.sell(item("a"), item("b"))
        shop.sell(item("c"), item("a", available=False))
        shop.record(("ana", "b", "view"))

        kept = stored(shop, shop.recommend("ana"))

        assert replayed_digest(shop, kept) == bytes(kept.decision.answer_digest)
        assert kept.decision.degraded == ["no_build"]

    def test_names_everything_that_it_depended_on(self, eventful):
        answer = eventful.recommend("ana", surface="home", k=5)

        kept = stored(eventful, answer)

        decision = kept.decision
        assert len(bytes(decision.snapshot_hash)) == 32
        assert len(bytes(decision.configuration_hash)) == 32
        assert decision.change_number > 0
        assert (decision.profile, decision.profile_version) == ("default", 1)
        assert decision.surface == "home"
        assert decision.k == 5
        assert kept.trace.layers["mmr_lambda"] == "surface:home"
        assert kept.trace.knobs["brand_cap"] == 4

    def test_shows_how_the_answer_came_about(self, eventful):
        answer = eventful.recommend("ana", k=5, overrides={"exploration_slots": 1})

        trace = stored(eventful, answer).trace

        shown = trace.items.columns
        assert trace.items.ids == [each["item_id"] for each in answer["items"]]
        assert shown["score"].tolist() == [each["score"] for each in answer["items"]]
        assert all(trace.items.reasons)
        slots = trace.candidates["slot"]
        assert sorted(slots[slots > 0].tolist()) == [1, 2, 3, 4, 5]
        ranks = trace.candidates["rank"]
        assert ranks[ranks > 0].tolist() == list(range(1, len(ranks[ranks > 0]) + 1))
        assert np.nanmax(trace.candidates["source.popularity"]) > 0
        assert list(trace.propensities) == [5]
        dropped = [trace.drops.reasons[code] for code in trace.drops.columns["reason"]]
        assert "already_bought" in dropped
        assert trace.policy == answer["trace"]["extras"]["policy"]

    def test_shows_how_full_the_caps_were(self, eventful):
        answer = eventful.recommend(
            "ana", k=6, overrides={"brand_cap": 3, "mmr_lambda": 1.0}
        )

        kept = stored(eventful, answer)
        told = eventful.get(f"/v1/audit/decisions/{answer['decision_id']}").json()

        counts = told["caps"]
        assert [*counts] == kept.trace.items.ids
        assert {each["brand"] for each in counts.values()} == {1, 2, 3}
        picks = [each["pick_index"] for each in told["mmr_info"]]
        assert sorted(picks) == [1, 2, 3, 4, 5, 6]
        assert all(isinstance(pick, int) for pick in picks)

    def test_beyond_the_rate_keeps_its_items_and_no_trace(self, eventful):
        switches = {"traces_per_second": 1e-9, "trace_sample": 0}
        Namespace.objects.filter(pk=eventful.namespace.pk).update(switches=switches)
        forget_cached()

        answer = eventful.recommend("ana", k=4)
        spool.flush()
        drain_now(clock=timezone.now)

        with org_scope(eventful.org_id):
            decision = decision_of(answer)
        assert decision.trace is None
        assert len(decision.items) == 4
        assert decision.user_hash is not None

    def test_keeps_what_is_personal_apart(self, eventful):
        answer = eventful.recommend(
            "ana", context={"device": "phone", "email": "ana@example.org", "token": "x"}
        )

        kept = stored(eventful, answer)

        assert kept.private is not None
        assert kept.private.user_id == "ana"
        assert len(kept.private.history["number"]) == 2
        assert kept.private.context == {"device": "phone"}
        assert "ana" not in repr(kept.trace)
        assert bytes(kept.decision.user_hash or b"") != b"ana"

    def test_is_small(self, eventful):
        kept = stored(eventful, eventful.recommend("ana"))

        assert len(bytes(kept.decision.trace or b"")) < 6_000

    def test_finds_who_dropped_out_by_constraint(self, eventful):
        answer = eventful.recommend(constraints={"price_between": [None, 50]})

        kept = stored(eventful, answer)

        assert len(kept.decision.dropped) == 1
