"""Off-policy estimates: by hand, by a second way, and against a known truth."""

from __future__ import annotations

import math
from typing import Any

import hypothesis.extra.numpy as nph
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from simulations.core.offpolicy import (
    Log,
    crossfitted,
    doubly_robust,
    effective_size,
    evaluate,
    ips,
    snips,
)

chances = st.floats(0.05, 0.95)


@st.composite
def logs(draw: st.DrawFn) -> Log:
    n = draw(st.integers(2, 40))
    return Log(
        rewards=draw(nph.arrays(np.float64, n, elements=st.floats(0, 1))),
        propensities=draw(nph.arrays(np.float64, n, elements=chances)),
        targets=draw(nph.arrays(np.float64, n, elements=st.floats(0.01, 1))),
    )


class World:
    """Five actions in three situations, whose rewards are known."""

    pays = np.array(
        [
            [0.05, 0.10, 0.20, 0.30, 0.12],
            [0.30, 0.05, 0.10, 0.15, 0.10],
            [0.10, 0.10, 0.40, 0.05, 0.02],
        ]
    )
    logging = np.array(
        [
            [0.40, 0.20, 0.15, 0.10, 0.15],
            [0.10, 0.30, 0.30, 0.20, 0.10],
            [0.20, 0.20, 0.20, 0.20, 0.20],
        ]
    )
    target = np.array(
        [
            [0.00, 0.10, 0.10, 0.70, 0.10],
            [0.80, 0.05, 0.05, 0.05, 0.05],
            [0.05, 0.05, 0.80, 0.05, 0.05],
        ]
    )
    truth = float((target * pays).sum(axis=1).mean())
    logged = float((logging * pays).sum(axis=1).mean())

    @classmethod
    def log(cls, n: int, *, seed: int) -> Log:
        rng = np.random.default_rng(seed)
        situations = rng.integers(3, size=n)
        draws = rng.random(n)[:, np.newaxis]
        actions = (draws > cls.logging[situations].cumsum(axis=1)).sum(axis=1)
        rewards = (rng.random(n) < cls.pays[situations, actions]).astype(np.float64)
        # The model knows actions and not situations: it is wrong, as models are.
        predicted = crossfitted(actions, rewards, chances=cls.target[situations])
        return Log(
            rewards=rewards,
            propensities=cls.logging[situations, actions],
            targets=cls.target[situations, actions],
            predicted=predicted,
        )


def bias_and_coverage(n: int, *, worlds: int) -> dict[str, tuple[float, float]]:
    """Return each estimator's mean error, and how often its interval holds."""
    found: dict[str, list[tuple[float, bool]]] = {}
    for seed in range(worlds):
        report = evaluate(World.log(n, seed=seed))
        if report.difference is None:
            continue
        gain = World.truth - World.logged
        told = [(each, World.truth) for each in report.estimates]
        told.append((report.difference, gain))
        for each, truth in told:
            holds = each.low <= truth <= each.high
            found.setdefault(each.method, []).append((each.value - truth, holds))
    return {
        method: tuple(np.array(pairs, dtype=np.float64).mean(axis=0).tolist())
        for method, pairs in found.items()
    }


class TestEstimators:
    @given(logs())
    def test_are_what_a_loop_computes(self, log):
        weights = [t / p for t, p in zip(log.targets, log.propensities, strict=True)]
        earned = sum(w * r for w, r in zip(weights, log.rewards, strict=True))

        assert ips(log).value == pytest.approx(earned / len(log))
        assert snips(log).value == pytest.approx(earned / sum(weights))

    def test_agree_with_numbers_worked_by_hand(self):
        log = Log(
            rewards=np.array([1.0, 0.0, 1.0, 1.0]),
            propensities=np.array([0.5, 0.25, 0.5, 0.2]),
            targets=np.array([1.0, 1.0, 0.0, 1.0]),
        )

        assert ips(log).value == pytest.approx((2 + 0 + 0 + 5) / 4)
        assert snips(log).value == pytest.approx(7 / 11)
        assert ips(log, clip=3).value == pytest.approx((2 + 0 + 0 + 3) / 4)
        assert effective_size(np.array([2, 4, 0, 5.0])) == pytest.approx(121 / 45)

    @given(logs())
    def test_of_the_logging_policy_itself_are_its_mean(self, log):
        same = Log(
            rewards=log.rewards, propensities=log.propensities, targets=log.propensities
        )

        assert ips(same).value == pytest.approx(log.rewards.mean())
        assert snips(same).value == pytest.approx(log.rewards.mean())

    @given(logs())
    def test_by_self_normalised_weights_stay_among_the_rewards(self, log):
        assert log.rewards.min() - 1e-9 <= snips(log).value <= log.rewards.max() + 1e-9

    def test_that_are_doubly_robust_need_predictions(self):
        log = Log(rewards=np.ones(2), propensities=np.ones(2), targets=np.ones(2))

        with pytest.raises(ValueError, match="needs predicted rewards"):
            doubly_robust(log)

    def test_meet_the_truth_and_their_intervals_hold_it(self):
        found = bias_and_coverage(1_000, worlds=150)

        # Three standard errors of what 150 worlds let see.
        for method, (bias, coverage) in found.items():
            assert abs(bias) < 0.006, method
            assert 0.90 <= coverage <= 0.99, method

    @pytest.mark.prove
    @pytest.mark.parametrize("n", [300, 1_000, 5_000])
    def test_meet_the_truth_in_two_thousand_worlds(self, n: int):
        found = bias_and_coverage(n, worlds=2_000)

        for method, (bias, coverage) in found.items():
            assert abs(bias) < 0.002, (method, found)
            assert 0.92 <= coverage <= 0.97, (method, found)

    def test_that_are_doubly_robust_vary_least(self):
        reports = [evaluate(World.log(800, seed=seed)) for seed in range(60)]
        spread = {
            method: np.std([report.estimates[place].value for report in reports])
            for place, method in enumerate(("ips", "snips", "dr"))
        }

        assert spread["dr"] <= spread["ips"]


class TestPrediction:
    def test_of_a_row_does_not_know_its_reward(self):
        actions, rewards = np.zeros(50, dtype=np.int64), np.zeros(50)
        everywhere = np.ones((50, 1))
        before = crossfitted(actions, rewards, chances=everywhere).taken
        rewards[7] = 1.0

        after = crossfitted(actions, rewards, chances=everywhere).taken
        assert after[7] == before[7]
        assert (np.delete(after, np.arange(2, 50, 5)) > 0).all()


class TestReport:
    def test_says_which_policy_earns_more(self):
        report = evaluate(World.log(4_000, seed=1))

        assert report.verdict.startswith("It would have earned more")
        assert report.mean_weight == pytest.approx(1.0, abs=0.05)

    def test_never_weighs_what_had_no_chance_in_it(self):
        by_chance = World.log(1_000, seed=3)
        fixed = Log(
            rewards=np.ones(500), propensities=np.ones(500), targets=np.ones(500)
        )
        both = Log(
            rewards=np.concatenate((by_chance.rewards, fixed.rewards)),
            propensities=np.concatenate((by_chance.propensities, fixed.propensities)),
            targets=np.concatenate((by_chance.targets, fixed.targets)),
        )

        report, alone = evaluate(both), evaluate(by_chance)
        assert report.n_deterministic == 500
        assert report.estimates == alone.estimates[:2]
        refused = evaluate(fixed)
        assert refused.is_refused
        assert refused.estimates == ()
        assert "was made by chance" in refused.verdict

    def test_refuses_a_policy_that_does_what_was_seldom_done(self):
        n = 400
        taken = np.arange(n) % 40 == 0
        log = Log(
            rewards=np.ones(n),
            propensities=np.where(taken, 0.025, 0.975),
            targets=taken.astype(np.float64),
        )
        report = evaluate(log, clip=100)

        assert report.size == pytest.approx(10)
        assert "weigh as much as 10" in report.refusals[0]
        assert any("carry" in each for each in evaluate(log).refusals)

    def test_refuses_what_overlaps_too_little_or_is_too_small(self):
        log = World.log(1_000, seed=2)
        possible = np.arange(1_000) % 10 == 0
        apart = Log(
            rewards=log.rewards,
            propensities=log.propensities,
            targets=log.targets,
            supported=possible,
        )

        assert "overlap too little" in evaluate(apart).refusals[0]
        assert "are needed" in evaluate(World.log(60, seed=2)).refusals[0]
        assert "no decision to judge" in evaluate(World.log(0, seed=2)).refusals[0]

    @pytest.mark.parametrize(
        ("column", "value"),
        [("propensities", 0.0), ("propensities", math.nan), ("targets", 1.5)],
    )
    def test_is_not_made_of_what_is_no_chance(self, column: str, value: float):
        columns: dict[str, Any] = {
            name: np.full(3, value if name == column else 0.5)
            for name in ("rewards", "propensities", "targets")
        }

        with pytest.raises(ValueError, match="must lie in"):
            Log(**columns)
