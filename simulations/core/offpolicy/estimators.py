"""Three estimators of a policy's value, each with its standard error.

Sources: Horvitz and Thompson (1952) for IPS; Swaminathan and Joachims (2015) for
SNIPS; Dudík, Langford and Li (2011) for DR; Kong (1992) for the effective sample
size; Ionides (2008) for clipped weights.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np
from scipy.special import stdtrit

from .log import F64, Log

CONFIDENCE = 0.95


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """A value with an interval that holds the truth 95 times in 100."""

    method: str
    value: float
    error: float
    """Standard error."""

    low: float
    high: float


def weights_of(log: Log, *, clip: float) -> F64:
    """Return how often each decision stands for the target policy, at most ``clip``.

    ``w = min(target / propensity, clip)``. Clipping trades a bias towards 0 for
    less variance.
    """
    weights: F64 = np.minimum(log.targets / log.propensities, clip)
    return weights


def effective_size(weights: F64) -> float:
    """Return how many equally weighted decisions tell as much.

    ``(sum w)^2 / sum w^2``; 0 without any weight.

    >>> effective_size(np.array([1.0, 1.0, 0.0]))
    2.0
    """
    squares = float(weights @ weights)
    return float(weights.sum()) ** 2 / squares if squares else 0.0


def ips(log: Log, *, clip: float = math.inf) -> Estimate:
    r"""Estimate by inverse propensities: :math:`\frac1n \sum w_i r_i`.

    Examples
    --------
    >>> half = np.full(4, 0.5)
    >>> log = Log(rewards=np.array([1.0, 0, 1, 0]), propensities=half,
    ...           targets=np.array([1.0, 1, 0, 0]))
    >>> ips(log).value
    0.5
    """
    weights = weights_of(log, clip=clip)
    return mean_of(weights * log.rewards, "ips", size=effective_size(weights))


def snips(log: Log, *, clip: float = math.inf) -> Estimate:
    r"""Estimate by self-normalised weights: :math:`\sum w_i r_i / \sum w_i`.

    The error is that of a ratio, by the delta method. Biased by the order of
    1/n, never outside the range of rewards.
    """
    weights = weights_of(log, clip=clip)
    total = float(weights.sum())
    value = float(weights @ log.rewards) / total if total else 0.0
    off = weights * (log.rewards - value)
    n, size = len(log), effective_size(weights)
    # Of n terms whose mean is set to 0 one is not free.
    freed = n / (n - 1) if n > 1 else math.inf
    error = math.sqrt(freed * float(off @ off)) / total if total else math.inf
    return _estimate("snips", value, error, size=size)


def doubly_robust(log: Log, *, clip: float = math.inf) -> Estimate:
    r"""Estimate by a model, corrected where it was wrong.

    :math:`\frac1n \sum \hat q(x_i, \pi) + w_i (r_i - \hat q(x_i, a_i))`: unbiased
    when either propensities or model are right, if the model never saw row i.

    Raises
    ------
    ValueError
        If the log holds no predictions.
    """
    if log.predicted is None:
        raise ValueError("a doubly robust estimate needs predicted rewards")
    weights = weights_of(log, clip=clip)
    terms = log.predicted.target + weights * (log.rewards - log.predicted.taken)
    return mean_of(terms, "dr", size=effective_size(weights))


def mean_of(terms: F64, method: str, *, size: float | None = None) -> Estimate:
    """Return the mean of independent terms as an estimate.

    The interval is Student's with as many degrees of freedom as the effective
    sample ``size`` has, which widens it where few decisions carry the weight.
    """
    n = len(terms)
    error = float(terms.std(ddof=1)) / math.sqrt(n) if n > 1 else math.inf
    value = float(terms.mean()) if n else 0.0
    return _estimate(method, value, error, size=float(n) if size is None else size)


def _estimate(method: str, value: float, error: float, *, size: float) -> Estimate:
    quantile = float(stdtrit(max(size - 1.0, 1.0), 0.5 + CONFIDENCE / 2))
    reach = quantile * error
    return Estimate(
        method=method, value=value, error=error, low=value - reach, high=value + reach
    )
