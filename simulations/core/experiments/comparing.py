"""The difference between a variant and the control, with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from .correction import benjamini_hochberg, holm
from .cuped import adjusted

type F64 = NDArray[np.float64]

LEVEL = 0.05
"""Chance that is left to call a difference real that is none."""

CORRECTIONS = {"holm": holm, "bh": benjamini_hochberg}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The subjects of one variant."""

    name: str
    outcomes: F64
    """Shape (n,). One number a subject: subjects were assigned, requests were not."""

    covariates: F64 | None = None
    """Shape (n,). The same, before the experiment."""

    def __len__(self) -> int:
        return len(self.outcomes)


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """A variant beside the control."""

    name: str
    n: int
    mean: float
    control_n: int
    control_mean: float
    difference: float
    """Variant minus control, of adjusted outcomes."""

    low: float
    high: float
    """Its interval at 95 %, for this comparison alone."""

    chance: float
    """Of a difference at least so large, were there none."""

    corrected: float
    """The same for all comparisons together."""

    explained: float
    """Share of the variance that is known from before the experiment."""

    @property
    def relative(self) -> tuple[float, float, float] | None:
        """Difference and interval as shares of the control; None of a control of 0."""
        base = self.control_mean
        if base <= 0:
            return None
        return self.difference / base, self.low / base, self.high / base

    @property
    def is_real(self) -> bool:
        """Whether the difference is called real after correction."""
        return self.corrected < LEVEL


def compare(
    control: Sample, others: Sequence[Sample], *, correction: str = "holm"
) -> list[Compared]:
    """Compare variants with the control by Welch's test (1947), corrected.

    Outcomes are adjusted by CUPED where every sample has covariates.

    Parameters
    ----------
    control : Sample
        At least two subjects, like each of the others.
    others : sequence of Sample
    correction : {"holm", "bh"}
    """
    samples = [control, *others]
    outcomes = [sample.outcomes for sample in samples]
    explained = 0.0
    covariates = [s.covariates for s in samples if s.covariates is not None]
    if len(covariates) == len(samples):
        outcomes, explained = adjusted(outcomes, covariates)
    tests = [welch(outcomes[0], each) for each in outcomes[1:]]
    corrected = CORRECTIONS[correction]([test[3] for test in tests])
    return [
        Compared(
            name=sample.name,
            n=len(sample),
            mean=float(sample.outcomes.mean()),
            control_n=len(control),
            control_mean=float(control.outcomes.mean()),
            difference=difference,
            low=low,
            high=high,
            chance=chance,
            corrected=together,
            explained=explained,
        )
        for sample, (difference, low, high, chance), together in zip(
            others, tests, corrected, strict=True
        )
    ]


def welch(control: F64, variant: F64) -> tuple[float, float, float, float]:
    """Return the difference of means, its interval, and the chance of none."""
    parts = [float(each.var(ddof=1)) / len(each) for each in (control, variant)]
    difference = float(variant.mean() - control.mean())
    variance = sum(parts)
    if variance == 0.0:
        return difference, difference, difference, float(difference == 0.0)
    sizes = (len(control), len(variant))
    freedom = variance**2 / sum(
        part**2 / (n - 1) for part, n in zip(parts, sizes, strict=True)
    )
    error = math.sqrt(variance)
    reach = float(stdtrit(freedom, 1 - LEVEL / 2)) * error
    chance = 2.0 * float(stdtr(freedom, -abs(difference) / error))
    return difference, difference - reach, difference + reach, chance
