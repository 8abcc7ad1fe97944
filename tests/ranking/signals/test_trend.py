"""What is wanted more than it used to be."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from ranking.signals import expressions
from tests.support.examples import examples

from . import tables
from .tables import Row, rows

WEIGHTS = {each.type: each.weight for each in tables.WEIGHTS}


@pytest.fixture(scope="module")
def trend(engine, counted):
    def found(events):
        expression = expressions.trend(counted(events), half_life_days=7.0)
        table = engine.run(expression).to_pydict()
        return dict(zip(table["item_number"], table["trend"], strict=True))

    return found


def slow_trend(events):
    lately, usually = defaultdict(float), defaultdict(float)
    for event in events:
        worth = WEIGHTS[event.type] * event.value
        if worth > 0:
            lately[event.item] += worth * 0.5 ** (event.age_days / 7.0)
            usually[event.item] += worth * 0.5 ** (event.age_days / 56.0)
    return {item: lately[item] / (usually[item] + 1.0) for item in lately}


def test_compares_what_is_wanted_now_with_what_was(trend):
    # 1/2 of late, against 1/2^(1/8) and the doubt of one event.
    found = trend([Row(item=1, age_days=7.0)])

    assert found == {1: pytest.approx(0.5 / (2 ** (-1 / 8) + 1.0))}


def test_prefers_the_rising_to_the_falling(trend):
    rising = [Row(item=1, age_days=age) for age in (0, 1, 2, 3)]
    falling = [Row(item=2, age_days=age) for age in (60, 61, 62, 63, 0)]

    found = trend([*rising, *falling])

    assert found[1] > found[2] > 0


def test_says_nothing_of_what_nobody_wants(trend):
    assert trend([Row(item=1, value=-1.0), Row(item=2, value=0.0)]) == {}


@given(st.lists(rows, max_size=40))
@examples(
    25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_equals_its_definition(trend, events):
    found = trend(events)

    for item, expected in slow_trend(events).items():
        assert found.get(item, 0.0) == pytest.approx(expected, abs=1e-6)
        assert 0 <= found.get(item, 0.0) < 1
