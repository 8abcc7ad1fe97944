"""Explanations in words that anybody would use."""

from __future__ import annotations

import pytest

from ranking.core.explaining import Facts, TargetKind, template
from tests.clock import NOON


@pytest.mark.parametrize(
    ("kind", "held", "words"),
    [
        (TargetKind.SURFACE, 1, "There was 1 answer, with 1 item in it."),
        (TargetKind.ITEM, 1, "There was 1 answer, which held lamp."),
        (TargetKind.ITEM, 0, "There was 1 answer, which did not hold lamp."),
    ],
)
def test_one_answer_is_told_of_as_one(kind: TargetKind, held: int, words: str) -> None:
    facts = Facts(
        target_type=kind,
        target_id="lamp",
        namespace="shop",
        surface=None,
        segment_id=None,
        since=NOON,
        until=NOON,
        decisions=1,
        impressions=held,
        clicks=None,
    )

    assert words in template(facts)
