"""Bandits over HTTP: policies, choices, rewards, and rankings by them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.utils import timezone

from audit.models import Feedback, FeedbackKind, FeedbackState
from catalog.tenancy import org_scope
from ranking.models import BanditArm, BanditDecision
from ranking.operations.bandit_rewards import forget_old, settle
from ranking.tasks import settle_bandits
from tests.ranking.serve.replays import replayed_digest, stored
from tests.ranking.shops import Shop, items

pytestmark = pytest.mark.django_db(transaction=True)

FRESH = {"policy_id": "fresh", "name": "Fresh", "blend_alpha": 0.9, "mmr_lambda": 0.2}
STEADY = {"policy_id": "steady", "blend_beta": 0.7, "active": True, "notes": "as ever"}
SLEEPING = {"policy_id": "sleeping", "active": False}


@pytest.fixture
def bandit(shop: Shop) -> Shop:
    shop.ask("/v1/bandit/policies:upsert", policies=[FRESH, STEADY, SLEEPING])
    return shop


def decide(shop: Shop, **fields: Any) -> dict[str, Any]:
    asked = {"surface": "home", "context": {"Device": "Phone"}, **fields}
    answer: dict[str, Any] = shop.ask("/v1/bandit/decide", **asked)
    return answer


def refused(shop: Shop, path: str, status: int, **fields: Any) -> str:
    response = shop.post(path, {"namespace": shop.name, **fields})
    assert response.status_code == status, response.content
    return str(response.json()["code"])


def arms(shop: Shop) -> dict[str, tuple[int, float]]:
    with org_scope(shop.org_id):
        return {
            arm.policy_id: (arm.trials, arm.reward_sum)
            for arm in BanditArm.objects.all()
        }


class TestPolicies:
    def test_are_listed_as_they_were_sent_the_inactive_too(self, bandit: Shop):
        nobodys = bandit.get("/v1/bandit/policies", namespace="new")
        unnamed = bandit.get("/v1/bandit/policies")
        listed = bandit.get("/v1/bandit/policies", namespace="shop").json()

        assert [each["policy_id"] for each in listed] == ["fresh", "sleeping", "steady"]
        assert FRESH.items() <= listed[0].items()
        assert STEADY.items() <= listed[2].items()
        assert listed[1]["active"] is False
        assert nobodys.json() == []
        assert unnamed.json()["code"] == "missing_namespace"

    def test_with_a_wrong_knob_are_refused_and_with_a_useless_one_warn(
        self, bandit: Shop
    ):
        wrong = [{"policy_id": "new"}, {"policy_id": "bad", "mmr_lambda": 7}]
        code = refused(bandit, "/v1/bandit/policies:upsert", 400, policies=wrong)

        assert code == "invalid_policy"
        assert len(bandit.get("/v1/bandit/policies", namespace="shop").json()) == 3

        policy = {"policy_id": "slow", "half_life_days": 3, "colour": "red"}
        answer = bandit.ask("/v1/bandit/policies:upsert", policies=[policy])
        assert answer["accepted"] == 1
        assert len(answer["warnings"]) == 2


class TestDecide:
    def test_chooses_an_active_policy_and_says_how_likely_it_was(self, bandit: Shop):
        answer = decide(bandit, request_id="r1")

        assert answer["policy_id"] in ("fresh", "steady")
        assert answer["algorithm"] == "thompson"
        assert answer["bucket_key"] == "ctx:device=phone"
        assert answer["explain"] == {
            "surface": "home",
            "bucket": "ctx:device=phone",
            "emp_best": "fresh",
        }
        assert answer["explore"] == (answer["policy_id"] != "fresh")
        assert answer["propensity"] == pytest.approx(0.5, abs=0.01)

    def test_keeps_to_the_candidates_that_are_there(self, bandit: Shop):
        path, nobody = "/v1/bandit/decide", {"candidate_policy_ids": ["gone"]}
        answer = decide(bandit, candidate_policy_ids=["gone", "sleeping"])

        assert answer["policy_id"] == "sleeping"
        assert refused(bandit, path, 400, surface="home", **nobody) == (
            "no_eligible_policies"
        )
        assert refused(bandit, path, 400) == "missing_surface"
        response = bandit.post(path, {"surface": "home"})
        assert response.json()["code"] == "missing_namespace"

    def test_takes_the_algorithm_of_the_call_else_of_the_namespace(self, bandit: Shop):
        bandit.ask("/v1/admin/recommendation/config", config={"bandit_algo": "linucb"})

        asked = decide(bandit, algorithm="ucb1")
        assert (asked["algorithm"], asked["propensity"]) == ("ucb1", 1.0)
        assert decide(bandit)["algorithm"] == "linucb"


class TestHoldout:
    @pytest.fixture(autouse=True)
    def half_held(self, bandit: Shop) -> None:
        experiment = {"enabled": True, "holdout_percent": 0.5, "surfaces": ["home"]}
        bandit.ask(
            "/v1/admin/recommendation/config",
            config={"bandit_experiment": {**experiment, "label": "rt7d"}},
        )

    def test_keeps_a_shopper_in_one_group_on_its_surfaces(self, bandit: Shop):
        groups = {
            user: {decide(bandit, user_id=user)["variant"] for _ in range(3)}
            for user in (f"user-{n}" for n in range(12))
        }

        assert {len(variants) for variants in groups.values()} == {1}
        assert set.union(*groups.values()) == {"control", "treatment"}
        assert "variant" not in decide(bandit, surface="cart")

    def test_gives_the_control_group_the_best_so_far(self, bandit: Shop):
        for _ in range(3):
            told = {"bucket_key": "ctx:device=phone", "policy_id": "steady"}
            bandit.ask("/v1/bandit/reward", surface="home", reward=True, **told)
        answers = [decide(bandit, user_id=f"user-{n}") for n in range(12)]

        control = [each for each in answers if each["variant"] == "control"]
        assert {each["policy_id"] for each in control} == {"steady"}
        assert not any(each["explore"] for each in control)
        assert {each["experiment"] for each in answers} == {"rt7d"}


class TestReward:
    def tell(self, shop: Shop, **fields: Any) -> dict[str, Any]:
        answer: dict[str, Any] = shop.ask("/v1/bandit/reward", **fields)
        return answer

    def test_of_a_decision_counts_once_and_by_its_largest(self, bandit: Shop):
        chosen = decide(bandit)
        decision = {"decision_id": chosen["decision_id"]}

        assert self.tell(bandit, **decision, reward=0.25)["learned"]
        assert not self.tell(bandit, **decision, reward=0.25)["learned"]
        assert self.tell(bandit, **decision, reward=True)["learned"]
        assert not self.tell(bandit, **decision, reward=False)["learned"]
        assert arms(bandit) == {chosen["policy_id"]: (1, 1.0)}

    def test_of_a_request_finds_its_decision_in_its_own_org(self, bandit: Shop):
        chosen = decide(bandit, request_id="r7")
        stranger = Shop(uuid4(), bandit.client)
        body = {"decision_id": chosen["decision_id"], "reward": 1}
        old_style = {name: chosen[name] for name in ("bucket_key", "policy_id")}
        answer = self.tell(
            bandit, surface="home", reward=True, request_id="r7", **old_style
        )

        assert answer["decision_id"] == chosen["decision_id"]
        assert refused(stranger, "/v1/bandit/reward", 404, **body) == (
            "decision_not_found"
        )

    def test_without_a_decision_counts_once_a_request(self, bandit: Shop):
        told = {"surface": "home", "bucket_key": "ctx:empty", "policy_id": "fresh"}
        for _ in range(2):
            self.tell(bandit, **told, reward=True, request_id="r9")
        for _ in range(2):
            self.tell(bandit, **told, reward=False)

        assert arms(bandit) == {"fresh": (3, 1.0)}

    def test_that_cannot_be_counted_is_refused(self, bandit: Shop):
        decision = {"decision_id": str(uuid4())}
        for fields, status, code in (
            ({"reward": True}, 400, "missing_fields"),
            (decision, 400, "missing_fields"),
            ({"surface": "home", "bucket_key": "b"}, 400, "missing_fields"),
            ({**decision, "reward": 1.5}, 400, "invalid_reward"),
            ({**decision, "reward": 1}, 404, "decision_not_found"),
        ):
            assert refused(bandit, "/v1/bandit/reward", status, **fields) == code

    def test_is_not_lost_among_others_at_once(self, bandit: Shop):
        asked = {"candidate_policy_ids": ["fresh"], "algorithm": "linucb"}
        chosen = [decide(bandit, **asked)["decision_id"] for _ in range(16)]

        def tell(decision_id: str) -> None:
            try:
                for _ in range(2):
                    self.tell(bandit, decision_id=decision_id, reward=0.5)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(max_workers=4) as pool:
            list(pool.map(tell, chosen))

        assert arms(bandit) == {"fresh": (16, 8.0)}

    def test_is_learned_from(self, bandit: Shop):
        taken = []
        for _ in range(30):
            chosen = decide(bandit, algorithm="ucb1")
            won = chosen["policy_id"] == "steady"
            self.tell(bandit, decision_id=chosen["decision_id"], reward=won)
            taken.append(chosen["policy_id"])

        assert taken[-10:].count("steady") >= 7


class TestSettlement:
    def test_counts_what_earned_nothing_until_a_late_reward_raises_it(
        self, bandit: Shop
    ):
        chosen = [decide(bandit, candidate_policy_ids=["fresh"]) for _ in range(3)]
        bandit.ask(
            "/v1/bandit/reward", decision_id=chosen[0]["decision_id"], reward=True
        )
        tomorrow = timezone.now() + timedelta(hours=25)
        with org_scope(bandit.org_id):
            count = settle(bandit.namespace, at=tomorrow, window=timedelta(days=1))
            again = settle(bandit.namespace, at=tomorrow, window=timedelta(days=1))

        assert (count, again) == (2, 0)
        assert arms(bandit) == {"fresh": (3, 1.0)}
        bandit.ask(
            "/v1/bandit/reward", decision_id=chosen[1]["decision_id"], reward=0.5
        )
        assert arms(bandit) == {"fresh": (3, 1.5)}
        with org_scope(bandit.org_id):
            forget_old(bandit.namespace, at=timezone.now() + timedelta(days=91))

            assert not BanditDecision.objects.exists()
        assert arms(bandit) == {"fresh": (3, 1.5)}


class TestRecommendations:
    @pytest.fixture
    def selling(self, bandit: Shop) -> Shop:
        bandit.sell(*items([f"tea{n}" for n in range(8)], tags=["tea"]))
        bandit.record(*[("ana", f"tea{n}", "view") for n in range(4)])
        return bandit

    def test_rank_by_the_chosen_policy_and_keep_no_choice_of_a_dry_run(
        self, selling: Shop
    ):
        selling.ask("/v1/bandit/recommendations", surface="home", dry_run=True)
        with org_scope(selling.org_id):
            assert not BanditDecision.objects.exists()
        answer = selling.ask(
            "/v1/bandit/recommendations",
            surface="home",
            user_id="ana",
            k=3,
            context={"device": "phone"},
            candidate_policy_ids=["fresh"],
            request_id="r1",
        )

        kept = stored(selling, answer)
        assert len(answer["items"]) == 3
        assert answer["chosen_policy_id"] == "fresh"
        assert answer["bandit_bucket"] == "ctx:device=phone"
        assert answer["bandit_explain"]["emp_best"] == "fresh"
        assert answer["request_id"] == "r1"
        assert kept.decision.arm == "bandit/fresh"
        assert kept.trace.knobs["blend_alpha"] == 0.9
        assert kept.trace.layers["blend_alpha"] == "arm"

    def test_earn_what_feedback_says_came_of_them(self, selling: Shop):
        answer = selling.ask("/v1/bandit/recommendations", surface="home", k=2)
        now = timezone.now()
        with org_scope(selling.org_id):
            for kind in (FeedbackKind.CLICK, FeedbackKind.CART):
                Feedback.objects.create(
                    decision_id=answer["decision_id"],
                    decision_day=now.date(),
                    org_id=selling.org_id,
                    namespace=selling.namespace,
                    key=f"c:{kind}",
                    kind=kind,
                    at=now,
                    received_at=now,
                    window_hours=24,
                    source=0,
                    state=FeedbackState.COUNTED,
                )
        settle_bandits()
        settle_bandits()

        assert arms(selling) == {answer["chosen_policy_id"]: (1, 0.6)}

    def test_are_replayed_to_the_byte_after_the_bandit_learned_more(
        self, selling: Shop
    ):
        asked = {"surface": "home", "user_id": "ana", "k": 5}
        answers = [selling.ask("/v1/bandit/recommendations", **asked) for _ in range(6)]
        for answer in answers:
            selling.ask(
                "/v1/bandit/reward", decision_id=answer["decision_id"], reward=True
            )
        selling.ask(
            "/v1/bandit/policies:upsert", policies=[{**FRESH, "blend_alpha": 0.1}]
        )

        for answer in answers:
            kept = stored(selling, answer)
            digest = replayed_digest(selling, kept)
            assert digest == bytes(kept.decision.answer_digest)
            told = kept.trace.bandit
            assert told["policy_id"] == answer["chosen_policy_id"]
            assert len(told["arms"]) == 2
