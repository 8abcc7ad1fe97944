"""Every strategy finds a hill, and is told the same whoever asks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.core.limits import Limit
from tuning.core import suggesting
from tuning.core.acquiring import expected_improvement, hypervolume_improvement
from tuning.core.gaussian import GaussianProcess
from tuning.core.goals import Objective, best_of, front, held_to, violation_of
from tuning.core.reasons import reasons, sensitivities
from tuning.core.schedule import generations, shall_end
from tuning.core.space import Parameter, Space
from tuning.core.spec import STRATEGIES, spec_of
from tuning.core.suggesting import Suggestion, Tried, learn, suggest_learnt
from tuning.operations.sampling import suggest

ALPHA = Parameter(knob="blend_alpha", low=0, high=1)
BETA = Parameter(knob="blend_beta", low=0, high=2)
KIND = Parameter(knob="normalisation", choices=("max", "rank"))


def hill(values):
    """Highest at alpha 0.7 with ranks; beta does nothing."""
    return -((values["blend_alpha"] - 0.7) ** 2) + 0.1 * (
        values["normalisation"] == "rank"
    )


def swept(strategy, *, budget=30, seed=0, shuffle=False):
    spec = spec_of(
        {
            "parameters": [ALPHA, BETA, KIND],
            "strategy": strategy,
            "budget": budget,
            "batch": 5,
            "levels": 5,
            "seed": seed,
        }
    )
    past: list[Tried] = []
    for generation, numbers in enumerate(generations(spec)):
        seen = list(reversed(past)) if shuffle else past
        found = suggest(spec, generation, seen)
        if generation == 0:
            found = [
                Suggestion(
                    values={
                        "blend_alpha": 0.1,
                        "blend_beta": 1.0,
                        "normalisation": "max",
                    }
                ),
                *found,
            ]
        past += [
            Tried(
                number=n, values=each.values, gains=(hill(each.values),), violation=-1
            )
            for n, each in zip(numbers, found, strict=True)
        ]
    return past


@pytest.mark.parametrize("strategy", list(STRATEGIES))
def test_each_strategy_climbs_the_hill_and_repeats_itself(strategy):
    past = swept(strategy)

    best = max(past, key=lambda each: each.gains)
    assert best.gains[0] > (0.06 if strategy == "nsga2" else 0.09)
    assert swept(strategy, shuffle=True) == past


def test_learning_beats_chance():
    found = {
        name: np.mean(
            [max(t.gains[0] for t in swept(name, budget=20, seed=s)) for s in range(2)]
        )
        for name in ("gp", "random")
    }
    assert found["gp"] > found["random"]


def test_the_process_goes_through_what_it_saw_and_is_unsure_elsewhere():
    points = np.linspace(0, 1, 8)[:, np.newaxis]
    process = GaussianProcess.fitted(points, np.sin(4 * points[:, 0]))

    near, sure = process.predict(points)
    _, unsure = process.predict(np.array([[1.6]]))

    assert np.allclose(near, np.sin(4 * points[:, 0]), atol=0.1)
    assert unsure[0] > 3 * sure.max()


def test_believing_changes_no_mean_there_and_removes_doubt():
    rng = np.random.default_rng(1)
    points = rng.random((12, 2))
    process = GaussianProcess.fitted(
        points, points.sum(axis=1) + rng.normal(0, 0.2, 12)
    )
    chosen = np.array([0.9, 0.1])

    before = process.predict(chosen[np.newaxis])
    after = process.believing(chosen).predict(chosen[np.newaxis])

    assert after[0][0] == pytest.approx(before[0][0], abs=0.05)
    assert after[1][0] < before[1][0]


def test_improvement_is_that_of_a_great_many_draws():
    mean, deviation, best = 0.3, 0.5, 0.6
    draws = np.random.default_rng(0).normal(mean, deviation, 400_000)

    found = expected_improvement(np.array([mean]), np.array([deviation]), best=best)

    assert found[0] == pytest.approx(np.maximum(draws - best, 0).mean(), rel=0.01)


def test_the_volume_gained_is_that_of_rectangles():
    seen = np.array([[0.0, 1.0], [1.0, 0.0]])
    found = hypervolume_improvement(
        np.array([[0.5, 0.5], [-0.05, -0.05]]),
        np.full((2, 2), 1e-9),
        seen=seen,
        rng=np.random.default_rng(0),
    )
    # The box begins at -0.1 and is 1.6 wide; the front already holds the two corners.
    assert found[0] == pytest.approx(0.25 / 1.6**2, rel=0.25)
    assert found[1] == 0


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 4), st.sampled_from([-1.0, 0.5])),
        min_size=1,
        max_size=12,
    )
)
def test_the_front_is_what_the_obvious_loop_finds(rows):
    gains = np.array([[float(a), float(b)] for a, b, _ in rows])
    violations = np.array([v for _, _, v in rows])
    least = max(0.0, violations.min())

    def beats(i, j):
        better = (gains[i] >= gains[j]).all()
        return better and ((gains[i] > gains[j]).any() or i < j)

    allowed = [i for i in range(len(rows)) if violations[i] <= least]
    obvious = [
        i in allowed and not any(beats(j, i) for j in allowed if j != i)
        for i in range(len(rows))
    ]
    assert front(gains, violations).tolist() == obvious
    assert obvious[best_of(gains, violations)]


def test_what_was_not_computed_is_not_kept():
    limits = {"min_catalog_coverage": _limit(0.5), "max_popularity_bias": _limit(0.9)}

    told = held_to(limits, {"catalog_coverage@20": 0.6})

    assert [each.state for each in told] == ["pass", "not_computed"]
    assert violation_of(told) > 0
    assert violation_of(told[:1]) < 0


def _limit(stop):
    return Limit(stop=stop)


def test_a_knob_that_decides_is_told_from_one_that_does_not():
    learnt = learn(Space((ALPHA, BETA, KIND)), swept("random", budget=40))

    shares = {each.parameter: each.share for each in sensitivities(learnt)}

    assert shares["blend_alpha"] > 0.4
    assert shares["blend_beta"] < 0.1


def test_a_suggestion_says_why():
    past = swept("random", budget=40)
    learnt = learn(Space((ALPHA, BETA, KIND)), past)
    start = {"blend_alpha": 0.1, "blend_beta": 1.0, "normalisation": "max"}
    suggestion = Suggestion(
        values={"blend_alpha": 0.7, "blend_beta": 1.0, "normalisation": "rank"},
        means=(0.09,),
        deviations=(0.01,),
    )
    segments = {"vips": np.array([each.values["blend_alpha"] for each in past])}

    told = reasons(
        learnt,
        suggestion,
        start,
        objectives=[Objective(metric="ndcg@10")],
        segments=segments,
    )

    assert told[0] == (
        "Raise blend_alpha from 0.1 to 0.7: what is popular explains more of what vips"
        " chose."
    )
    assert told[-1].startswith("Expected ndcg@10: 0.0900 ±")


def test_what_would_probably_break_a_guardrail_is_not_suggested():
    # The higher the better, but from 0.5 on a guardrail is broken.
    past = [
        Tried(
            number=n,
            values={"blend_alpha": n / 10, "blend_beta": 1.0},
            gains=(n / 10,),
            violation=n / 10 - 0.5,
        )
        for n in range(11)
    ]
    learnt = learn(Space((ALPHA, BETA)), past)

    found = suggest_learnt(
        learnt, count=5, rng=np.random.default_rng(1), least_feasible=0.5
    )

    assert all(each.feasible >= 0.5 for each in found)
    assert max(each.values["blend_alpha"] for each in found) < 0.55


def test_a_trial_ends_early_only_when_it_is_worse_in_everything():
    earlier = [[n / 10, n / 10] for n in range(10)]

    assert shall_end([0.1, 0.1], earlier)
    assert not shall_end([0.1, 0.9], earlier)
    assert not shall_end([0.0, 0.0], earlier[:7])


@given(st.floats(0, 1), st.sampled_from([ALPHA, BETA, KIND]))
def test_a_value_is_found_again_where_it_came_from(share, parameter):
    value = parameter.value_at(share)
    again = parameter.value_at(parameter.share_of(value))

    assert again == value


@pytest.mark.parametrize("strategy", sorted(set(STRATEGIES) - {"grid"}))
def test_what_shall_be_tried_first_is_tried_first(strategy):
    wanted = [
        {"blend_alpha": n / 20, "blend_beta": 1.0, "normalisation": "rank"}
        for n in range(12)
    ]
    document = {"parameters": [ALPHA, BETA, KIND], "strategy": strategy, "batch": 5}
    spec = spec_of(document | {"first": wanted, "budget": 30})
    numbers = generations(spec)[0]

    found = suggest(spec, 0, [])

    assert [each.values for each in found[:12]] == wanted
    assert len(found) == len(numbers) - 1
    with pytest.raises(ValueError, match="not 12 to try first"):
        spec_of(document | {"first": wanted, "budget": 12})


def test_of_very_many_trials_the_front_and_every_so_many_others_are_learnt(monkeypatch):
    monkeypatch.setattr(suggesting, "MOST_TO_LEARN_FROM", 12)
    past = [
        Tried(
            number=number,
            values={"blend_alpha": number / 50, "blend_beta": 0.5},
            gains=(-abs(number - 31.0),),
            violation=-1.0,
        )
        for number in range(50)
    ]

    learnt = learn(Space((ALPHA, BETA)), past)

    assert learnt is not None
    assert len(learnt.points) == len(learnt.gains) == len(learnt.violations) == 12
    assert learnt.gains.max() == 0.0  # The best one is among them.
    assert np.ptp(learnt.points[:, 0]) > 0.9 * np.ptp([p / 50 for p in range(50)])
