"""The example of docs/explanation/rule-precedence.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rules.core.effects import rule_at
from rules.core.rule import Action, Rule, Target, TargetType
from tests.ranking.worlds import Item
from tests.rules.core.test_vectors import page, rank_scored

PAGE = Path("docs/explanation/rule-precedence.md").read_text()
SCORES = {
    "lamp": 0.9,
    "chair": 0.8,
    "desk": 0.6,
    "sofa": 0.5,
    "rug": 0.4,
    "vase": 0.3,
}
ITEMS = [
    Item(item_id="chair", tags=("sale",)),
    Item(item_id="rug", tags=("Sale",)),
    Item(item_id="sofa", brand="Nord"),
    Item(item_id="shelf"),
    Item(item_id="mirror", stock=0),
]


def target(kind, *values):
    return Target(type=kind, values=values)


RULES = (
    Rule(
        id="R1",
        action=Action.PIN,
        target=target(TargetType.ITEM, "vase"),
        positions=(1,),
        priority=20,
    ),
    Rule(
        id="R2",
        action=Action.BOOST,
        target=target(TargetType.TAG, "sale"),
        value=0.5,
        priority=10,
    ),
    Rule(
        id="R3",
        action=Action.BOOST,
        target=target(TargetType.ITEM, "shelf"),
        value=1.0,
        priority=5,
    ),
    Rule(
        id="R4",
        action=Action.PIN,
        target=target(TargetType.ITEM, "mirror", "desk"),
        positions=(2, 1),
        priority=1,
    ),
    Rule(id="R5", action=Action.BLOCK, target=target(TargetType.BRAND, "nord")),
    Rule(
        id="R6",
        action=Action.BURY,
        target=target(TargetType.ITEM, "lamp"),
        value=0.5,
    ),
)


@pytest.fixture(scope="module")
def ranking():
    # The caller's scores are divided by the largest; 0.9 stays what it is with 0.9.
    scores = {item_id: score / 0.9 for item_id, score in SCORES.items()}
    return rank_scored(scores, *RULES, k=4, items=ITEMS)


class TestTheExample:
    def test_ends_with_the_page_shown(self, ranking):
        [(told,)] = [re.findall(r"\| 1 \| 2 \| 3 \| 4 \|\n.*\n\| (.*) \|\n", PAGE)]

        assert list(ranking.item_ids) == told.split(" | ")

    def test_has_the_scores_that_it_works_out(self, ranking):
        rows, scores = ranking.pool.rows, ranking.outcome.scores * 0.9
        of_item = {
            ranking.pool.world.item_id(row): float(score)
            for row, score in zip(rows.tolist(), scores.tolist(), strict=True)
        }

        assert ranking.outcome.ruled.floor * 0.9 == pytest.approx(0.4)
        assert {i: of_item[i] for i in ("chair", "rug", "shelf", "lamp")} == (
            pytest.approx({"chair": 1.2, "rug": 0.6, "shelf": 0.4, "lamp": 0.45})
        )
        assert page(ranking)

    def test_counts_what_it_says(self, ranking):
        counts = ranking.counts
        assert counts["rule_block_count"] == 1
        assert counts["rule_boost_count"] == 4
        assert counts["rule_boost_injected"] == 1
        assert counts["rule_pin_count"] == 2

    def test_leaves_the_mirror_out_with_its_reason(self, ranking):
        [left] = ranking.pins.unpinned
        groups = ranking.outcome.ruled.groups

        told = (rule_at(groups, left.rule).id, left.item_id, left.reason, left.position)

        assert told == ("R4", "mirror", "out_of_stock", 2)
