"""Score candidates: bring the signals to one scale and add them up."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from msgspec import Struct

from rules.core.rounding import rounded

from .columns import F64
from .knobs import Knobs
from .pool import Pool

LIKENESSES = {
    "collaborative": "collaborative_weight",
    "ease": "ease_weight",
    "content": "content_weight",
    "embedding": "embedding_weight",
    "session": "session_weight",
}
"""Signals of which likeness is made, with the knob of each one's share."""

EXTRAS = {
    "repeat": "repeat_weight",
    "novelty": "novelty_weight",
    "margin": "margin_weight",
    "long_tail": "long_tail_weight",
    "trend": "trend_weight",
}
"""Further columns of the score, with their weights."""


class Weights(Struct, frozen=True, kw_only=True):
    """What each column of the score counts."""

    pop: float
    cooc: float
    sim: float
    extras: Mapping[str, float]
    """Only columns that count anything."""


class Scored(Struct, frozen=True, kw_only=True):
    """Scores of a pool, with every part of which they are made.

    All columns have shape (n,).
    """

    weights: Weights
    pop: F64
    cooc: F64
    sim: F64
    """Normalised columns, in [0, 1]."""

    likenesses: Mapping[str, F64]
    """What ``sim`` is made of: normalised, times the signal's share relative to the
    largest share (``max``) or to all (``weighted``); only signals that count."""

    extras: Mapping[str, F64]
    """Normalised further columns; only those that count."""

    blended: F64
    """Weighted sum of the columns."""

    multiplier: F64
    """From personalisation, at least 1."""

    scores: F64
    """``blended * multiplier``, rounded to 9 significant digits."""


def score(pool: Pool, *, knobs: Knobs) -> Scored:
    """Score a pool.

    ``alpha * pop + beta * cooc + gamma * sim`` and the further columns, times
    ``1 + boost * overlap``. With all weights zero popularity alone counts.
    """
    normalise = NORMALISATIONS[knobs.normalisation]
    weights = _weights(knobs)
    likenesses = {
        name: normalise(getattr(pool.signals, name)) * share
        for name, share in _shares(knobs).items()
        if weights.sim > 0
    }
    extras = {name: normalise(_extra(pool, name)) for name in weights.extras}
    pop = normalise(pool.signals.popularity)
    cooc = normalise(pool.signals.co_visitation)
    sim = _combined(likenesses, knobs=knobs, n=len(pool))
    blended = weights.pop * pop + weights.cooc * cooc + weights.sim * sim
    for name, column in extras.items():
        blended = blended + weights.extras[name] * column
    multiplier = personal_multiplier(
        pool.signals.overlap, knobs=knobs, is_sparse=pool.shopper.is_new
    )
    return Scored(
        weights=weights,
        pop=pop,
        cooc=cooc,
        sim=sim,
        likenesses=likenesses,
        extras=extras,
        blended=blended,
        multiplier=multiplier,
        scores=rounded(blended * multiplier),
    )


def personal_multiplier(overlap: F64, *, knobs: Knobs, is_sparse: bool) -> F64:
    """Return by how much tastes lift each item.

    ``1 + boost * overlap``; of a sparse user's lift only the share
    ``profile_cold_start_multiplier`` remains.

    Examples
    --------
    >>> knobs = Knobs(profile_boost=0.78, profile_cold_start_multiplier=0.9)
    >>> personal_multiplier(np.array([0.4]), knobs=knobs, is_sparse=False)
    array([1.312])
    >>> personal_multiplier(np.array([0.4]), knobs=knobs, is_sparse=True)
    array([1.2808])
    """
    attenuated = is_sparse and knobs.profile_min_events_for_boost > 0
    share = knobs.profile_cold_start_multiplier if attenuated else 1.0
    multiplier: F64 = 1.0 + knobs.profile_boost * share * overlap
    return multiplier


def _weights(knobs: Knobs) -> Weights:
    extras = {name: getattr(knobs, knob) for name, knob in EXTRAS.items()}
    extras = {name: weight for name, weight in extras.items() if weight > 0}
    pop, cooc, sim = knobs.blend_alpha, knobs.blend_beta, knobs.blend_gamma
    if not (pop or cooc or sim or extras):
        pop = 1.0
    return Weights(pop=pop, cooc=cooc, sim=sim, extras=extras)


def _extra(pool: Pool, name: str) -> F64:
    if name == "repeat":
        return pool.signals.repeat
    if name == "long_tail":
        return pool.items.long_tail.astype(np.float64)
    if name == "trend":
        return pool.items.signal(pool.world.snapshot.trend).astype(np.float64)
    column: F64 = np.nan_to_num(pool.items.attribute(name).astype(np.float64))
    return np.maximum(column, 0.0)


def _shares(knobs: Knobs) -> dict[str, float]:
    """Return by what each likeness is multiplied, so that ``sim`` stays in [0, 1].

    Equal shares leave the strongest signal as it is.
    """
    shares = {name: getattr(knobs, knob) for name, knob in LIKENESSES.items()}
    shares = {name: share for name, share in shares.items() if share > 0}
    together = max if knobs.similarity == "max" else sum
    return {name: share / together(shares.values()) for name, share in shares.items()}


def _combined(likenesses: Mapping[str, F64], *, knobs: Knobs, n: int) -> F64:
    if not likenesses:
        return np.zeros(n)
    columns = np.array(list(likenesses.values()))
    sim: F64 = columns.max(axis=0) if knobs.similarity == "max" else columns.sum(axis=0)
    return sim


def by_max(column: F64) -> F64:
    """Divide by the largest value; all zeros stay zeros.

    >>> by_max(np.array([2.0, 1.0])).tolist()
    [1.0, 0.5]
    """
    largest = np.maximum.reduce(column, initial=0.0)
    return column / largest if largest > 0 else np.zeros(len(column))


def by_root(column: F64) -> F64:
    """Take the square root of what :func:`by_max` gives.

    Small values stay apart from nothing: the second best of a steep order still
    counts beside other signals.

    >>> by_root(np.array([4.0, 1.0])).tolist()
    [1.0, 0.5]
    """
    root: F64 = np.sqrt(by_max(np.maximum(column, 0.0)))
    return root


def by_rank(column: F64) -> F64:
    """Replace values by the share of positive ones that are not above them.

    Equal values stay equal, zeros stay zeros.

    >>> by_rank(np.array([50.0, 0.0, 2.0])).tolist()
    [1.0, 0.0, 0.5]
    """
    positive = np.sort(column[column > 0])
    if not len(positive):
        return np.zeros(len(column))
    not_above = np.searchsorted(positive, column, side="right")
    share: F64 = not_above / len(positive)
    return share


def by_range(column: F64) -> F64:
    """Stretch from the smallest value to the largest; a constant becomes 0.

    >>> by_range(np.array([2.0, 3.0, 4.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    if not len(column):
        return column
    smallest, largest = column.min(), column.max()
    if not largest > smallest:
        return np.zeros(len(column))
    stretched: F64 = (column - smallest) / (largest - smallest)
    return stretched


NORMALISATIONS: Mapping[str, Callable[[F64], F64]] = {
    "max": by_max,
    "rank": by_rank,
    "minmax": by_range,
    "root": by_root,
}
