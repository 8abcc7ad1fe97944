"""Checking a change set over HTTP, and publishing on the strength of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Run
from catalog.operations import runs
from catalog.tenancy import org_scope
from simulations.operations import checks
from tests.ranking.shops import Shop
from tests.rules.desks import Desk, told

from .conftest import check
from .test_forecasts import BLOCK, PIN

pytestmark = pytest.mark.django_db(transaction=True)
STRICT = "defaults:\n  quality:\n    min_catalog_coverage: 0.9\n"


def full(desk: Desk, path: str, query: str = "") -> dict[str, Any]:
    answer: dict[str, Any] = desk.ask("POST", f"{path}:check?full=true{query}")
    return answer


class TestAFullCheck:
    def test_lets_a_change_set_be_published(self, asked: Shop, desk: Desk) -> None:
        path = desk.begin()
        desk.draft(path, **PIN, surface="*")
        unchecked = desk.send("POST", f"{path}:publish", {})

        checked = full(desk, path)["check"]
        desk.ask("POST", f"{path}:publish", {})

        assert told(unchecked) == (409, "unchecked")
        assert (checked["kind"], checked["verdict"]) == ("full", "passed")
        assert checked["report"]["forecast"]["movement"]["touched"] > 0
        assert "mug3" in asked.ids("tea-lover1", surface="home")[1]

    def test_is_quick_unless_it_is_asked_to_be_full(self, desk: Desk) -> None:
        path = desk.begin()
        desk.draft(path, **PIN)

        quick = desk.ask("POST", f"{path}:check")
        wrong = desk.send("POST", f"{path}:check?full=maybe")

        assert quick["check"]["kind"] == "quick"
        assert told(wrong) == (400, "invalid_full")

    def test_is_stale_once_the_configuration_is_another(
        self, asked: Shop, desk: Desk
    ) -> None:
        path = desk.begin()
        desk.draft(path, **PIN, surface="*")
        full(desk, path)
        desk.make()

        answer = desk.send("POST", f"{path}:publish", {})

        assert told(answer) == (409, "unchecked")
        assert "configuration" in answer.json()["message"]

    def test_holds_right_after_somebody_else_published(
        self, asked: Shop, desk: Desk
    ) -> None:
        """Serving takes a configuration up in the transaction of the check."""
        path = desk.begin()
        desk.draft(path, **PIN, surface="*")
        desk.make(**BLOCK, surface="*")

        forecast = full(desk, path)["check"]["report"]["forecast"]
        desk.ask("POST", f"{path}:publish", {})

        brands = forecast["brands"]
        named = [each["key"] for each in brands["gaining"] + brands["losing"]]
        assert "coffee house" not in named

    def test_of_what_is_published_is_refused(self, asked: Shop, desk: Desk) -> None:
        path = desk.begin()
        desk.draft(path, **PIN, surface="*")
        full(desk, path)
        desk.ask("POST", f"{path}:publish", {})

        assert told(desk.send("POST", f"{path}:check?full=true")) == (
            409,
            "wrong_state",
        )


class TestALongCheck:
    def test_is_a_run_that_is_shared(
        self, asked: Shop, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(checks, "AT_ONCE", 10)
        path = desk.begin()
        desk.draft(path, **PIN, surface="*")

        answer = desk.send("POST", f"{path}:check?full=true")
        again = desk.send("POST", f"{path}:check?full=true")
        started = answer.json()["run"]
        with org_scope(asked.org_id):
            run = Run.objects.get(pk=started["run_id"])
        runs.execute(run.pk, org_id=asked.org_id, clock=timezone.now)

        assert answer.status_code == 202
        assert again.json()["run"]["run_id"] == started["run_id"]
        with org_scope(asked.org_id):
            done = Run.objects.get(pk=run.pk)
        assert (done.state, done.error) == ("succeeded", "")
        assert done.result["verdict"] == "passed"
        assert desk.get(path).json()["check"]["kind"] == "full"

    def test_of_a_broken_file_fails_in_words(
        self, asked: Shop, desk: Desk, no_guardrails: Path, monkeypatch
    ) -> None:
        no_guardrails.write_text("defaults:\n  qualty: {}\n")
        path = desk.begin()
        desk.draft(path, **PIN, surface="*")

        answer = desk.send("POST", f"{path}:check?full=true")

        assert told(answer) == (503, "guardrails_unreadable")
        assert "guardrails.yml:2" in answer.json()["message"]
        assert "quality" in answer.json()["message"]


class TestABrokenGuardrail:
    @pytest.fixture
    def blocked(self, asked: Shop, desk: Desk, no_guardrails: Path) -> str:
        no_guardrails.write_text(STRICT)
        path = desk.begin()
        desk.draft(path, **BLOCK, surface="*")
        assert check(asked, path).verdict == "blocked"
        return path

    def test_is_passed_by_an_operator_with_a_reason_alone(
        self, desk: Desk, blocked: str
    ) -> None:
        plain = desk.send("POST", f"{blocked}:publish", {})
        desk.ask("POST", f"{blocked}:publish", {"overrule_because": "Recall."})

        assert told(plain) == (409, "unchecked")
        assert "guardrail" in plain.json()["message"]
        assert desk.get(blocked).json()["state"] == "published"

    def test_is_told_among_the_findings(self, desk: Desk, blocked: str) -> None:
        findings = desk.get(blocked).json()["check"]["findings"]

        [told_of] = [each for each in findings if each["kind"] == "guardrail"]
        assert "where at least 90.0 % is allowed" in told_of["sentence"]


class TestWhatCouldNotBeComputed:
    def test_is_enough_unless_a_forecast_is_asked_for(
        self, asked: Shop, desk: Desk
    ) -> None:
        namespace = asked.namespace
        first, second = desk.begin(), desk.begin()
        for path in (first, second):
            desk.draft(path, **PIN, surface="email")
        assert full(desk, first)["check"]["verdict"] == "unknown"
        desk.ask("POST", f"{first}:publish", {})
        namespace.switches = {"require_forecast": True}
        namespace.save(update_fields=["switches"])
        full(desk, second)

        refused = desk.send("POST", f"{second}:publish", {})
        desk.ask("POST", f"{second}:publish", {"overrule_because": "A new page."})

        assert told(refused) == (409, "unchecked")
        assert "too little to replay" in refused.json()["message"]
