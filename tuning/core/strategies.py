"""What is tried next, by the strategies that are arithmetic of our own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .schedule import generations, wanted
from .spec import SweepSpec
from .suggesting import (
    Suggestion,
    Tried,
    by_chance,
    learn,
    spread_out,
    suggest_learnt,
)


def suggestions(
    spec: SweepSpec, generation: int, past: Sequence[Tried]
) -> list[Suggestion]:
    """Return the suggestions of a generation, without the first trial of all.

    The first generation begins with what the specification wants tried first. For the
    strategies that are arithmetic of our own; see `tuning.operations.sampling` for the
    others.

    Parameters
    ----------
    spec : SweepSpec
    generation : int
    past : sequence of Tried
        Finished trials of the generations before, in any order.
    """
    asked = spec.first if generation == 0 else ()
    begun = [Suggestion(values=dict(values)) for values in asked]
    count = wanted(spec, generation) - len(begun)
    return [*begun, *_by_strategy(spec, generation, past, count=count)]


def _by_strategy(
    spec: SweepSpec, generation: int, past: Sequence[Tried], *, count: int
) -> list[Suggestion]:
    space = spec.space
    rng = np.random.default_rng([spec.seed, generation])
    if spec.strategy == "grid":
        return _of_grid(spec, generation)
    if spec.strategy == "random":
        return by_chance(space, count=count, rng=rng)
    if generation == 0:
        return spread_out(space, count=count, rng=rng)
    learnt = learn(space, sorted(past, key=lambda each: each.number))
    if learnt is None:
        return by_chance(space, count=count, rng=rng)
    return suggest_learnt(learnt, count=count, rng=rng)


def _of_grid(spec: SweepSpec, generation: int) -> list[Suggestion]:
    points = spec.space.grid(spec.levels)
    order = np.random.default_rng(spec.seed).permutation(len(points))
    return [
        Suggestion(values=points[order[number - 1]])
        for number in generations(spec)[generation]
        if number > 0
    ]
