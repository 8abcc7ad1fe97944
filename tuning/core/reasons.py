"""Why a suggestion is made, and which knobs matter, in words and numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from .goals import Objective
from .space import Parameter
from .suggesting import Learnt, Suggestion

type F64 = NDArray[np.float64]

_DRAWS, _GRID = 256, 15
_MOST_REASONS = 3
_WORTH_TELLING = 0.1
"""Of the spread of all trials: a smaller share of the gain is no reason."""

_CLEARLY = 0.4
"""Rank correlation from which a segment is named."""

BECAUSE = {
    "blend_alpha": "what is popular explains {more} of what {whom} chose",
    "blend_beta": "items bought together explain {more} of what {whom} chose",
    "blend_gamma": "likeness to the user's taste explains {more} of what {whom} chose",
    "repeat_weight": "own earlier items explain {more} of what {whom} chose",
    "long_tail_weight": "rarely shown items are {more} of what {whom} chose",
    "novelty_weight": "new items are {more} of what {whom} chose",
    "profile_boost": "tags that match the user's tastes explain {more} of what {whom}"
    " chose",
    "mmr_lambda": "relevance, not variety, decides {more} of what {whom} chose",
    "popularity_halflife_days": "older interest still says {more} of what {whom} chose",
    "covis_window_days": "pairs further apart say {more} of what {whom} chose",
}


class Sensitivity(Struct, frozen=True, kw_only=True):
    """How much of an objective's variance one knob explains by itself."""

    parameter: str
    share: float
    """First-order Sobol index of the fitted model, in [0, 1]."""

    best: Any
    """The value at which the expected gain is largest, the others left to chance."""


def sensitivities(learnt: Learnt, *, objective: int = 0) -> list[Sensitivity]:
    """Return the knobs with what they explain, the most important first.

    ``Var(E[f | x_j]) / Var(f)`` (Sobol, 1993) of the mean of the Gaussian process, by
    the same 256 quasi-evenly spread points for every knob.
    """
    space = learnt.space
    rng = np.random.default_rng(0)
    shares = rng.random((_DRAWS, len(space.parameters)))
    total = float(_means(learnt, shares, objective=objective).var())
    found = []
    for column, each in enumerate(space.parameters):
        levels = _levels(each)
        effects = []
        for level in levels:
            fixed = shares.copy()
            fixed[:, column] = level
            effects.append(float(_means(learnt, fixed, objective=objective).mean()))
        share = float(np.var(effects)) / total if total > 0 else 0.0
        found.append(
            Sensitivity(
                parameter=each.name,
                share=min(share, 1.0),
                best=each.value_at(float(levels[int(np.argmax(effects))])),
            )
        )
    return sorted(found, key=lambda each: (-each.share, each.parameter))


def _levels(parameter: Parameter) -> F64:
    if parameter.choices:
        return (np.arange(parameter.width) + 0.5) / parameter.width
    return np.linspace(0.0, 1.0, _GRID)


def _means(learnt: Learnt, shares: F64, *, objective: int) -> F64:
    points = [learnt.space.encode(learnt.space.at(each)) for each in shares]
    known = np.stack([point for point in points if point is not None])
    return learnt.models[objective].predict(known)[0]


def reasons(
    learnt: Learnt,
    suggestion: Suggestion,
    start: Mapping[str, Any],
    *,
    objectives: Sequence[Objective],
    segments: Mapping[str, F64] | None = None,
) -> list[str]:
    """Say why a suggestion is worth trying.

    Parameters
    ----------
    learnt : Learnt
    suggestion : Suggestion
    start : mapping
        Where from: the values of the profile as it is, or of the best trial.
    objectives : sequence of Objective
    segments : mapping of str to array of shape (n,), optional
        The first objective in each segment, by trial of `learnt`.
    """
    told = _of_knobs(learnt, suggestion, start, segments=segments or {})
    told.append(_of_sureness(learnt, suggestion, objectives[0]))
    if suggestion.feasible is not None:
        told.append(
            f"The guardrails are kept with {suggestion.feasible:.0%} probability."
        )
    return told


def _of_knobs(
    learnt: Learnt,
    suggestion: Suggestion,
    start: Mapping[str, Any],
    *,
    segments: Mapping[str, F64],
) -> list[str]:
    base = learnt.space.encode(start)
    point = learnt.space.encode(suggestion.values)
    if base is None or point is None:
        return []
    model = learnt.models[0]
    before = float(model.predict(base[np.newaxis])[0][0])
    effects = []
    for each, columns in learnt.space.columns():
        moved = base.copy()
        moved[columns] = point[columns]
        gain = float(model.predict(moved[np.newaxis])[0][0]) - before
        effects.append((gain, each))
    least = _WORTH_TELLING * model.spread
    strong = [pair for pair in effects if pair[0] > least]
    strong.sort(key=lambda pair: (-pair[0], pair[1].name))
    return [
        _sentence(learnt, each, suggestion, start, segments=segments)
        for _, each in strong[:_MOST_REASONS]
    ]


def _sentence(
    learnt: Learnt,
    parameter: Parameter,
    suggestion: Suggestion,
    start: Mapping[str, Any],
    *,
    segments: Mapping[str, F64],
) -> str:
    before, after = start.get(parameter.name), suggestion.values[parameter.name]
    is_number = isinstance(before, int | float) and isinstance(after, int | float)
    if not is_number:
        return f"Set {parameter.name} to {after}: trials with it did better."
    rises = after > before
    verb = "Raise" if rises else "Lower"
    whom = parameter.segment or _clearest(learnt, parameter, rises=rises, of=segments)
    because = BECAUSE.get(
        parameter.knob,
        "trials with {more} of it did better, most of all for {whom}"
        if whom
        else "trials with {more} of it did better",
    ).format(more="more" if rises else "less", whom=whom or "users")
    return f"{verb} {parameter.name} from {before:g} to {after:g}: {because}."


def _clearest(
    learnt: Learnt, parameter: Parameter, *, rises: bool, of: Mapping[str, F64]
) -> str | None:
    """Return the segment whose figure goes with the knob most clearly, if any does."""
    columns = {each.name: part for each, part in learnt.space.columns()}
    values = learnt.points[:, columns[parameter.name].start]
    found = []
    for name, figures in of.items():
        known = np.isfinite(figures)
        if known.sum() < 5 or np.ptp(figures[known]) == 0 or np.ptp(values[known]) == 0:
            continue
        found.append((_rank_correlation(values[known], figures[known]), name))
    if not found:
        return None
    strength, name = max(found) if rises else min(found)
    return name if abs(strength) >= _CLEARLY else None


def _rank_correlation(one: F64, other: F64) -> float:
    """Return Spearman's coefficient: that of the ranks, equal values sharing theirs."""
    return float(np.corrcoef(_ranks(one), _ranks(other))[0, 1])


def _ranks(values: F64) -> F64:
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: F64 = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return ranks


def _of_sureness(learnt: Learnt, suggestion: Suggestion, objective: Objective) -> str:
    mean = suggestion.means[0] * objective.sign
    wide = 1.96 * suggestion.deviations[0]
    told = f"Expected {objective.metric}: {mean:.4f} ± {wide:.4f}"
    if suggestion.deviations[0] > 0.5 * learnt.models[0].spread:
        return f"{told}; little is known here, so trying it teaches most."
    return f"{told}."
