"""Intervals: what they hold, that they are paired, and that seeds repeat them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simulations.core.bootstrap import UNKNOWN, Resample


def resample(n: int, *, seed: int = 0, draws: int = 400) -> Resample:
    return Resample(np.arange(n), draws=draws, seed=seed)


def test_equal_seeds_give_equal_intervals() -> None:
    values = np.random.default_rng(1).random(50)

    assert resample(50).mean(values) == resample(50).mean(values)
    assert resample(50).mean(values) != resample(50, seed=1).mean(values)


def test_an_interval_is_as_wide_as_that_of_scipy() -> None:
    values = np.random.default_rng(2).exponential(size=300)
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=2_000, method="percentile", rng=3
    ).confidence_interval

    ours = resample(300, draws=2_000).mean(values)

    assert ours.value == pytest.approx(values.mean())
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), rel=0.03)


def test_holds_the_truth_about_nineteen_times_of_twenty() -> None:
    rng = np.random.default_rng(4)
    held = 0
    for trial in range(200):
        found = resample(120, seed=trial, draws=300).mean(rng.normal(0.4, 0.2, 120))
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0.4 <= found.high

    assert 180 <= held <= 198


def test_pairs_are_surer_than_their_parts() -> None:
    rng = np.random.default_rng(5)
    theirs = rng.random(200)
    ours = theirs + 0.02 + rng.normal(0, 0.01, 200)
    draws = resample(200)

    gap = draws.means((ours - theirs)[:, np.newaxis])[0]

    assert gap.low is not None
    assert gap.low > 0
    assert draws.mean(ours).low < draws.mean(theirs).high  # type: ignore[operator]


def test_a_user_is_drawn_with_all_rows() -> None:
    users = np.array([7, 7, 9])
    weights = Resample(users, draws=50, seed=0).weights

    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, 0] + weights[:, 2] == 2).all()


def test_what_nobody_has_is_not_computed() -> None:
    nothing = np.full(3, np.nan)

    assert resample(3).mean(nothing) == UNKNOWN
    assert resample(3).relatives(np.ones((3, 1)), np.zeros((3, 1))) == [UNKNOWN]


def test_counts_only_who_has_a_figure() -> None:
    found = resample(3).mean(np.array([1.0, np.nan, 3.0]))

    assert (found.value, found.n) == (2.0, 2)


def test_a_relative_lift_is_that_of_the_means() -> None:
    ours, theirs = np.array([[0.3], [0.5]]), np.array([[0.1], [0.3]])

    assert resample(2).relatives(ours, theirs)[0].value == pytest.approx(1.0)


def test_some_rows_keep_the_draws_of_their_users() -> None:
    whole = Resample(np.array([1, 2, 3, 2]), draws=30, seed=0)

    part = whole.only(np.array([False, True, False, True]))

    assert part.n_users == 1
    assert (part.weights == whole.weights[:, [1, 3]]).all()


def test_an_interval_of_all_lists_together_ends_where_the_figure_can() -> None:
    drawn = np.random.default_rng(6).normal(0.99, 0.01, 200)

    found = resample(50).spread(0.995, drawn, within=(0.0, 1.0))

    assert found.high == 1.0
    assert found.low == pytest.approx(0.995 - 1.96 * drawn.std(ddof=1), abs=1e-6)
