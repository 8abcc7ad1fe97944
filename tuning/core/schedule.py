"""Which trials are suggested together, and what from.

Trials come in generations. A generation is suggested when every trial of those before
it has ended, from nothing but these and the seed, so that suggestions do not depend on
who did which trial, in what order, or how often somebody was killed on the way.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .spec import SweepSpec

LEAST_FIRST = 10
PRUNE_AFTER = 8
PRUNE_BELOW = 0.4


def generations(spec: SweepSpec) -> list[range]:
    """Return the numbers of the trials of each generation.

    >>> from tuning.core.space import Parameter
    >>> cap = Parameter(knob="brand_cap", low=0, high=3)
    >>> spec = SweepSpec(parameters=(cap,), strategy="random", budget=5, batch=3)
    >>> generations(spec)
    [range(0, 3), range(3, 5)]
    """
    budget = budget_of(spec)
    starts = [0, *range(_first(spec), budget, _size(spec))]
    ends = [*starts[1:], budget]
    return [
        range(start, min(end, budget)) for start, end in zip(starts, ends, strict=True)
    ]


def budget_of(spec: SweepSpec) -> int:
    """Return how many trials there are: of a grid no more than it has points."""
    if spec.strategy != "grid":
        return spec.budget
    return min(spec.budget, 1 + len(spec.space.grid(spec.levels)))


def _size(spec: SweepSpec) -> int:
    return max(spec.batch, LEAST_FIRST) if spec.strategy == "nsga2" else spec.batch


def _first(spec: SweepSpec) -> int:
    if spec.strategy in ("grid", "random"):
        return max(spec.batch, 1 + len(spec.first))
    least = LEAST_FIRST if spec.strategy == "nsga2" else 2 * len(spec.parameters)
    return 1 + max(least, _size(spec), LEAST_FIRST, len(spec.first))


def generation_of(spec: SweepSpec, number: int) -> int:
    """Return in which generation a trial is."""
    return next(n for n, numbers in enumerate(generations(spec)) if number in numbers)


def wanted(spec: SweepSpec, generation: int) -> int:
    """Return how many trials of a generation have to be suggested."""
    return len([number for number in generations(spec)[generation] if number > 0])


def shall_end(gains: Sequence[float], earlier: Sequence[Sequence[float]]) -> bool:
    """Say whether a trial is not worth going on with.

    Parameters
    ----------
    gains : sequence of m floats
        Its figures with a part of the users, more is better.
    earlier : sequence of sequences
        The same of the trials of the generations before.

    Returns
    -------
    shall_end : bool
        If it is below two fifths of them in every objective, once there are eight:
        the rule of the median (Golovin et al., "Google Vizier", 2017), a little milder.
    """
    if len(earlier) < PRUNE_AFTER:
        return False
    bounds = np.quantile(np.array(earlier), PRUNE_BELOW, axis=0)
    return bool((np.array(gains) < bounds).all())
