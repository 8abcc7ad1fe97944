"""Scenarios, simulations and checks over HTTP and in the admin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Run
from catalog.tenancy import org_scope
from simulations.core.simulation import SimulationReport, StepRecord
from simulations.models import ScenarioRun, Simulation
from simulations.operations.guardrail_runs import check_namespace
from tests.admin.conftest import LogIn, Shops, log_in, shops
from tests.ranking.shops import Shop

__all__ = ["log_in", "shops"]
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
URL = "/v1/admin"


class TestTheApi:
    def test_starts_runs_once_and_lists_what_came(self, asked: Shop) -> None:
        started = [
            asked.ask(f"{URL}/scenario-runs", only=["S1"]),
            asked.ask(f"{URL}/simulations", customer="acme"),
            asked.ask(f"{URL}/guardrail-checks"),
        ]
        again = asked.ask(f"{URL}/simulations", customer="acme")

        assert [each["kind"] for each in started] == [
            "scenarios",
            "simulation",
            "guardrails",
        ]
        assert again["run_id"] == started[1]["run_id"]
        for kind in ("scenario-runs", "simulations", "guardrail-checks"):
            listed = asked.get(f"{URL}/{kind}", namespace=asked.name).json()
            assert listed["items"] == []

    def test_refuses_what_cannot_be(self, asked: Shop) -> None:
        cases: list[tuple[str, dict[str, Any], str]] = [
            ("simulations", {"customer": "../etc"}, "invalid_json_type"),
            ("simulations", {"customer": "a", "limits": {"x": 1}}, "invalid_limits"),
            (
                "simulations",
                {"customer": "a", "limits": {"min_catalog_coverage": 60}},
                "invalid_limits",
            ),
            ("simulations", {"customer": "a", "profile": "nope"}, "profile_not_found"),
            (
                "simulations",
                {"customer": "a", "shop": {"fixture": "/etc/passwd"}},
                "invalid_fixture",
            ),
            ("scenario-runs", {"shop": {"items": 0}}, "invalid_json_type"),
            ("scenario-runs", {"only": ["S99"]}, "scenario_not_found"),
            ("scenario-runs", {"customer": "nobody"}, "scenario_not_found"),
            ("evaluations", {"spec": {"profile": "nope"}}, "profile_not_found"),
        ]
        for kind, fields, code in cases:
            answer = asked.post(f"{URL}/{kind}", {"namespace": asked.name, **fields})

            assert (answer.status_code, answer.json()["code"]) == (400, code), fields

    def test_shows_a_verdict(self, asked: Shop, no_guardrails: Path) -> None:
        no_guardrails.write_text("defaults: {quality: {max_constraint_leaks: 0}}")
        check = check_namespace(asked.namespace, cause="manual", at=timezone.now())

        shown = asked.get(f"{URL}/guardrail-checks/{check.pk}").json()
        missing = asked.get(f"{URL}/simulations/{check.pk}")

        assert shown["verdict"] == "kept"
        assert shown["judged"][0]["name"] == "max_constraint_leaks"
        assert (missing.status_code, missing.json()["code"]) == (
            404,
            "simulation_not_found",
        )


def make_rows(namespace: Any) -> tuple[Simulation, ScenarioRun]:
    report = SimulationReport(
        headline="Fit to ship: it is.",
        verdict="passed",
        customer="acme",
        namespace=namespace.name,
        base="popularity",
        proposed="starter, version 1",
        inputs={"shop": {"items": 1, "users": 1, "events": 1, "seed": 1}},
        steps=(StepRecord(step="seed", state="done"),),
    )
    common = {
        "org_id": namespace.org_id,
        "namespace": namespace,
        "customer": "acme",
        "request": {},
        "duration_seconds": 1.0,
        "created_at": timezone.now(),
    }
    simulation = Simulation.objects.create(
        verdict="passed",
        headline=report.headline,
        report=msgspec.to_builtins(report),
        folder="",
        **common,
    )
    played = ScenarioRun.objects.create(
        headline="1 of 1 scenarios fail: T1.",
        passed=0,
        total=1,
        results=[
            {
                "id": "T1",
                "name": "Kettles",
                "expected": "Hot.",
                "passed": False,
                "found": [{"expectation": "x", "observed": "1", "passed": False}],
                "steps": [{"answers": [{"user": None, "items": ["kettle"]}]}],
            }
        ],
        **common,
    )
    return simulation, played


class TestTheAdmin:
    def test_shows_reports_to_viewers_and_buttons_to_editors(
        self, shops: Shops, log_in: LogIn
    ) -> None:
        with org_scope(shops.ours.org_id):
            simulation, played = make_rows(shops.ours)
            other, _ = make_rows(shops.ours)
            theirs = 0
        viewer: Client = log_in("viewer")

        def page(name: str, *keys: Any, **query: Any) -> str:
            url = reverse(f"admin:simulations_{name}", args=keys)
            answer = viewer.get(url, query)
            assert answer.status_code == 200, url
            return str(answer.content.decode())

        assert "Fit to ship: it is." in page("simulation_change", simulation.pk)
        listed = page("simulation_changelist")
        assert "acme" in listed
        assert "Simulate</a>" not in listed
        assert "with those of acme" in page("scenariorun_changelist")
        compared = page("simulation_compare", id=[simulation.pk, other.pk])
        assert "2 simulations side by side" in compared
        assert "different shops" not in compared
        story = page("scenariorun_change", played.pk)
        assert "Kettles" in story
        assert "with those of acme, by what was in force" in story
        assert "does not hold" in story
        assert "kettle" in page("scenariorun_evidence", played.pk, "T1")
        assert "<svg" not in page("simulation_download", simulation.pk, "json")
        new = reverse("admin:simulations_simulation_new")
        assert viewer.get(new).status_code == 403
        assert theirs == 0

    def test_starts_runs_for_editors(self, shops: Shops, log_in: LogIn) -> None:
        editor = log_in("merchandiser")
        forms = {
            "simulation_new": {"customer": "acme", "users": "50"},
            "scenariorun_play": {},
            "guardrails_now": {},
        }

        answers = {
            name: editor.post(reverse(f"admin:simulations_{name}"), fields)
            for name, fields in forms.items()
        }
        wrong = editor.post(
            reverse("admin:simulations_simulation_new"), {"customer": "a b"}
        )
        nobody = editor.post(
            reverse("admin:simulations_scenariorun_play"),
            {"customer": "nobody"},
            follow=True,
        )

        assert {each.status_code for each in answers.values()} == {302}
        assert "cannot be simulated" in wrong.content.decode()
        assert "nobody has no scenarios" in nobody.content.decode()
        with org_scope(shops.ours.org_id):
            kinds = set(Run.objects.values_list("kind", flat=True))
        assert kinds >= {"simulation", "scenarios", "guardrails"}

    def test_tells_the_story_of_a_breach(
        self, shops: Shops, log_in: LogIn, settings: Any, tmp_path: Path
    ) -> None:
        settings.GUARDRAILS_FILE = tmp_path / "guardrails.yml"
        settings.GUARDRAILS_FILE.write_text(
            "defaults: {fairness: {max_popularity_bias: 0.1}}"
        )
        check_namespace(shops.ours, cause="manual", at=timezone.now())
        operator = log_in("operator")
        breach = reverse("admin:simulations_breach", args=["max_popularity_bias"])

        board = operator.get(reverse("admin:simulations_guardrailcheck_changelist"))
        story = operator.get(breach)

        assert "max_popularity_bias" in board.content.decode()
        assert "secret" not in board.content.decode()
        assert "Not computed" in story.content.decode()
        assert operator.get(breach.replace("bias", "bios")).status_code == 404
        known = reverse(
            "admin:simulations_breach_acknowledge", args=["max_popularity_bias"]
        )
        never = {"reason": "It is known.", "until": "2026-06-31"}
        answer = operator.post(known, never, follow=True)
        assert "Say until which day." in answer.content.decode()
