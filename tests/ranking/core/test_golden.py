from __future__ import annotations

import msgspec
import pytest

from ranking.core.answer import answer_digest, canonical_answer
from ranking.core.pipeline import ENGINE_VERSION
from tests.ranking.golden import FILE, QUESTIONS, answered

GOLDEN = msgspec.json.decode(FILE.read_bytes())


def test_was_written_by_this_engine():
    assert GOLDEN["engine_version"] == ENGINE_VERSION


@pytest.mark.parametrize("name", QUESTIONS)
def test_an_answer_changes_only_with_the_engine_version(name):
    ranking = answered(name)
    expected = GOLDEN["answers"][name]

    items = canonical_answer(ranking)["items"]

    assert [
        [item["item_id"], item["score"], list(item["reasons"])] for item in items
    ] == expected["items"]
    assert answer_digest(ranking).hex() == expected["digest"]
