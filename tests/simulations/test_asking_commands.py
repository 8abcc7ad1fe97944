"""`check_determinism` and `exposure_report` end as what they found."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import call_command

from simulations.management.commands.check_determinism import worst_disagreement
from tests.ranking.shops import Shop

pytestmark = pytest.mark.django_db(transaction=True)


def run(command: str, shop: Shop, *arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        call_command(
            command, f"--org-id={shop.org_id}", f"--namespace={shop.name}", *arguments
        )
    assert isinstance(ended.value.code, int)
    return ended.value.code


class TestDeterminism:
    def test_holds_for_one_question_of_one_moment(
        self, asked: Shop, capsys: Any
    ) -> None:
        code = run(
            "check_determinism", asked, "--user-id=tea-lover1", "--repeats=30", "--json"
        )

        told = json.loads(capsys.readouterr().out)
        assert (code, told["different_answers"]) == (0, 0)
        assert told["repeats"] == 30

    def test_is_measured_in_the_least_agreed_place(self) -> None:
        lists: list[tuple[str, ...]] = [("a", "b"), ("a", "c"), ("b", "b"), ("a", "b")]

        assert worst_disagreement(lists) == 0.25
        assert worst_disagreement([("a",), ("a", "b")]) == 0.5


class TestExposure:
    def test_ends_by_the_most_shown_brand(self, asked: Shop, capsys: Any) -> None:
        wide = run("exposure_report", asked, "--max-ratio=3", "--users=9", "--json")
        told = json.loads(capsys.readouterr().out)
        narrow = run("exposure_report", asked, "--max-ratio=0.5")

        assert (wide, narrow) == (0, 1)
        assert set(told["brand_counts"]) <= {"tea house", "coffee house", "mug house"}
        assert told["users"] == 9
