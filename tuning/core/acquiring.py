"""Which point is most worth trying next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from .gaussian import GaussianProcess
from .goals import front

type F64 = NDArray[np.float64]

_ROOT_2_PI = np.sqrt(2.0 * np.pi)
_BOX_POINTS = 1024
_SAMPLES = 24
_BLOCK = 64


def expected_improvement(mean: F64, deviation: F64, *, best: float) -> F64:
    """Return by how much a point is expected to exceed the best so far. Shape (k,).

    ``(μ - b) Φ(z) + σ φ(z)``, ``z = (μ - b) / σ`` (Jones, Schonlau and Welch,
    "Efficient global optimization", 1998).

    >>> gain = expected_improvement(np.array([1.0]), np.array([1e-9]), best=0.0)
    >>> gain.round(6).tolist()
    [1.0]
    """
    z = (mean - best) / deviation
    density = np.exp(-0.5 * z**2) / _ROOT_2_PI
    gain: F64 = (mean - best) * ndtr(z) + deviation * density
    return np.maximum(gain, 0.0)


def feasibility(mean: F64, deviation: F64) -> F64:
    """Return how probable it is that a violation is at most 0. Shape (k,)."""
    probable: F64 = ndtr(-mean / deviation)
    return probable


def hypervolume_improvement(
    means: F64, deviations: F64, *, seen: F64, rng: np.random.Generator
) -> F64:
    """Return by how much a point is expected to enlarge the dominated volume.

    Expected hypervolume improvement (Emmerich, Deutz and Klinkenberg, 2011), by Monte
    Carlo: a box between the worst and beyond the best is filled with random points;
    what the front does not dominate yet, and a sample of the candidate does, is gained.

    Parameters
    ----------
    means, deviations : arrays of shape (k, m)
        Of the candidates, independent by objective.
    seen : array of shape (n, m)
        Gains of what was tried.
    rng : numpy.random.Generator

    Returns
    -------
    improvement : array of shape (k,)
        As a share of the box.
    """
    low, high = seen.min(axis=0), seen.max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    m = seen.shape[1]
    box = low - 0.1 * span + rng.random((_BOX_POINTS, m)) * 1.6 * span
    best = seen[front(seen, np.zeros(len(seen)))]
    taken = (best[:, None, :] >= box[None]).all(axis=2).any(axis=0)
    left = box[~taken]
    draws = rng.standard_normal((_SAMPLES, m))
    gained = [
        _gained(means[part], deviations[part], draws, left)
        for part in _blocks(len(means))
    ]
    return np.concatenate(gained) / _BOX_POINTS


def _gained(means: F64, deviations: F64, draws: F64, left: F64) -> F64:
    samples = means[:, None, :] + deviations[:, None, :] * draws[None]
    covers = np.ones((*samples.shape[:2], len(left)), dtype=np.bool_)
    for column in range(left.shape[1]):
        covers &= samples[:, :, None, column] >= left[None, None, :, column]
    gained: F64 = covers.sum(axis=2).mean(axis=1)
    return gained


def _blocks(n: int) -> Sequence[slice]:
    return [slice(start, start + _BLOCK) for start in range(0, n, _BLOCK)]


def worth(
    models: Sequence[GaussianProcess],
    limits: GaussianProcess | None,
    points: F64,
    *,
    seen: F64,
    rng: np.random.Generator,
) -> F64:
    """Return how much each point is worth trying. Shape (k,).

    Parameters
    ----------
    models : sequence of m GaussianProcess
        One for each objective, more is better.
    limits : GaussianProcess, optional
        Of the violation, where guardrails hold.
    points : array of shape (k, d)
    seen : array of shape (n, m)
        Gains of what was tried and keeps the limits, or of all if nothing does.
    rng : numpy.random.Generator
    """
    told = [model.predict(points) for model in models]
    if len(models) == 1:
        mean, deviation = told[0]
        value = expected_improvement(mean, deviation, best=float(seen.max()))
    else:
        means = np.stack([mean for mean, _ in told], axis=1)
        deviations = np.stack([deviation for _, deviation in told], axis=1)
        value = hypervolume_improvement(means, deviations, seen=seen, rng=rng)
        # Where nothing is gained anywhere, the surest mean decides.
        value = value + 1e-9 * means.sum(axis=1)
    return value if limits is None else value * feasibility(*limits.predict(points))
