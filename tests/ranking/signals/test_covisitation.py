from __future__ import annotations

import math
from collections import defaultdict

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from ranking.signals import expressions
from ranking.signals.build import most_events
from ranking.signals.expressions.covisitation import best
from tests.support.examples import examples

from .tables import DAY_US, PARAMETERS, WEIGHTS, Row, rows

slow_engine = examples(20, suppress_health_check=[HealthCheck.function_scoped_fixture])
WINDOW = PARAMETERS.covis_window_days


@pytest.fixture(scope="module")
def neighbours(engine, counted):
    def compute(events, *, users=4, most=200, **knobs):
        parameters = msgspec.structs.replace(PARAMETERS, **knobs)
        days = expressions.item_days(counted(events))
        pairs, masses = expressions.covisitation(
            expressions.newest(days, most_events=most), parameters=parameters
        )
        table = engine.run(
            expressions.neighbours(pairs, masses, parameters=parameters, users=users)
        )
        return {
            (row["item_number"], row["neighbour"]): row["score"]
            for row in table.to_pylist()
        }

    return compute


def slow_strengths(events):
    """Every pair of events of every user, then the best of each user and pair."""
    weights = {weight.type: weight.weight for weight in WEIGHTS}
    days = {}
    for event in events:
        key = event.user, event.item, event.ts_us // DAY_US
        weight, ts = days.get(key, (0.0, 0))
        days[key] = max(weight, weights[event.type]), max(ts, event.ts_us)
    per_user, masses = {}, defaultdict(float)
    for (user, item, _), (w1, t1) in days.items():
        for (other_user, other, _), (w2, t2) in days.items():
            apart = abs(t1 - t2) / DAY_US
            if user == other_user and item != other and apart <= WINDOW:
                strength = math.sqrt(w1 * w2) * 0.5 ** (apart / (WINDOW / 8))
                key = user, item, other
                per_user[key] = max(per_user.get(key, 0.0), strength)
    best = {}
    for (user, item, _), (weight, _ts) in days.items():
        best[user, item] = max(best.get((user, item), 0.0), weight)
    for (_, item), weight in best.items():
        masses[item] += weight
    strengths = defaultdict(float)
    for (_, item, other), strength in per_user.items():
        strengths[item, other] += strength
    return strengths, masses


class TestNeighbours:
    def test_counts_a_user_once_for_a_pair(self, neighbours):
        often = [Row(item=item, age_days=age) for age in range(5) for item in (1, 2)]

        assert neighbours(often) == {(1, 2): 1.0, (2, 1): 1.0}

    def test_weighs_by_type_and_closeness(self, neighbours):
        # A purchase (1.0) and a view (0.1), an eighth of the window apart.
        pair = [Row(item=1), Row(item=2, type=0, age_days=WINDOW / 8)]

        strength = math.sqrt(1.0 * 0.1) / 2
        assert neighbours(pair)[1, 2] == pytest.approx(strength / math.sqrt(0.1))

    def test_sees_no_pair_beyond_the_window(self, neighbours):
        assert neighbours([Row(item=1), Row(item=2, age_days=WINDOW + 0.01)]) == {}

    def test_wants_enough_users(self, neighbours):
        pairs = [Row(item=item, user=user) for user in (1, 2) for item in (1, 2)]
        alone = [Row(item=item, user=3) for item in (3, 4)]

        found = neighbours(pairs + alone, users=50, covis_min_support=2)

        assert set(found) == {(1, 2), (2, 1)}

    def test_keeps_the_newest_events_of_heavy_users(self, neighbours):
        events = [Row(item=item, age_days=item) for item in range(1, 7)]

        assert set(neighbours(events, most=2)) == {(1, 2), (2, 1)}

    def test_cuts_neighbours_and_breaks_ties_by_number(self, neighbours):
        events = [Row(item=item) for item in range(1, 7)]

        found = neighbours(events, covis_neighbours=2)

        assert [other for item, other in found if item == 1] == [2, 3]

    @pytest.mark.parametrize(
        ("similarity", "expected"),
        [
            # Two users took both, one the first alone, one the second alone: c = 2,
            # m = n = 3, N = 4.
            ("cosine", 2 / 3),
            ("jaccard", 2 / 4),
            ("lift", 2 * 4 / 9),
            ("llr", 0.0),
        ],
    )
    def test_measures_likeness_as_chosen(self, neighbours, similarity, expected):
        both = [Row(item=item, user=user) for user in (1, 2) for item in (1, 2)]
        events = [*both, Row(item=1, user=3), Row(item=2, user=4)]

        found = neighbours(events, covis_similarity=similarity)

        assert found.get((1, 2), 0.0) == pytest.approx(expected)

    def test_takes_the_ratio_of_likelihoods_of_what_goes_together(self, neighbours):
        both = [Row(item=item, user=user) for user in (1, 2) for item in (1, 2)]
        # Of 4 users two took both and two neither: 2 * 4 * ln 2.
        found = neighbours(both, covis_similarity="llr")

        assert found[1, 2] == pytest.approx(8 * math.log(2))

    @given(st.lists(rows, max_size=30))
    @slow_engine
    def test_equals_its_definition(self, neighbours, events):
        strengths, masses = slow_strengths(events)
        expected = {
            (item, other): strength / math.sqrt(masses[item] * masses[other])
            for (item, other), strength in strengths.items()
        }

        found = neighbours(events)

        assert set(found) == set(expected)
        for pair, score in expected.items():
            assert found[pair] == pytest.approx(score, abs=1e-8)
            assert found[pair] <= 1.0 + 1e-9


class TestBest:
    def test_keeps_those_that_sorting_everything_would(self, engine):
        rng = np.random.default_rng(7)
        scores = 10.0 ** rng.uniform(-9, 6, size=(4, 300))
        scores[1], scores[2] = 0.25, rng.integers(1, 9, 300) / 8.0
        item, neighbour = (each.ravel() for each in np.indices(scores.shape))
        columns = {"item_number": item, "neighbour": neighbour, "score": scores.ravel()}
        scored = engine.table("scored", pa.table(columns))

        for most in (1, 40, 400):
            table = engine.run(best(scored, most=most))

            expected = [
                (line, other, rank)
                for line, row in enumerate(scores.tolist())
                for rank, other in enumerate(
                    sorted(range(300), key=lambda n: (-row[n], n))[:most]
                )
            ]
            found = [table[n].to_pylist() for n in ("item_number", "neighbour", "rank")]
            assert list(zip(*found, strict=True)) == expected


class TestMostEvents:
    def test_pairs_everything_that_fits_into_the_budget(self, engine, counted):
        sizes = engine.run(
            expressions.events_per_user(
                expressions.item_days(counted([Row(item=i) for i in (1, 2, 3)]))
            )
        )

        found = most_events(
            sizes["events"].to_numpy(), sizes["users"].to_numpy(), most=200, budget=10
        )

        assert found == 200


class TestTransitions:
    def test_follows_a_session_and_not_a_pause(self, engine, counted):
        minute = 1 / 1440
        events = counted(
            [
                Row(item=1, age_days=10 * minute),
                Row(item=2, age_days=5 * minute),
                Row(item=3, user=2, age_days=60 * minute),
                Row(item=4, user=2, age_days=0),
            ]
        )

        found = engine.run(expressions.transitions(events, window_minutes=30, most=50))

        assert [
            (row["item_number"], row["neighbour"], row["score"])
            for row in found.to_pylist()
        ] == [(1, 2, 0.5)]

    def test_does_not_depend_on_the_order_of_events_of_one_moment(
        self, engine, counted
    ):
        basket = [Row(item=item, type=item % 4, age_days=3) for item in (3, 1, 4, 1, 2)]
        later = [Row(item=5, age_days=2.999)]

        found = [
            engine.run(
                expressions.transitions(
                    counted([*rows, *later]), window_minutes=30, most=50
                )
            ).to_pylist()
            for rows in (basket, basket[::-1])
        ]

        assert found[0]
        assert found[0] == found[1]


class TestInteractions:
    def test_takes_ten_views_for_a_purchase_and_no_more(self, engine, counted):
        views = [Row(item=1, type=0)] * 5 + [Row(item=2, type=0)] * 20
        events = counted([*views, Row(item=3, age_days=60)])

        found = engine.run(expressions.interactions(events, parameters=PARAMETERS))

        rows_found = {row["item_number"]: row for row in found.to_pylist()}
        assert rows_found[1]["strength"] == pytest.approx(0.5)
        assert rows_found[2]["strength"] == 1.0
        assert rows_found[3]["repeat"] == pytest.approx(0.5)
        assert rows_found[1]["bought_day"] is None
        assert rows_found[3]["bought_day"] == 20_000 - 60
