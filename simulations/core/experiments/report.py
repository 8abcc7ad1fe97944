"""All that an experiment shows, in one value."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from .balance import Balance, balance_of
from .comparing import Compared, Sample, compare
from .power import days_needed, detectable_effect, subjects_needed
from .verdicts import Verdicts, judge


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided about an experiment before its numbers were seen."""

    metric: str
    """In words."""

    weights: Sequence[float]
    """Of the variants, the control's first."""

    smallest_effect: float
    days: float
    """Since it started."""

    has_end: bool
    """Whether an end was planned. Without one it is over when enough subjects took
    part to see the smallest effect that matters."""

    is_past_end: bool
    """Whether that end has passed, or it was stopped."""

    correction: str = "holm"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of an experiment and what they let conclude."""

    verdicts: Verdicts
    balance: Balance
    compared: tuple[Compared, ...]
    needed: int | None
    """Subjects in each variant to see the smallest effect; None if unknown."""

    detectable: float | None
    """Smallest relative effect that the subjects so far let see."""

    days_left: int | None
    """Until every variant has the subjects needed, at the pace so far."""

    is_over: bool
    correction: str


def report_of(samples: Sequence[Sample], plan: Plan) -> Report:
    """Judge an experiment.

    Parameters
    ----------
    samples : sequence of Sample
        One a variant, the control first.
    plan : Plan
    """
    counts = [len(sample) for sample in samples]
    balance = balance_of(counts, weights=plan.weights)
    compared: list[Compared] = []
    if min(counts) >= 2:
        compared = compare(samples[0], samples[1:], correction=plan.correction)
    needed, detectable = _power(samples, compared, plan)
    fewest = min(counts)
    is_over = plan.is_past_end
    if not plan.has_end and needed is not None:
        is_over = is_over or fewest >= needed
    return Report(
        verdicts=judge(
            compared,
            balance=balance,
            smallest_effect=plan.smallest_effect,
            is_over=is_over,
            waits=_waits(plan, needed),
            in_words=plan.metric,
        ),
        balance=balance,
        compared=tuple(compared),
        needed=needed,
        detectable=detectable,
        days_left=_days_left(fewest, needed, plan=plan),
        is_over=is_over,
        correction=plan.correction,
    )


def _waits(plan: Plan, needed: int | None) -> str:
    if plan.has_end:
        return "It has not run to its planned end."
    if needed is None:
        return "It has no planned end, and nobody did yet what it is judged by."
    return (
        f"It has no planned end and is over with {needed:,} subjects in every variant,"
        f" which a change of {plan.smallest_effect:.1%} takes."
    )


def _power(
    samples: Sequence[Sample], compared: Sequence[Compared], plan: Plan
) -> tuple[int | None, float | None]:
    if not compared:
        return None, None
    control = samples[0].outcomes
    mean, deviation = float(control.mean()), float(control.std(ddof=1))
    if mean <= 0 or deviation == 0:
        return None, None
    known = {
        "mean": mean,
        "deviation": deviation,
        # A little variance is always left.
        "explained": min(compared[0].explained, 0.999),
    }
    comparisons = len(compared)
    needed = subjects_needed(
        effect=plan.smallest_effect, comparisons=comparisons, **known
    )
    fewest = min(len(sample) for sample in samples)
    return needed, detectable_effect(subjects=fewest, comparisons=comparisons, **known)


def _days_left(fewest: int, needed: int | None, *, plan: Plan) -> int | None:
    if needed is None or not fewest or plan.days <= 0:
        return None
    if fewest >= needed:
        return 0
    pace = fewest / plan.days
    left = days_needed(subjects=needed - fewest, variants=1, a_day=pace)
    return left if math.isfinite(left) else None
