"""`manage.py check_guardrails` ends as its verdict says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.core.management import call_command

from tests.ranking.shops import Shop

pytestmark = pytest.mark.django_db(transaction=True)


def run(shop: Shop, *arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        call_command("check_guardrails", "--org-id", str(shop.org_id), *arguments)
    assert isinstance(ended.value.code, int)
    return ended.value.code


class TestItEnds:
    def test_well_when_every_guardrail_is_kept(
        self, asked: Shop, no_guardrails: Path
    ) -> None:
        no_guardrails.write_text("defaults: {quality: {max_constraint_leaks: 0}}")

        assert run(asked) == 0

    def test_with_1_when_one_is_broken(
        self, asked: Shop, no_guardrails: Path, capsys: Any
    ) -> None:
        no_guardrails.write_text("defaults: {fairness: {max_popularity_bias: 0.1}}")

        assert run(asked) == 1
        assert "BROKEN" in capsys.readouterr().out

    def test_with_2_when_one_could_not_be_computed(
        self, asked: Shop, no_guardrails: Path
    ) -> None:
        no_guardrails.write_text("defaults: {quality: {max_constraint_leaks: 0}}")

        assert run(asked, "--min-ndcg", "0.1") == 2
        assert run(asked, "--min-ndcg", "0.1", "--only", "max_constraint_leaks") == 0

    def test_with_2_when_nothing_holds_or_nothing_is_there(
        self, asked: Shop, no_guardrails: Path
    ) -> None:
        assert run(asked) == 2
        assert run(asked, "--namespace", "elsewhere") == 2

    def test_with_2_when_the_file_cannot_be_read(
        self, asked: Shop, no_guardrails: Path, capsys: Any
    ) -> None:
        no_guardrails.write_text("defaults:\n  quality:\n    min_catlog_coverage: 1\n")

        assert run(asked) == 2
        said = capsys.readouterr().err
        assert "guardrails.yml:3" in said
        assert "min_catalog_coverage" in said


class TestItWrites:
    def test_json_and_junit(
        self, asked: Shop, no_guardrails: Path, tmp_path: Path
    ) -> None:
        no_guardrails.write_text(
            "defaults: {quality: {max_constraint_leaks: 0, min_segment_lift_mrr: .1}}"
        )
        machine, junit = tmp_path / "found.json", tmp_path / "junit.xml"

        run(asked, "--json", str(machine), "--junit", str(junit))

        states = {
            each["name"]: each["state"]
            for each in json.loads(machine.read_text())["shop"]["judged"]
        }
        assert states == {
            "max_constraint_leaks": "pass",
            "min_segment_lift_mrr": "not_computed",
        }
        suite = ET.fromstring(junit.read_text()).find("testsuite")
        assert suite is not None
        assert (suite.get("tests"), suite.get("errors")) == ("2", "1")

    def test_an_explanation_of_what_holds(
        self, asked: Shop, no_guardrails: Path, capsys: Any
    ) -> None:
        no_guardrails.write_text(
            "defaults: {latency: {max_p95_ms: 40}}\n"
            "customers:\n"
            "  tea:\n"
            "    namespace: shop\n"
            "    latency: {max_p95_ms: {warn: 20, stop: 30}}\n"
        )

        arguments = ["--org-id", str(asked.org_id), "--explain"]
        call_command("check_guardrails", *arguments)

        said = capsys.readouterr().out
        assert "max_p95_ms: warn 20, stop 30" in said
        assert "customers.tea, line 5" in said
