"""Bandits, experiments and off-policy estimates in the admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Run
from catalog.operations.runs import execute
from catalog.tenancy import org_scope
from ranking.models import BanditArm, BanditDecision, BanditPolicy, Experiment
from tests.admin.conftest import LogIn, Shops
from tests.clock import NOON

pytestmark = pytest.mark.django_db

BANDITS = "/admin/ranking/banditpolicy/"
EXPERIMENTS = "/admin/ranking/experiment/"
OFF_POLICY = "/admin/ranking/banditdecision/"
DRAFT = {
    "name": "variety",
    "share": "50",
    "metric": "clicks",
    "smallest_effect": "3",
    "ends_at": "2030-01-01T00:00",
    "variant-0": "control",
    "variant-1": "varied",
    "weight-1": "2",
    "knobs-1": '{"mmr_lambda": 0.3}',
}


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


def row_of(shops: Shops, model: Any) -> Any:
    with org_scope(shops.ours.org_id):
        return model.objects.filter(namespace=shops.ours).order_by("pk").last()


def do_newest_run(shops: Shops, client: Client) -> None:
    with org_scope(shops.ours.org_id):
        run = Run.objects.order_by("-created_at").first()
    assert run is not None
    execute(run.pk, org_id=run.org_id, clock=timezone.now)


class TestBandits:
    def test_show_what_policies_earned_with_its_interval(
        self, shops: Shops, log_in: LogIn
    ) -> None:
        client = log_in("publisher")
        made = client.post(
            f"{BANDITS}add/",
            {
                "policy_id": "fresh",
                "name": "Fresh",
                "active": "on",
                "mmr_lambda": "0.2",
            },
        )
        ours = shops.ours
        with org_scope(ours.org_id):
            where = {"org": ours.org, "namespace": ours, "surface": "home"}
            arm = {"bucket_key": "ctx:device=phone", "policy_id": "fresh"}
            BanditArm.objects.create(
                **where,
                **arm,
                algorithm="thompson",
                trials=100,
                reward_sum=50,
                updated_at=NOON,
            )
            BanditDecision.objects.create(
                **where,
                **arm,
                decision_id="0199a7c2-6b1e-7c3a-9d42-5f0e8a1b2c3d",
                algorithm="thompson",
                explore=True,
                propensity=0.25,
                decided_at=NOON,
            )
        page = text_of(client, BANDITS)

        assert made.status_code == 302
        assert row_of(shops, BanditPolicy).knobs == {"mmr_lambda": 0.2}
        for words in ("Fresh", "0.500", "0.404 to 0.596", "Explores", "ctx:device"):
            assert words in page
        changed = f"{BANDITS}{row_of(shops, BanditPolicy).pk}/change/"
        assert "Fresh" in text_of(client, changed)
        client.post(changed, {"name": "Off now"})
        assert not row_of(shops, BanditPolicy).active

    def test_keep_nothing_of_a_value_that_cannot_be(
        self, shops: Shops, log_in: LogIn
    ) -> None:
        client = log_in("publisher")
        wrong = client.post(f"{BANDITS}add/", {"policy_id": "x", "mmr_lambda": "7"})
        nameless = client.post(f"{BANDITS}add/", {"mmr_lambda": "1"})

        assert "cannot be used" in wrong.content.decode()
        assert "needs an id" in nameless.content.decode()
        assert row_of(shops, BanditPolicy) is None

    def test_are_changed_by_publishers_alone(self, log_in: LogIn) -> None:
        viewer = log_in("viewer")

        assert viewer.get(BANDITS).status_code == 200
        assert viewer.post(f"{BANDITS}add/", {"policy_id": "x"}).status_code == 403
        assert viewer.post(f"{EXPERIMENTS}add/", DRAFT).status_code == 403


class TestExperiments:
    def test_are_written_started_analysed_and_stopped(
        self, shops: Shops, log_in: LogIn
    ) -> None:
        client = log_in("publisher")
        client.post(f"{EXPERIMENTS}add/", DRAFT)
        row = row_of(shops, Experiment)
        page = f"{EXPERIMENTS}{row.pk}/change/"
        report = f"{OFF_POLICY}experiment/{row.pk}/report/"
        assert (row.share, row.smallest_effect) == (0.5, 0.03)
        assert row.variants[1]["knobs"] == {"mmr_lambda": 0.3}
        assert "variety" in text_of(client, EXPERIMENTS)
        assert report in text_of(client, page)
        assert "Start the experiment" in text_of(client, report)

        client.post(f"{EXPERIMENTS}{row.pk}/start/")
        assert row_of(shops, Experiment).state == "running"
        assert "Running" in text_of(client, page)
        waiting = client.post(f"{OFF_POLICY}experiment/{row.pk}/analyse/")
        assert "Waiting for a worker" in waiting.content.decode()
        do_newest_run(shops, client)
        shown = text_of(client, report)
        assert "Hold" in shown
        assert "needs at least 100 subjects" in shown

        client.post(f"{EXPERIMENTS}{row.pk}/stop/")
        assert row_of(shops, Experiment).state == "stopped"
        client.post(f"{EXPERIMENTS}{row.pk}/remove/")
        assert row_of(shops, Experiment) is not None

    @pytest.mark.parametrize(
        ("field", "value", "words"),
        [
            ("name", "a:b", "none of them : or /"),
            ("share", "much", "number of per cent"),
            ("variant-1", "", "different variants"),
            ("knobs-1", "[1]", "JSON object"),
            ("ends_at", "soon", "moment such as"),
        ],
    )
    def test_that_cannot_be_say_why_and_keep_what_was_written(
        self, shops: Shops, log_in: LogIn, field: str, value: str, words: str
    ) -> None:
        sent = {**DRAFT, "hypothesis": "More variety sells.", field: value}
        answer = log_in("publisher").post(f"{EXPERIMENTS}add/", sent)

        assert words in answer.content.decode()
        assert "More variety sells." in answer.content.decode()
        assert row_of(shops, Experiment) is None

    def test_are_planned_by_how_many_subjects_they_take(self, log_in: LogIn) -> None:
        asked = "mean=0.1&deviation=0.3&effect=10&variants=2&a_day=2500"
        client = log_in("viewer")

        told = text_of(client, f"{OFF_POLICY}experiment/power/?{asked}")
        assert "14,128 subjects in each variant" in told
        assert "12 days" in told
        assert "above 0" in text_of(client, f"{OFF_POLICY}experiment/power/?mean=x")


class TestOffPolicy:
    def test_says_in_words_that_nothing_can_be_said(
        self, shops: Shops, log_in: LogIn
    ) -> None:
        client = log_in("viewer")
        client.post(f"{OFF_POLICY}estimate/", {"source": "bandit", "surface": ""})
        assert "Waiting for a worker" in text_of(client, OFF_POLICY)
        do_newest_run(shops, client)

        shown = text_of(client, OFF_POLICY)
        assert "Cannot be said" in shown
        assert "no decision to judge" in shown

    def test_needs_a_profile_for_explored_places(self, log_in: LogIn) -> None:
        client = log_in("viewer")
        body = {"source": "exploration"}
        answer = client.post(f"{OFF_POLICY}estimate/", body, follow=True)

        assert "no published profile" in answer.content.decode()
