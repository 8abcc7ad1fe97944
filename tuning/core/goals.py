"""What a sweep is for: figures to raise or lower, and limits to keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from simulations.core.limits import GUARDRAILS, Limit

type F64 = NDArray[np.float64]
type Metrics = Mapping[str, float | None]

MEASURED: Mapping[str, str] = {
    "min_segment_lift_ndcg": "segment_lift_ndcg",
    "min_segment_lift_mrr": "segment_lift_mrr",
    "min_catalog_coverage": "catalog_coverage@20",
    "min_long_tail_share": "long_tail_share@20",
    "max_brand_exposure_ratio": "brand_exposure_ratio@20",
    "max_popularity_bias": "popularity_bias@20",
}
"""Guardrails that a trial can be held to, and by which figure."""


class Objective(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A figure and which way it shall go."""

    metric: str
    direction: Literal["maximize", "minimize"] = "maximize"

    @property
    def sign(self) -> float:
        """What turns the figure into one of which more is better."""
        return 1.0 if self.direction == "maximize" else -1.0


class Verdict(Struct, frozen=True, kw_only=True):
    """One guardrail held to a trial."""

    name: str
    title: str
    limit: float
    value: float | None
    state: Literal["pass", "stop", "not_computed"]
    slack: float | None
    """How far inside the limit, as a part of it; negative: beyond."""


def held_to(limits: Mapping[str, Limit], metrics: Metrics) -> list[Verdict]:
    """Hold a trial's figures to those guardrails that they can tell of.

    What could not be computed is not kept.
    """
    return [
        _verdict(name, limit.stop, metrics.get(MEASURED[name]))
        for name, limit in limits.items()
        if name in MEASURED and limit.stop is not None
    ]


def _verdict(name: str, limit: float, value: float | None) -> Verdict:
    guardrail = GUARDRAILS[name]
    title = guardrail.title
    if value is None:
        return Verdict(
            name=name,
            title=title,
            limit=limit,
            value=None,
            state="not_computed",
            slack=None,
        )
    room = value - limit if guardrail.is_floor else limit - value
    return Verdict(
        name=name,
        title=title,
        limit=limit,
        value=value,
        state="stop" if guardrail.is_broken(value, limit) else "pass",
        slack=room / max(abs(limit), 0.01),
    )


def violation_of(verdicts: Sequence[Verdict]) -> float:
    """Return how far the worst guardrail is broken; 0 or less: all are kept.

    A guardrail that could not be computed counts as broken by its whole limit.
    """
    return max(
        (1.0 if each.slack is None else -each.slack for each in verdicts), default=-1.0
    )


def gains_of(objectives: Sequence[Objective], metrics: Metrics) -> list[float] | None:
    """Return the figures so that more is better; None if one was not computed."""
    found = [(each.sign, metrics.get(each.metric)) for each in objectives]
    known = [sign * value for sign, value in found if value is not None]
    return known if len(known) == len(found) else None


def front(gains: F64, violations: F64) -> NDArray[np.bool_]:
    """Say which trials no other beats in everything.

    Parameters
    ----------
    gains : array of shape (n, m)
        More is better.
    violations : array of shape (n,)
        Above 0: a guardrail is broken. Such a trial is on no front while another
        keeps all of them; if none does, those nearest to it are.

    Returns
    -------
    is_on : array of shape (n,)
        Of equal trials the first.

    Examples
    --------
    >>> gains = np.array([[1.0, 5.0], [2.0, 4.0], [1.0, 4.0]])
    >>> front(gains, np.zeros(3)).tolist()
    [True, True, False]
    """
    n = len(gains)
    on_front = np.zeros(n, dtype=np.bool_)
    if not n:
        return on_front
    allowed = np.flatnonzero(violations <= max(0.0, float(violations.min())))
    # Whoever beats another, or equals it and came before, stands before it here.
    keys = [allowed, *(-gains[allowed, column] for column in range(gains.shape[1]))]
    kept = np.empty_like(gains, shape=(len(allowed), gains.shape[1]))
    count = 0
    for row in allowed[np.lexsort(keys)].tolist():
        if not (kept[:count] >= gains[row]).all(axis=1).any():
            kept[count] = gains[row]
            on_front[row] = True
            count += 1
    return on_front


def best_of(gains: F64, violations: F64) -> int:
    """Return the trial to take: of those that keep all limits, else of the nearest.

    Several objectives count by the mean of how far each is between its worst and its
    best on the front; equal ones by number.
    """
    chosen = np.flatnonzero(front(gains, violations))
    shown = gains[chosen]
    low, high = shown.min(axis=0), shown.max(axis=0)
    spans = np.where(high > low, high - low, 1.0)
    return int(chosen[((shown - low) / spans).mean(axis=1).argmax()])
