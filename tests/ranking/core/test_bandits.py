"""Bandits: buckets, choices, propensities, and what they learn."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from ranking.core.bandits import ALGORITHMS, Arm, Holdout, bucket_key, choose
from ranking.core.bandits.buckets import LONGEST
from ranking.core.bandits.choosing import (
    linucb_scores,
    thompson_scores,
    ucb1_scores,
    without_exploration,
)
from ranking.core.bandits.linear import DIMENSIONS, LinearArm, features
from ranking.core.bandits.propensities import chances_to_be_best

contexts = st.dictionaries(
    st.text(min_size=1, max_size=8), st.text(max_size=12), max_size=6
)


@st.composite
def some_arms(draw: st.DrawFn) -> list[Arm]:
    trials = draw(st.lists(st.integers(0, 500), min_size=1, max_size=6))
    shares = [draw(st.floats(0, 1)) for _ in trials]
    return [
        Arm(
            policy_id=f"p{n}",
            trials=tried,
            reward_sum=share * tried,
            estimate=share,
            width=1 / (1 + tried),
        )
        for n, (tried, share) in enumerate(zip(trials, shares, strict=True))
    ]


class TestBucketKey:
    def test_keeps_values_of_keys_in_capitals_or_with_spaces(self):
        assert bucket_key({" Device Type ": "Mobile"}) == "ctx:device type=mobile"

    def test_of_a_long_context_ends_in_a_hash_of_all_of_it(self):
        long = {"k": "v" * 300}
        whole = f"ctx:k={'v' * 300}"
        digest = hashlib.sha1(whole.encode()).hexdigest()[:16]

        assert bucket_key(long) == f"{whole[:LONGEST]}|h={digest}"
        assert bucket_key({"k": "v" * 301}) != bucket_key(long)

    @given(contexts)
    def test_does_not_depend_on_the_order_of_facts(self, context):
        backwards = dict(reversed(context.items()))

        assert bucket_key(backwards) == bucket_key(context)

    def test_leaves_out_what_is_no_fact(self):
        assert bucket_key({"tags": ["a"], "none": None}) == "ctx:empty"
        assert bucket_key(None) == "ctx:empty"


class TestChoice:
    @given(some_arms(), st.sampled_from(ALGORITHMS), st.integers(0, 2**64 - 1))
    def test_is_the_same_for_the_same_arms_and_seed(self, arms, algorithm, seed):
        first = choose(arms, algorithm=algorithm, seed=seed)

        assert choose(arms, algorithm=algorithm, seed=seed) == first
        assert sum(first.propensities.values()) == pytest.approx(1.0)
        assert 0 < first.propensity <= 1
        assert first.explores == (first.policy_id != first.empirical_best)

    @given(some_arms())
    def test_without_exploration_takes_the_highest_mean(self, arms):
        choice = without_exploration(arms)

        taken = next(arm for arm in arms if arm.policy_id == choice.policy_id)
        assert taken.mean == max(arm.mean for arm in arms)
        assert not choice.explores

    def test_of_the_empirically_best_arm_takes_the_first_of_equal_ones(self):
        arms = [Arm(policy_id="b"), Arm(policy_id="a")]

        assert choose(arms, algorithm="ucb1", seed=1).empirical_best == "b"

    @given(some_arms())
    def test_by_ucb1_follows_the_formula(self, arms):
        played = [max(arm.trials, 1) for arm in arms]
        expected = [
            (arm.reward_sum / arm.trials if arm.trials else 0.0)
            + math.sqrt(2 * math.log(sum(played)) / n)
            for arm, n in zip(arms, played, strict=True)
        ]

        assert ucb1_scores(arms) == pytest.approx(expected)

    def test_by_thompson_sampling_draws_from_the_posterior(self):
        arm = Arm(policy_id="a", trials=30, reward_sum=12.0)
        draws = [thompson_scores([arm], seed)[0] for seed in range(4_000)]

        mean = 13 / 32
        assert np.mean(draws) == pytest.approx(mean, abs=0.006)
        assert np.var(draws) == pytest.approx(mean * (1 - mean) / 33, rel=0.1)


class TestPropensities:
    @pytest.mark.parametrize(
        "posteriors",
        [
            [(1, 1), (1, 1), (1, 1)],
            [(2, 9), (20, 80), (200, 900)],
            [(5_000, 5_000), (1, 1)],
            [(30, 70), (33, 70), (1, 3), (400, 900)],
        ],
    )
    def test_are_how_often_thompson_sampling_takes_an_arm(self, posteriors):
        rng = np.random.default_rng(7)
        drawn = np.array([rng.beta(a, b, 100_000) for a, b in posteriors])
        often = np.bincount(drawn.argmax(axis=0), minlength=len(posteriors)) / 1e5

        assert chances_to_be_best(posteriors) == pytest.approx(often, abs=0.006)

    def test_are_one_for_an_algorithm_that_does_not_draw(self):
        arms = [Arm(policy_id="a"), Arm(policy_id="b")]

        assert choose(arms, algorithm="ucb1", seed=3).propensities == {"a": 1, "b": 0}


class TestLinearArm:
    @given(st.lists(st.tuples(contexts, st.floats(0, 1)), max_size=12), contexts)
    def test_judges_as_ridge_regression_does(self, rewards, asked):
        arm = LinearArm.new()
        rows, told = [], []
        for context, reward in rewards:
            rows.append(features(bucket_key(context)))
            told.append(reward)
            arm = arm.learned(rows[-1], reward=reward)
        x = features(bucket_key(asked))

        design = np.array(rows).reshape(-1, DIMENSIONS)
        left = design.T @ design + np.eye(DIMENSIONS)
        theta = np.linalg.solve(left, design.T @ np.array(told))
        width = math.sqrt(x @ np.linalg.solve(left, x))
        assert arm.judge(x) == pytest.approx((theta @ x, width), abs=1e-9)
        again = LinearArm.unpacked(arm.packed())
        assert again.judge(x) == arm.judge(x)

    @given(contexts)
    def test_sees_contexts_of_length_one(self, context):
        assert np.linalg.norm(features(bucket_key(context))) == pytest.approx(1.0)

    def test_takes_a_number_by_its_size(self):
        early, late = features("ctx:hour=1"), features("ctx:hour=9")

        assert np.flatnonzero(early).tolist() == np.flatnonzero(late).tolist()
        assert abs(late[1:]).max() > abs(early[1:]).max()


class TestHoldout:
    def test_keeps_a_shopper_in_one_group_and_holds_its_share(self):
        holdout = Holdout(label="rt7d", share=0.2)
        groups = [holdout.variant_of(f"user-{n}") for n in range(5_000)]

        assert groups == [holdout.variant_of(f"user-{n}") for n in range(5_000)]
        assert groups.count("control") / 5_000 == pytest.approx(0.2, abs=0.02)

    def test_puts_other_shoppers_into_it_under_another_label(self):
        labels = [Holdout(label=label, share=0.5) for label in ("spring", "autumn")]
        same = sum(
            labels[0].variant_of(f"u{n}") == labels[1].variant_of(f"u{n}")
            for n in range(4_000)
        )

        assert same / 4_000 == pytest.approx(0.5, abs=0.04)


type Reward = Callable[[str, int], float]


def regret_of(algorithm: str, *, steps: int, seed: int) -> tuple[float, float]:
    """Play arms that pay .1, .3 and .6; return the regret of both halves, per step.

    For LinUCB the best arm depends on the context, so that partitioning is not enough.
    """
    rng = np.random.default_rng(seed)
    pays = {"low": 0.1, "mid": 0.3, "high": 0.6}
    arms = {name: Arm(policy_id=name) for name in pays}
    linear = {name: LinearArm.new() for name in pays}
    lost = np.zeros(steps)
    for step in range(steps):
        key = bucket_key({"device": ("phone", "desk")[int(rng.integers(2))]})
        truth = dict(pays)
        if algorithm == "linucb" and key.endswith("phone"):
            truth = {"low": 0.6, "mid": 0.3, "high": 0.1}
        taken = _play(algorithm, arms, linear, key=key, seed=int(rng.integers(2**63)))
        won = float(rng.random() < truth[taken])
        arm = arms[taken]
        arms[taken] = Arm(
            policy_id=taken, trials=arm.trials + 1, reward_sum=arm.reward_sum + won
        )
        linear[taken] = linear[taken].learned(features(key), reward=won)
        lost[step] = max(truth.values()) - truth[taken]
    return float(lost[: steps // 2].mean()), float(lost[steps // 2 :].mean())


def _play(
    algorithm: str,
    arms: dict[str, Arm],
    linear: dict[str, LinearArm],
    *,
    key: str,
    seed: int,
) -> str:
    seen = list(arms.values())
    if algorithm == "linucb":
        x = features(key)
        judged = [(arm, *linear[arm.policy_id].judge(x)) for arm in seen]
        seen = [
            Arm(policy_id=arm.policy_id, estimate=estimate, width=width)
            for arm, estimate, width in judged
        ]
    by_algorithm: dict[str, Callable[..., list[float]]] = {
        "thompson": thompson_scores,
        "ucb1": ucb1_scores,
        "linucb": linucb_scores,
    }
    scores = by_algorithm[algorithm](seen, seed)
    return seen[int(np.argmax(scores))].policy_id


# What somebody loses at every step who chooses evenly.
EVENLY = 0.6 - (0.1 + 0.3 + 0.6) / 3
# UCB1 goes on trying for long, as its bound lets expect.
LOST_AT_LAST = {"thompson": 0.02, "ucb1": 0.15, "linucb": 0.02}


class TestLearning:
    @pytest.mark.parametrize("algorithm", ALGORITHMS)
    def test_converges_to_the_best_arm(self, algorithm):
        first, last = regret_of(algorithm, steps=1_500, seed=11)

        assert last < first
        assert last < LOST_AT_LAST[algorithm] * EVENLY

    @pytest.mark.prove
    @pytest.mark.parametrize("algorithm", ALGORITHMS)
    def test_converges_in_eight_worlds_of_ten_thousand_steps(self, algorithm):
        lasts = [regret_of(algorithm, steps=10_000, seed=seed)[1] for seed in range(8)]

        assert np.mean(lasts) < LOST_AT_LAST[algorithm] / 2 * EVENLY
