"""Experiments: statistics against a second way, and verdicts against a known truth."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy import stats

from simulations.core.experiments import (
    Plan,
    Sample,
    Verdict,
    adjusted,
    balance_of,
    benjamini_hochberg,
    compare,
    detectable_effect,
    holm,
    judge,
    report_of,
    subjects_needed,
)

some_chances = st.lists(st.floats(0, 1), min_size=1, max_size=8)


def sample(name: str, *, mean: float, n: int, seed: int, lift: float = 0.0) -> Sample:
    """Return subjects whose outcome is mostly what they did before."""
    rng = np.random.default_rng(seed)
    before = rng.gamma(2.0, mean / 2, n)
    after = 0.8 * before + rng.gamma(2.0, mean / 10, n) + lift
    return Sample(name=name, outcomes=after, covariates=before)


def judged(control: Sample, *others: Sample, is_over: bool = True, **fields):
    counts = [len(control), *map(len, others)]
    balance = balance_of(counts, weights=[1.0] * len(counts))
    return judge(
        compare(control, others),
        balance=balance,
        **{"smallest_effect": 0.02, "is_over": is_over, **fields},
    )


class TestBalance:
    def test_is_scipys(self):
        found = balance_of([480, 530, 990], weights=[1, 1, 2])

        expected = stats.chisquare([480, 530, 990], [500, 500, 1000]).pvalue
        assert found.chance == pytest.approx(expected)

    def test_seldom_refuses_what_chance_did(self):
        rng = np.random.default_rng(5)
        kept = [
            balance_of(
                [(n := int(rng.binomial(4_000, 0.5))), 4_000 - n], weights=[1, 1]
            )
            for _ in range(500)
        ]

        assert sum(not each.is_kept for each in kept) <= 4

    def test_of_nobody_is_kept(self):
        assert balance_of([0, 0], weights=[1, 1]).is_kept


class TestCorrection:
    @given(some_chances)
    def test_by_holm_is_what_its_definition_says(self, chances):
        ordered = sorted(chances)
        expected = {
            value: max(
                min((len(ordered) - i) * ordered[i], 1.0)
                for i in range(ordered.index(value) + 1)
            )
            for value in ordered
        }

        for value, corrected in zip(chances, holm(chances), strict=True):
            assert corrected >= min(value, 1.0) - 1e-9
            if chances.count(value) == 1:
                assert corrected == pytest.approx(expected[value], abs=1e-9)

    @given(some_chances)
    def test_by_benjamini_and_hochberg_is_scipys(self, chances):
        expected = stats.false_discovery_control(chances, method="bh")

        assert benjamini_hochberg(chances) == pytest.approx(expected, abs=1e-9)

    @given(some_chances)
    def test_by_holm_is_never_milder(self, chances):
        pairs = zip(holm(chances), benjamini_hochberg(chances), strict=True)

        assert all(strict >= mild - 1e-9 for strict, mild in pairs)


class TestComparison:
    def test_is_welchs_test(self):
        rng = np.random.default_rng(3)
        control, variant = rng.normal(1, 1, 90), rng.normal(1.2, 3, 60)
        (found,) = compare(
            Sample(name="a", outcomes=control), [Sample(name="b", outcomes=variant)]
        )

        test = stats.ttest_ind(variant, control, equal_var=False)
        interval = test.confidence_interval()
        assert found.chance == pytest.approx(test.pvalue)
        assert (found.low, found.high) == pytest.approx((interval.low, interval.high))

    def test_sees_more_with_what_was_known_before(self):
        control = sample("a", mean=1.0, n=800, seed=1)
        variant = sample("b", mean=1.0, n=800, seed=2, lift=0.05)
        (with_it,) = compare(control, [variant])
        bare = [Sample(name=s.name, outcomes=s.outcomes) for s in (control, variant)]
        (without,) = compare(bare[0], bare[1:])

        assert with_it.explained > 0.9
        assert with_it.high - with_it.low < (without.high - without.low) / 3
        assert with_it.low <= 0.05 <= with_it.high

    def test_holds_the_truth_in_nineteen_of_twenty_worlds(self):
        holds = 0
        for seed in range(300):
            control = sample("a", mean=1.0, n=150, seed=2 * seed)
            variant = sample("b", mean=1.0, n=150, seed=2 * seed + 1, lift=0.02)
            (found,) = compare(control, [variant])
            holds += found.low <= 0.02 <= found.high

        assert 0.91 <= holds / 300 <= 0.985

    def test_of_outcomes_that_never_vary_is_certain(self):
        (same,) = compare(
            Sample(name="a", outcomes=np.zeros(5)),
            [Sample(name="b", outcomes=np.zeros(5))],
        )

        assert (same.difference, same.chance) == (0.0, 1.0)

    def test_is_not_adjusted_by_what_never_varied(self):
        outcomes = [np.array([1.0, 2.0]), np.array([3.0, 4.0])]

        found, explained = adjusted(outcomes, [np.ones(2), np.ones(2)])
        assert explained == 0.0
        assert np.array_equal(found[0], outcomes[0])


class TestPower:
    @given(st.floats(0.01, 1), st.floats(0.1, 3), st.floats(0.02, 0.5))
    def test_and_the_effect_it_lets_see_agree(self, mean, ratio, effect):
        known = {"mean": mean, "deviation": ratio * mean}
        n = subjects_needed(effect=effect, **known)

        assert detectable_effect(subjects=n, **known) <= effect * (1 + 1e-9)
        if n > 10:
            assert detectable_effect(subjects=n - 2, **known) > effect * 0.99

    def test_is_what_repeating_the_experiment_finds(self):
        n = subjects_needed(mean=0.2, deviation=0.4, effect=0.25)
        rng = np.random.default_rng(9)
        seen = 0
        for _ in range(400):
            control = Sample(name="a", outcomes=(rng.random(n) < 0.2).astype(float))
            variant = Sample(name="b", outcomes=(rng.random(n) < 0.25).astype(float))
            seen += compare(control, [variant])[0].is_real

        assert seen / 400 == pytest.approx(0.8, abs=0.07)


class TestVerdict:
    control = sample("control", mean=1.0, n=900, seed=10)

    def test_ships_what_is_better(self):
        found = judged(self.control, sample("b", mean=1.0, n=900, seed=11, lift=0.1))

        assert (found.verdict, found.winner) == (Verdict.SHIP, "b")
        assert found.reasons[0].startswith("b raises the metric: +")

    def test_ships_nothing_before_the_planned_end(self):
        better = sample("b", mean=1.0, n=900, seed=11, lift=0.1)
        found = judged(self.control, better, is_over=False)

        assert found.verdict is Verdict.HOLD
        assert "planned end" in found.reasons[0]

    def test_without_an_end_is_over_with_the_subjects_that_it_needs(self):
        better = sample("b", mean=1.0, n=900, seed=11, lift=0.1)

        def report(smallest: float):
            plan = Plan(
                metric="clicks",
                weights=[1, 1],
                smallest_effect=smallest,
                days=9,
                has_end=False,
                is_past_end=False,
            )
            return report_of([self.control, better], plan)

        large, small = report(0.5), report(0.001)
        assert large.verdicts.verdict is Verdict.SHIP
        assert large.days_left == 0
        assert small.verdicts.verdict is Verdict.HOLD
        assert "subjects in every variant" in small.verdicts.reasons[0]
        assert small.days_left == math.ceil((small.needed - 900) / 100)

    def test_stops_what_does_harm_at_any_time(self):
        worse = sample("b", mean=1.0, n=900, seed=12, lift=-0.1)

        assert judged(self.control, worse, is_over=False).verdict is Verdict.STOP

    def test_stops_where_subjects_are_missing(self):
        found = judged(self.control, sample("b", mean=1.0, n=700, seed=13, lift=0.2))

        assert found.verdict is Verdict.STOP
        assert "900 for 800, 700 for 800" in found.reasons[0]

    def test_holds_where_nothing_is_shown_and_says_whether_to_go_on(self):
        same = sample("b", mean=1.0, n=900, seed=14)

        ruled_out = judged(self.control, same, smallest_effect=0.2)
        open_still = judged(self.control, same, smallest_effect=0.001)
        assert ruled_out.verdict is open_still.verdict is Verdict.HOLD
        assert "ruled out" in ruled_out.reasons[-1]
        assert "more subjects" in open_still.reasons[-1]

    def test_holds_while_too_few_take_part(self):
        few = [sample(name, mean=1.0, n=40, seed=n) for n, name in enumerate("ab")]

        assert "at least 100" in judged(*few).reasons[0]

    def test_seldom_ships_one_of_five_that_do_nothing(self):
        shipped = 0
        for world in range(120):
            variants = [
                sample(f"v{n}", mean=1.0, n=150, seed=1_000 + 10 * world + n)
                for n in range(6)
            ]
            shipped += judged(*variants).verdict is Verdict.SHIP

        assert shipped / 120 <= 0.075
