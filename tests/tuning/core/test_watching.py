"""Live figures beside their forecast: neither fooled by chance nor blind."""

from __future__ import annotations

import math

import numpy as np
import pytest

from audit.core.proportions import Change
from tuning.core.watching import (
    PARTED,
    WATCH_DAYS,
    WATCHED,
    Forecast,
    Standing,
    Tallies,
    forecast_of,
    sentence_of,
    watch,
)

PROMISED = Forecast(metric="precision@10", change=Change(0.1, 0.05, 0.15))


def tallies(share, *, shown=20_000, hours=48):
    """Return hours that all have the same share."""
    trials = np.full(hours, shown // hours)
    return Tallies(np.round(trials * share).astype(np.int64), trials)


def watched(after, before, *, forecast=PROMISED, days=2):
    return watch("ctr", days=days, after=after, before=before, forecast=forecast)


class TestAFigure:
    @pytest.mark.parametrize(
        ("share", "standing"),
        [
            (0.110, Standing.TOGETHER),
            (0.080, Standing.BELOW),
            (0.150, Standing.ABOVE),
            # Clearly less than promised, but less than the margin.
            (0.1065, Standing.TOGETHER),
        ],
    )
    def test_parts_by_more_than_chance_and_margin(self, share, standing):
        found = watched(tallies(share, shown=2_000_000), tallies(0.1, shown=2_000_000))

        assert found.standing is standing

    def test_is_not_judged_on_few_clicks_nor_before_a_day(self):
        few = Tallies(np.array([9]), np.array([5_000]))

        assert watched(few, tallies(0.1)).standing is Standing.NOT_ENOUGH
        assert watched(tallies(0.1), few).standing is Standing.NOT_ENOUGH
        early = watched(tallies(0.01), tallies(0.1), days=0)
        assert early.standing is Standing.TOO_EARLY

    def test_without_a_forecast_shows_its_change_and_judges_nothing(self):
        found = watched(tallies(0.05), tallies(0.1), forecast=None)

        assert found.standing is Standing.NO_FORECAST
        assert found.change is not None
        assert found.change.value == pytest.approx(-0.5, abs=0.01)

    def test_has_the_interval_worked_out_by_hand(self):
        # 60 of 1,000 after 50 of 1,000 in one hour: no dispersion is known.
        found = watched(
            Tallies(np.array([60]), np.array([1_000])),
            Tallies(np.array([50]), np.array([1_000])),
        )
        live = math.log(1.2)
        wide = math.sqrt(1 / 60 - 1 / 1_000 + 1 / 50 - 1 / 1_000)
        promised = (math.log(1.15) - math.log(1.05)) / 2 / 1.959964
        far = 2.9137 * math.hypot(wide, promised)  # Two-sided, 5 % of 14 looks.

        assert found.change.low == pytest.approx(math.exp(live - 1.959964 * wide) - 1)
        assert found.gap.value == pytest.approx(1.2 / 1.1 - 1)
        assert found.gap.high == pytest.approx(
            math.exp(live - math.log(1.1) + far) - 1, abs=1e-4
        )
        assert sentence_of(found) == (
            "Click rate +20.0% (-16.7% to +72.8%) in 2 days, forecast +10.0% (+5.0% to"
            " +15.0%): they do not part."
        )

    def test_is_less_sure_where_hours_differ_among_themselves(self):
        calm, wild = tallies(0.1), tallies(0.1)
        wild.hits[::2], wild.hits[1::2] = 0, 2 * wild.hits[1::2]

        after = tallies(0.08, shown=200_000)
        assert calm.total == wild.total
        assert watched(after, calm).standing is Standing.BELOW
        assert watched(after, wild).standing is Standing.TOGETHER


def test_looking_every_day_cries_wolf_in_fewer_than_one_watch_in_twenty():
    rng = np.random.default_rng(5)
    watches, alarms = 200, 0
    exact = Forecast(metric="precision@10", change=Change(0.1, 0.1, 0.1))
    for _ in range(watches):
        trials = np.full(24 * WATCH_DAYS, 200)
        sides = [
            [Tallies(rng.binomial(trials, share), trials) for share in (0.033, 0.03)]
            for _ in WATCHED
        ]
        alarms += any(
            watch(
                figure,
                days=days,
                after=_first(after, days),
                before=_first(before, days),
                forecast=exact,
            ).standing
            in PARTED
            for figure, (after, before) in zip(WATCHED, sides, strict=True)
            for days in range(1, WATCH_DAYS + 1)
        )

    assert alarms / watches < 0.05


def _first(side, days):
    return Tallies(side.hits[: 24 * days], side.trials[: 24 * days])


@pytest.mark.parametrize(
    ("lifts", "metric"),
    [
        ({"ndcg@10": 0.2, "precision@10": 0.1}, "precision@10"),
        ({"ndcg@10": 0.2, "hit_rate@10": None}, "ndcg@10"),
        ({"mrr@10": 0.2}, None),
    ],
)
def test_a_forecast_is_read_from_what_is_nearest_to_a_click_rate(lifts, metric):
    evidence = {
        "lifts": {
            name: {
                "relative": {
                    "value": value,
                    "low": None if value is None else value - 0.1,
                    "high": None if value is None else value + 0.1,
                }
            }
            for name, value in lifts.items()
        }
    }

    found = forecast_of(evidence)

    assert (found.metric if found else None) == metric
    assert forecast_of({"why_not": "No events."}) is None
