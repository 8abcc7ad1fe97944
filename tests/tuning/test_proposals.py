"""From a sweep over HTTP to a published profile, and back."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.utils import timezone

from catalog.models import Namespace
from catalog.operations.runs import execute
from catalog.tenancy import org_scope
from rules.operations.actors import EVERYTHING, Actor
from tuning.models import Proposal, Sweep, Trial, TrialState
from tuning.operations.proposals import (
    ProposalError,
    approve,
    propose,
    publish,
    reject,
    take_back,
)

SWEEPS = "/v1/admin/sweeps"
CONFIG = "/v1/admin/recommendation/config"


def actor(name):
    return Actor(identity=f"staff:{name}", name=name, source="ui", verbs=EVERYTHING)


@pytest.fixture
def finished(shop):
    """A finished sweep as its workers would have left it."""
    shop.ask(CONFIG, config={"blend_alpha": 0.3, "brand_cap": 2})
    with org_scope(shop.org_id):
        sweep = Sweep.objects.create(
            org_id=shop.org_id,
            namespace=shop.namespace,
            spec=SPEC,
            profile="default",
            profile_version=1,
            document={"blend_alpha": 0.3, "brand_cap": 2},
            budget=2,
            outcome={"best": 1, "evidence": {"verdict": "pass", "confidence": "high"}},
            created_at=timezone.now(),
            finished_at=timezone.now(),
        )
        best = Trial.objects.create(
            org_id=shop.org_id,
            namespace=shop.namespace,
            sweep=sweep,
            number=1,
            values={"blend_alpha": 0.8, "blend_beta": 0.1},
            state=TrialState.DONE,
        )
    return SimpleNamespace(sweep=sweep, best=best)


SPEC = {
    "parameters": [
        {"knob": "blend_alpha", "low": 0, "high": 1},
        {"knob": "blend_beta", "low": 0, "high": 1},
    ]
}


def proposed(shop, finished, *, by="ana"):
    with org_scope(shop.org_id):
        made = propose(
            finished.sweep, finished.best, actor=actor(by), at=timezone.now()
        )
        assert isinstance(made, Proposal)
        return made


def alpha(shop):
    return shop.get(CONFIG, namespace="shop").json()["config"]["blend_alpha"]


class TestAProposal:
    def test_ranks_nothing_until_it_is_published(self, shop, finished):
        made = proposed(shop, finished)

        assert alpha(shop) == 0.3
        assert made.version.config == {
            "blend_alpha": 0.8,
            "blend_beta": 0.1,
            "brand_cap": 2,
        }

    def test_is_approved_published_and_taken_back(self, shop, finished):
        made = proposed(shop, finished)
        with org_scope(shop.org_id):
            approve(made, actor=actor("ben"))
            publish(made, actor=actor("ben"), at=timezone.now())
        assert alpha(shop) == 0.8
        with org_scope(shop.org_id):
            take_back(made, actor=actor("ben"), at=timezone.now())

        assert alpha(shop) == 0.3

    def test_is_made_once_of_a_trial_while_it_waits(self, shop, finished):
        first, again = proposed(shop, finished), proposed(shop, finished)
        with org_scope(shop.org_id):
            reject(first, actor=actor("ben"))

        assert again == first
        assert proposed(shop, finished) != first

    def test_is_not_made_of_the_profile_as_it_was(self, shop, finished):
        finished.best.number = 0

        with pytest.raises(ProposalError, match="nothing to propose"):
            proposed(shop, finished)

    def test_needs_four_eyes_where_the_namespace_wants_them(self, shop, finished):
        made = proposed(shop, finished, by="ana")
        Namespace.objects.filter(org_id=shop.org_id).update(four_eyes=True)

        with org_scope(shop.org_id):
            with pytest.raises(ProposalError, match="somebody else"):
                approve(made, actor=actor("ana"))
            assert approve(made, actor=actor("ben")).state == "approved"

    def test_is_not_published_against_a_guardrail(self, shop, finished):
        finished.sweep.outcome["evidence"]["verdict"] = "stop"
        made = proposed(shop, finished)
        with org_scope(shop.org_id):
            approve(made, actor=actor("ben"))
            with pytest.raises(ProposalError, match="guardrail"):
                publish(made, actor=actor("ben"), at=timezone.now())

        assert alpha(shop) == 0.3

    def test_is_not_published_over_what_came_since(self, shop, finished):
        made = proposed(shop, finished)
        shop.ask(CONFIG, config={"blend_alpha": 0.5})
        with org_scope(shop.org_id):
            approve(made, actor=actor("ben"))
            with pytest.raises(ProposalError, match="Version 3 of default"):
                publish(made, actor=actor("ben"), at=timezone.now())

        assert alpha(shop) == 0.5


class TestOverHttp:
    def test_a_sweep_is_started_followed_and_proposed(self, past):
        sent = {
            "name": "Spring",
            "parameters": SPEC["parameters"],
            "strategy": "random",
            "budget": 3,
            "batch": 3,
            "evaluation": {
                "split": {"quantile": 0.6, "until_quantile": 0.8},
                "baselines": ["popularity"],
                "task": "all",
            },
        }
        started = past.ask(SWEEPS, spec=sent)
        assert started["state"] == "queued"
        execute(started["run_id"], org_id=past.org_id, clock=timezone.now)

        one = f"{SWEEPS}/{started['sweep_id']}"
        found = past.get(one).json()
        trials = past.get(f"{one}/trials").json()["trials"]
        best = past.post(f"{one}:propose", {})

        assert (found["state"], found["trials"]) == ("finished", {"done": 3})
        assert [each["number"] for each in trials] == [0, 1, 2]
        assert best.status_code == 201, best.content
        proposal = best.json()
        assert proposal["trial"] == found["outcome"]["best"]
        misspelt = past.post(f"{one}:propose", {"trail": 2})
        assert (misspelt.status_code, "trail" in misspelt.json()["message"]) == (
            400,
            True,
        )
        listed = past.get("/v1/admin/proposals", namespace="shop").json()
        assert [each["proposal_id"] for each in listed["items"]] == [
            proposal["proposal_id"]
        ]
        assert "evidence" not in listed["items"][0]
        path = f"/v1/admin/proposals/{proposal['proposal_id']}"
        assert past.post(f"{path}:approve", {}).json()["state"] == "approved"

    def test_a_knob_outside_its_range_is_refused_by_name(self, shop):
        spec = {"parameters": [{"knob": "mmr_lambda", "low": 0, "high": 3}]}
        shop.sell({"item_id": "a"})

        answer = shop.post(SWEEPS, {"namespace": "shop", "spec": spec})

        assert answer.status_code == 400
        assert "mmr_lambda must be a number from 0 to 1" in answer.json()["message"]

    def test_a_knob_of_signals_is_not_tuned_for_some_users_alone(self, shop):
        knob = {"knob": "popularity_halflife_days", "low": 1, "high": 9}
        shop.sell({"item_id": "a"})

        answer = shop.post(
            SWEEPS,
            {"namespace": "shop", "spec": {"parameters": [knob | {"segment": "tea"}]}},
        )

        assert answer.status_code == 400
        assert answer.json()["details"]["field"] == "spec.parameters[0]"
        assert "acts while signals are built" in answer.json()["message"]

    def test_another_orgs_sweep_does_not_exist(self, shop, finished):
        path = f"{SWEEPS}/{finished.sweep.pk}"
        theirs = shop.client.get(path, headers={"X-Org-ID": str(uuid4())})

        assert theirs.status_code == 404
        assert shop.get(path).status_code == 200

    def test_a_sweep_is_paused_and_goes_on(self, shop):
        shop.sell({"item_id": "a"})
        spec = {"parameters": SPEC["parameters"]}
        one = f"{SWEEPS}/{shop.ask(SWEEPS, spec=spec)['sweep_id']}"

        assert "Pause it" in shop.post(f"{one}:conclude", {}).json()["message"]
        assert shop.post(f"{one}:pause", {}).json()["state"] == "paused"
        nothing = shop.post(f"{one}:conclude", {})
        assert (nothing.status_code, nothing.json()["code"]) == (409, "wrong_state")
        assert shop.post(f"{one}:resume", {}).json()["state"] == "queued"
        assert shop.post(f"{one}:resume", {}).status_code == 409
