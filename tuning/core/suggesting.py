"""Suggestions of a Gaussian process, of chance and of a grid.

All are pure functions of what was tried and of a seed: whoever asks again, on whatever
machine, is told the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from .acquiring import feasibility, worth
from .gaussian import GaussianProcess
from .goals import front
from .space import Space

type F64 = NDArray[np.float64]

LEAST_TO_LEARN_FROM, MOST_TO_LEARN_FROM = 5, 400
_RANDOM, _NEAR_EACH, _BEST = 400, 40, 5
_NEAR = 0.08


class Tried(Struct, frozen=True, kw_only=True):
    """One finished trial, as later suggestions see it."""

    number: int
    values: dict[str, Any]
    gains: tuple[float, ...]
    """By objective, more is better."""

    violation: float
    """Above 0: a guardrail is broken."""


class Suggestion(Struct, frozen=True, kw_only=True):
    """Values worth trying, and what is expected of them."""

    values: dict[str, Any]
    means: tuple[float, ...] = ()
    """Expected gains by objective; empty where nothing was learnt."""

    deviations: tuple[float, ...] = ()
    feasible: float | None = None
    """How probable it is that the guardrails are kept."""


class Learnt(Struct, frozen=True, kw_only=True):
    """What trials taught: one model for each objective, one for the limits."""

    space: Space
    points: F64
    gains: F64
    violations: F64
    models: tuple[GaussianProcess, ...]
    limits: GaussianProcess | None

    @property
    def seen(self) -> F64:
        """Gains of what keeps the limits, or of all if nothing does."""
        kept = self.gains[self.violations <= 0]
        return kept if len(kept) else self.gains


def learn(space: Space, past: Sequence[Tried]) -> Learnt | None:
    """Learn from trials; None while there are too few of them."""
    known = [
        (point, each)
        for each in past
        if (point := space.encode(each.values)) is not None
    ]
    if len(known) < LEAST_TO_LEARN_FROM:
        return None
    points = np.stack([point for point, _ in known])
    gains = np.array([each.gains for _, each in known])
    violations = np.array([each.violation for _, each in known])
    telling = _telling(gains, violations)
    points, gains, violations = points[telling], gains[telling], violations[telling]
    return Learnt(
        space=space,
        points=points,
        gains=gains,
        violations=violations,
        models=tuple(GaussianProcess.fitted(points, column) for column in gains.T),
        limits=GaussianProcess.fitted(points, violations)
        if (violations > 0).any()
        else None,
    )


def _telling(gains: F64, violations: F64) -> NDArray[np.intp]:
    """Return which trials are learnt from: the front, and of the rest every so many.

    What a fit takes grows with the cube of their number: some 400 take a second, 2,000
    minutes, and tell little more.
    """
    if len(gains) <= MOST_TO_LEARN_FROM:
        return np.arange(len(gains))
    best = np.flatnonzero(front(gains, violations))[:MOST_TO_LEARN_FROM]
    others = np.setdiff1d(np.arange(len(gains)), best)
    room = MOST_TO_LEARN_FROM - len(best)
    spread = np.linspace(0, len(others) - 1, room).astype(np.intp)
    return np.sort(np.concatenate([best, others[spread]]))


def suggest_learnt(
    learnt: Learnt,
    *,
    count: int,
    rng: np.random.Generator,
    least_feasible: float = 0.0,
) -> list[Suggestion]:
    """Return what is most worth trying, each as if those before had been tried.

    What keeps the guardrails less probably than `least_feasible` is left out, unless
    nothing is as probable: then the most probable is taken.
    """
    found: list[Suggestion] = []
    models, limits = learnt.models, learnt.limits
    for _ in range(count):
        values = _candidates(learnt, rng)
        points = np.stack([_encoded(learnt.space, each) for each in values])
        value = worth(models, limits, points, seen=learnt.seen, rng=rng)
        place = int(
            (
                value
                if limits is None
                else _filtered(
                    value, feasibility(*limits.predict(points)), least=least_feasible
                )
            ).argmax()
        )
        chosen = points[place]
        told = [model.predict(chosen[np.newaxis]) for model in learnt.models]
        found.append(
            Suggestion(
                values=values[place],
                means=tuple(float(mean[0]) for mean, _ in told),
                deviations=tuple(float(deviation[0]) for _, deviation in told),
                feasible=_feasible(learnt, chosen),
            )
        )
        models = tuple(model.believing(chosen) for model in models)
    return found


def _filtered(value: F64, probable: F64, *, least: float) -> F64:
    kept = probable >= least
    return np.where(kept, value, -np.inf) if kept.any() else probable


def _feasible(learnt: Learnt, point: F64) -> float | None:
    if learnt.limits is None:
        return None
    mean, deviation = learnt.limits.predict(point[np.newaxis])
    return float(feasibility(mean, deviation)[0])


def _candidates(learnt: Learnt, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Return points anywhere, and more of them about the best so far."""
    space = learnt.space
    d = len(space.parameters)
    shares = rng.random((_RANDOM, d))
    order = np.lexsort((-learnt.gains[:, 0], np.maximum(learnt.violations, 0.0)))
    for place in order[:_BEST].tolist():
        centre = _shares(space, learnt.points[place])
        step = rng.standard_normal((_NEAR_EACH, d)) * _NEAR
        # Not every knob at once, else nothing near is ever tried.
        kept = rng.random((_NEAR_EACH, d)) < 0.5
        shares = np.vstack((shares, np.clip(centre + np.where(kept, step, 0.0), 0, 1)))
    return [space.at(each) for each in shares]


def _shares(space: Space, point: F64) -> F64:
    shares = [
        (point[part].argmax() + 0.5) / each.width if each.choices else point[part][0]
        for each, part in space.columns()
    ]
    return np.array(shares, dtype=np.float64)


def _encoded(space: Space, values: dict[str, Any]) -> F64:
    point = space.encode(values)
    assert point is not None
    return point


def spread_out(
    space: Space, *, count: int, rng: np.random.Generator
) -> list[Suggestion]:
    """Return points that cover every knob's range evenly.

    A Latin hypercube (McKay, Beckman and Conover, 1979).
    """
    d = len(space.parameters)
    cells = np.stack([rng.permutation(count) for _ in range(d)], axis=1)
    shares = (cells + rng.random((count, d))) / max(count, 1)
    return [Suggestion(values=space.at(each)) for each in shares]


def by_chance(
    space: Space, *, count: int, rng: np.random.Generator
) -> list[Suggestion]:
    """Return points anywhere, each with equal chance."""
    shares = rng.random((count, len(space.parameters)))
    return [Suggestion(values=space.at(each)) for each in shares]
