from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from ranking.signals import expressions
from ranking.signals.expressions import Window
from ranking.signals.scores import to_linear
from tests.support.examples import examples

from .tables import NOW_US, WEIGHTS, Row, rows

slow_engine = examples(25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def popularity(engine, counted):
    def compute(events, **details):
        table = engine.run(expressions.popularity(counted(events, **details)))
        return {row["item_number"]: row for row in table.to_pylist()}

    return compute


def score(row):
    log2 = row["log2_score"]
    return 0.0 if log2 is None else 2.0**log2


def slow_popularity(events):
    """The definition, word by word."""
    weights = {weight.type: weight for weight in WEIGHTS}
    total = defaultdict(float)
    for event in events:
        kind = weights[event.type]
        decay = 0.5 ** (event.age_days / kind.half_life_days)
        total[event.item] += kind.weight * event.value * decay
    return total


class TestPopularity:
    @pytest.mark.parametrize(
        ("age_days", "expected"), [(0, 1.0), (4, 0.5), (8, 0.25), (40, 2**-10)]
    )
    def test_halves_a_purchase_every_half_life(self, popularity, age_days, expected):
        found = popularity([Row(item=1, type=3, age_days=age_days)])

        assert score(found[1]) == pytest.approx(expected, rel=1e-12)

    def test_takes_the_half_life_of_each_type(self, popularity):
        found = popularity([Row(item=1, type=0, age_days=7), Row(item=1, age_days=4)])

        assert score(found[1]) == pytest.approx(0.1 * 0.5 + 1.0 * 0.5)

    def test_tells_very_old_items_apart(self, popularity):
        # 4,000 and 4,001 half-lives: 0.5 ** 4000 is no number that a float can hold.
        found = popularity([Row(item=1, age_days=16_000), Row(item=2, age_days=16_004)])

        logs = np.array([found[1]["log2_score"], found[2]["log2_score"]])
        assert logs.tolist() == [-4000.0, -4001.0]
        assert to_linear(logs).scores.tolist() == [1.0, 0.5]

    def test_gives_nothing_to_items_that_were_taken_back(self, popularity):
        found = popularity([Row(item=1), Row(item=1, value=-1.0)])

        assert found[1]["log2_score"] is None
        assert found[1]["interactions"] == 2

    def test_ignores_unknown_items_types_and_the_future(self, popularity):
        found = popularity(
            [Row(item=1), Row(item=99), Row(item=2, type=9), Row(item=3, age_days=-1)]
        )

        assert list(found) == [1]

    def test_ignores_events_that_arrived_after_the_last_id(self, popularity):
        window = Window(as_of_us=NOW_US, last_event_id=1)

        assert list(popularity([Row(item=1), Row(item=2)], window=window)) == [1]

    @given(st.lists(rows, max_size=40))
    @slow_engine
    def test_equals_its_definition(self, popularity, events):
        expected = slow_popularity(events)

        found = popularity(events)

        assert set(found) == set(expected)
        for item, total in expected.items():
            assert score(found[item]) == pytest.approx(max(total, 0.0), abs=1e-9)

    @given(st.lists(rows, min_size=2, max_size=30), st.randoms())
    @slow_engine
    def test_does_not_depend_on_the_order_of_events(self, popularity, events, random):
        shuffled = random.sample(events, len(events))

        assert popularity(shuffled) == popularity(events)


class TestSegmentPopularity:
    def test_counts_the_events_of_the_segments_users(self, engine, counted):
        members = engine.table(
            "members",
            pa.table({"user_number": [1, 2, 3], "segment": ["new", "new", "loyal"]}),
        )
        events = counted([Row(item=1, user=user) for user in (1, 2, 2, 3, 4)])

        worth = engine.keep("worth", expressions.worth_by_segment(events, members))
        found = engine.run(expressions.segment_popularity(worth))

        assert [
            (row["segment"], row["item_number"], 2 ** row["log2_score"])
            for row in found.to_pylist()
        ] == [("loyal", 1, 1.0), ("new", 1, pytest.approx(3.0))]


def test_shows_scores_as_they_are_unless_they_would_vanish():
    ordinary = to_linear(np.array([3.0, -2.0]))

    assert ordinary.scores.tolist() == [8.0, 0.25]
    assert ordinary.log2_unit == 0.0
    assert math.isclose(to_linear(np.array([-900.0])).log2_unit, -900.0)
