"""What to try next, from trials that are there already, with reasons in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from audit.core.proportions import Z_95
from catalog.models import Namespace
from tuning.core.goals import Objective, best_of, gains_of
from tuning.core.reasons import reasons, sensitivities
from tuning.core.space import Parameter, Space
from tuning.core.spec import spec_of
from tuning.core.suggesting import (
    LEAST_TO_LEARN_FROM,
    Suggestion,
    Tried,
    learn,
    spread_out,
    suggest_learnt,
)
from tuning.models import Sweep, Trial, TrialState

type F64 = NDArray[np.float64]

_LEAST_DEVIATION = 1e-12

LEAST_FEASIBLE = 0.5
"""A suggestion keeps the guardrails at least as probably as not, where any does."""

TOO_FEW = (
    f"Fewer than {LEAST_TO_LEARN_FROM} finished trials: there is nothing to learn from,"
    " so these are spread evenly over the ranges."
)


class Known(Struct, frozen=True, kw_only=True):
    """Trials to learn from."""

    space: Space
    objectives: tuple[Objective, ...]
    tried: tuple[Tried, ...]
    start: Mapping[str, Any]
    """Where one stands: the best of them, or the profile as it is."""

    segments: Mapping[str, F64] = {}
    """The first objective in each segment, by trial."""


class NothingKnownError(LookupError):
    """There are no trials to learn from."""


def known_of(namespace: Namespace, *, sweep: Sweep | None = None) -> Known:
    """Return the comparable trials of a namespace. Inside the org's scope.

    Those are the trials of the newest sweep, or of the one that is named, and of all
    others that saw the very same data and changed at least the same knobs.

    Raises
    ------
    NothingKnownError
        If the namespace has no sweep.
    """
    sweeps = Sweep.objects.filter(namespace=namespace).order_by("-created_at", "-pk")
    sweep = sweep or sweeps.first()
    if sweep is None:
        raise NothingKnownError(f"{namespace.name} has no sweep to learn from.")
    spec = spec_of(sweep.spec)
    names = {each.name for each in spec.parameters}
    same = sweeps.filter(fingerprint=sweep.fingerprint, limits=sweep.limits)
    comparable = [
        each.pk for each in same if spec_of(each.spec).evaluation == spec.evaluation
    ]
    rows = Trial.objects.filter(sweep__in=comparable, state=TrialState.DONE)
    pairs = [
        (row, gains)
        for row in rows.order_by("sweep__created_at", "number")
        if names <= set(row.values)
        and (gains := gains_of(spec.objectives, row.metrics)) is not None
    ]
    tried = tuple(
        Tried(
            number=n,
            values={name: row.values[name] for name in names},
            gains=tuple(gains),
            violation=row.violation or 0.0,
        )
        for n, (row, gains) in enumerate(pairs)
    )
    return Known(
        space=spec.space,
        objectives=spec.objectives,
        tried=tried,
        start=best_values(tried),
        segments=_segments([row for row, _ in pairs], spec.objectives[0]),
    )


def _segments(rows: Sequence[Trial], objective: Objective) -> dict[str, F64]:
    names = {name for row in rows for name in row.segments}
    return {
        name: np.array(
            [
                objective.sign
                * _number(row.segments.get(name, {}).get(objective.metric))
                for row in rows
            ]
        )
        for name in sorted(names)
    }


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def best_values(tried: Sequence[Tried]) -> Mapping[str, Any]:
    """Return the values of the best trial, nothing where there is none."""
    return _best(tried).values if tried else {}


def best_gains(tried: Sequence[Tried]) -> tuple[float, ...]:
    """Return what the best trial came to."""
    return _best(tried).gains


def _best(tried: Sequence[Tried]) -> Tried:
    gains = np.array([each.gains for each in tried])
    violations = np.array([each.violation for each in tried])
    return tried[best_of(gains, violations)]


def of_runs(
    documents: Sequence[Mapping[str, Any]],
    *,
    parameters: Sequence[tuple[str, Parameter]],
    objectives: Sequence[Objective],
) -> Known:
    """Read what `run_###.json` files say.

    Parameters
    ----------
    documents : sequence of dict
    parameters : sequence of (name in the files, Parameter)
    objectives : sequence of Objective
        By the names of the files' metrics.
    """
    tried = []
    for number, document in enumerate(documents):
        said = document.get("parameters") or {}
        values = {each.name: said[name] for name, each in parameters if name in said}
        gains = gains_of(objectives, document.get("metrics") or {})
        if len(values) == len(parameters) and gains is not None:
            violation = document.get("violation")
            tried.append(
                Tried(
                    number=number,
                    values=values,
                    gains=tuple(gains),
                    violation=-1.0 if violation is None else float(violation),
                )
            )
    return Known(
        space=Space(tuple(each for _, each in parameters)),
        objectives=tuple(objectives),
        tried=tuple(tried),
        start=best_values(tried),
    )


def advise(known: Known, *, count: int, seed: int) -> dict[str, Any]:
    """Return suggestions with what is expected of them, and why."""
    rng = np.random.default_rng(seed)
    learnt = learn(known.space, known.tried)
    told: dict[str, Any] = {
        "objectives": msgspec.to_builtins(known.objectives),
        "samples_used": len(known.tried if learnt is None else learnt.points),
    }
    if learnt is None:
        found = spread_out(known.space, count=count, rng=rng)
        plain = [{"values": each.values, "reasons": [TOO_FEW]} for each in found]
        return {**told, "suggestions": plain, "importance": [], "notes": [TOO_FEW]}
    found = suggest_learnt(learnt, count=count, rng=rng, least_feasible=LEAST_FEASIBLE)
    best = best_gains(known.tried)
    several = len(known.objectives) > 1
    return {
        **told,
        "suggestions": [
            {
                **_expected(each, known.objectives, best=best),
                "reasons": reasons(
                    learnt,
                    each,
                    known.start,
                    objectives=known.objectives,
                    segments=known.segments,
                ),
            }
            for each in found
        ],
        "best": {
            "values": known.start,
            "figures": {
                each.metric: each.sign * gain
                for each, gain in zip(known.objectives, best, strict=True)
            },
        },
        "importance": msgspec.to_builtins(sensitivities(learnt)),
        "notes": [
            "Gaussian process, Matérn 5/2; chosen by expected "
            + ("hypervolume improvement." if several else "improvement."),
        ],
    }


def _expected(
    suggestion: Suggestion,
    objectives: Sequence[Objective],
    *,
    best: Sequence[float],
) -> dict[str, Any]:
    pairs = list(zip(objectives, suggestion.means, suggestion.deviations, strict=True))
    return {
        "improvement": {
            each.metric: improvement(mean - known, deviation, sign=each.sign)
            for (each, mean, deviation), known in zip(pairs, best, strict=True)
        },
        "values": suggestion.values,
        "expected": {
            each.metric: {"mean": each.sign * mean, "deviation": deviation}
            for each, mean, deviation in pairs
        },
        "feasible": suggestion.feasible,
    }


def improvement(gain: float, deviation: float, *, sign: float) -> dict[str, float]:
    """Return an expected change over the best trial, in the metric's own direction.

    With `chance`, how probable it is that the figure is better at all.

    >>> improvement(0.02, 0.01, sign=-1.0)["chance"]
    0.977
    """
    low, high = sorted(sign * (gain + side * Z_95 * deviation) for side in (-1, 1))
    chance = NormalDist(gain, max(deviation, _LEAST_DEVIATION)).cdf(0.0)
    return {
        "mean": sign * gain,
        "low": low,
        "high": high,
        "chance": round(1 - chance, 3),
    }
