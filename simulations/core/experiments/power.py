"""How many subjects it takes to see an effect."""

from __future__ import annotations

import math

from scipy.special import ndtri

LEVEL = 0.05
POWER = 0.8


def subjects_needed(
    *,
    mean: float,
    deviation: float,
    effect: float,
    explained: float = 0.0,
    comparisons: int = 1,
    power: float = POWER,
) -> int:
    r"""Return how many subjects each variant needs.

    :math:`n = 2 (z_{1-\alpha/2m} + z_{power})^2 \sigma^2 (1 - e) / \delta^2` with the
    absolute difference :math:`\delta` = ``effect * mean``, m comparisons shared by
    Bonferroni, and e the variance that is known from before (CUPED).

    Parameters
    ----------
    mean, deviation : float
        Of a subject's outcome today, both above 0.
    effect : float
        Smallest relative change that would matter; 0.02 is 2 %.
    explained : float
        In [0, 1).
    comparisons : int
        Variants beside the control.
    power : float
        Chance to see such an effect when it is there.

    Examples
    --------
    >>> subjects_needed(mean=0.10, deviation=0.30, effect=0.10)
    14128
    """
    return math.ceil(
        2
        * _reach(comparisons, power) ** 2
        * deviation**2
        * (1 - explained)
        / (effect * mean) ** 2
    )


def detectable_effect(
    *,
    mean: float,
    deviation: float,
    subjects: int,
    explained: float = 0.0,
    comparisons: int = 1,
    power: float = POWER,
) -> float:
    """Return the smallest relative change that so many subjects a variant let see.

    >>> round(detectable_effect(mean=0.10, deviation=0.30, subjects=14128), 3)
    0.1
    """
    variance = deviation**2 * (1 - explained)
    return _reach(comparisons, power) * math.sqrt(2 * variance / subjects) / mean


def days_needed(*, subjects: int, variants: int, a_day: float) -> int:
    """Return how many days it takes until every variant has its subjects.

    >>> days_needed(subjects=14128, variants=2, a_day=2_500)
    12
    """
    return math.ceil(subjects * variants / a_day)


def _reach(comparisons: int, power: float) -> float:
    return float(ndtri(1 - LEVEL / 2 / comparisons) + ndtri(power))
