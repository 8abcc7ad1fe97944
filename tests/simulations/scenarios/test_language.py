"""Scenario files are read strictly, and figures say what their names say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from simulations.core.scenarios.checking import filled
from simulations.core.scenarios.evidence import Pages, Shown
from simulations.core.scenarios.holding import hold
from simulations.core.scenarios.language import Expectation
from simulations.queries.scenario_files import (
    ScenarioError,
    read_folders,
    scenario_in,
    suite,
)

GOOD = """\
id: X1
name: A tag
expected: Books only.
given: {tag: books}
steps:
  - recommend: {user: "#1", k: 5}
  - expect:
      - {figure: tagged_share, tag: $tag, equals: 1}
"""


def fault_of(text: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        scenario_in(text, path="x.yml")
    return str(caught.value)


class TestTheShippedSuite:
    def test_holds_s1_to_s10_in_order(self) -> None:
        ids = [each.id for each in suite()]

        assert ids[:10] == [f"S{n}" for n in range(1, 11)]
        assert ids[10:] == [f"B{n}" for n in range(1, 5)]


class TestAFile:
    @pytest.mark.parametrize(
        ("wrong", "right", "words"),
        [
            (
                "k: 5",
                "kk: 5",
                r"x.yml:6: \$.steps[0].recommend: .*the key kk. Did you mean k?",
            ),
            ("given: {tag: books}", "named: X", "x.yml:4: $: .*Did you mean name?"),
            ("equals: 1", "at_leest: 1", "x.yml:8: .*Did you mean at_least?"),
            (
                "figure: tagged_share",
                "figure: taged_share",
                "Did you mean tagged_share",
            ),
            ("tag: $tag, ", "", "must be told its tag"),
            ("equals: 1", "of: other, equals: 1", "kept as “other”"),
            ("equals: 1", "of: page", "sets no limit"),
            ("given: {tag: books}\n", "", r"“\$tag” stands for nothing"),
            ("recommend:", "recomend:", "x.yml:6: .*Did you mean recommend?"),
            ("  - expect:", "  - build: true\n    expect:", "exactly one verb"),
        ],
    )
    def test_tells_of_a_fault_with_its_line(
        self, wrong: str, right: str, words: str
    ) -> None:
        told = fault_of(GOOD.replace(wrong, right, 1))

        assert told.startswith("x.yml:")
        for part in words.replace("\\", "").split(".*"):
            assert part in told

    def test_that_expects_nothing_is_refused(self) -> None:
        text = GOOD[: GOOD.index("  - expect")]

        assert "expects nothing" in fault_of(text)

    def test_that_is_no_yaml_is_told_with_its_line(self) -> None:
        assert fault_of("id: [").startswith("x.yml:")

    def test_whose_id_is_taken_is_told_with_both_files(self, tmp_path: Path) -> None:
        for name in ("a.yml", "b.yml"):
            (tmp_path / name).write_text(GOOD)

        with pytest.raises(ScenarioError) as caught:
            read_folders([tmp_path])

        told = str(caught.value)
        assert told.startswith(f"{tmp_path}/b.yml: $.id: X1 is the id of")
        assert "a.yml already" in told

    def test_takes_other_words_from_a_run(self) -> None:
        scenario = filled(scenario_in(GOOD, path="x.yml"), {"tag": "films"})

        expectation = (scenario.steps[1].expect or [])[0]
        assert expectation.tag == "films"


def shown(*items: str, **columns: Any) -> Shown:
    neutral: dict[str, Any] = {
        "user": "u",
        "k": 4,
        "items": items,
        "tags": tuple(frozenset() for _ in items),
        "categories": tuple(None for _ in items),
        "props": tuple({} for _ in items),
        "vectors": np.eye(max(len(items), 1), dtype=np.float32)[: len(items)],
        "relevance": {},
        "policy": {},
    }
    return Shown(**{**neutral, **columns})


def observed(pages: Pages, **told: Any) -> tuple[str, bool]:
    expectation = msgspec.convert({"of": "page", **told}, Expectation)
    found = hold(expectation, pages)
    return found.observed, found.passed


class TestAFigure:
    def test_of_rank_is_one_behind_the_list_for_what_is_not_shown(self) -> None:
        pages = {"page": (shown("a", "b"),)}

        assert observed(pages, figure="rank", item="b", equals=2) == ("2", True)
        assert observed(pages, figure="rank", item="z", below=5) == ("5", False)

    def test_of_tags_counts_positions_in_any_case(self) -> None:
        tags: tuple[frozenset[str], ...] = (frozenset({"books"}), frozenset())
        pages = {"page": (shown("a", "b", tags=tags),)}

        told = observed(pages, figure="tagged_share", tag="Books", equals=0.5)

        assert told == ("0.500", True)

    def test_of_accuracy_leaves_out_who_did_nothing(self) -> None:
        pages = {
            "page": (
                shown("a", "b", relevance={"b": 1.0}),
                shown("c"),
            )
        }

        assert observed(pages, figure="mrr", equals=0.5)[1]
        assert observed(pages, figure="relevant_users", equals=1)[1]
        # One relevant item in second place: 1 / log2(3) of the best.
        assert observed(pages, figure="ndcg", equals=float(1 / np.log2(3)))[1]

    def test_that_cannot_be_computed_does_not_hold(self) -> None:
        pages = {"page": (shown("a"),)}

        assert observed(pages, figure="ndcg", at_least=0) == ("not computed", False)

    def test_of_change_compares_place_by_place(self) -> None:
        pages = {"page": (shown("a", "b"),), "other": (shown("a", "c", "b"),)}

        told = observed(
            pages, figure="changed_positions", against="other", above=0.6, below=0.7
        )

        assert told == ("0.667", True)

    def test_of_repeats_counts_answers_beyond_the_first(self) -> None:
        pages = {"page": (shown("a", digest="1"), shown("a", digest="2"))}

        assert observed(pages, figure="different_answers", equals=0) == ("1", False)

    def test_may_be_limited_by_another(self) -> None:
        pages = {"page": (shown("a", "b"),)}
        limit = {"figure": "rank", "of": "page", "item": "b", "times": 2, "plus": -1}

        assert observed(pages, figure="rank", item="b", at_most=limit)[1]
        assert not observed(pages, figure="rank", item="b", above=limit)[1]
