"""Figures for guardrails that no replay tells: from evaluations and scenarios."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec import Struct

from .bootstrap import Figure
from .evaluation import SYSTEM, Report
from .judging import Judged, State
from .limits import GUARDRAILS, Guardrail, Limit
from .scenarios.evidence import Found

NEW_USERS = "S7"
_TOGETHER = {
    "min_catalog_coverage": "catalog_coverage",
    "min_long_tail_share": "long_tail_share",
    "max_brand_exposure_ratio": "brand_exposure_ratio",
    "max_popularity_bias": "popularity_bias",
}
_LIFTS = {"min_segment_lift_ndcg": "ndcg@10", "min_segment_lift_mrr": "mrr@10"}
_OF_SCENARIO = {"s7_min_avg_mrr": "mrr", "s7_min_avg_categories": "categories"}


class Reading(Struct, frozen=True, kw_only=True):
    """A figure with what is to be said of it, or why there is none."""

    value: float | None = None
    told: str = ""
    why_not: str = ""


type Readings = Mapping[str, Reading]
"""By the guardrail's name."""


def of_evaluation(report: Report) -> Readings:
    """Return what an evaluation tells: lifts in the worst segment, and variety.

    Segments of too few users are left out of the evaluation already; one whose
    baseline finds nothing has no lift, and counts as not computed.
    """
    models = report.models.get(SYSTEM, {})
    found: dict[str, Reading] = {}
    for name, metric in _TOGETHER.items():
        figure = models.get(f"{metric}@{report.k}")
        if figure is not None and figure.value is not None:
            told = f"{_interval(GUARDRAILS[name], figure)} over {figure.n:,} users"
            found[name] = Reading(value=figure.value, told=told)
    for name, metric in _LIFTS.items():
        found[name] = _worst_segment(report, GUARDRAILS[name], metric)
    return found


def of_new_users(found: Mapping[str, Sequence[Found]]) -> Readings:
    """Return what the scenario of new users tells, by the id of scenarios played."""
    told = {each.figure: each.value for each in found.get(NEW_USERS, ())}
    return {
        name: Reading(value=told[figure], told=f"in scenario {NEW_USERS}")
        for name, figure in _OF_SCENARIO.items()
        if told.get(figure) is not None
    }


def judge_readings(
    limits: Mapping[str, Limit], judged: Iterable[Judged], readings: Readings
) -> list[Judged]:
    """Return verdicts in which what was read stands in place of what was not computed.

    A reading that covers everybody also stands in place of a replay's sample.
    """
    return [
        _judged(each, limits[each.name], readings[each.name])
        if each.name in readings
        else each
        for each in judged
    ]


def _judged(judged: Judged, limit: Limit, reading: Reading) -> Judged:
    guardrail, value = GUARDRAILS[judged.name], reading.value
    if value is None:
        return msgspec.structs.replace(
            judged, state=State.NOT_COMPUTED, sentence=reading.why_not, after=None
        )
    state, beyond = State.PASS, None
    if limit.stop is not None and guardrail.is_broken(value, limit.stop):
        state, beyond = State.STOP, limit.stop
    elif limit.warn is not None and guardrail.is_broken(value, limit.warn):
        state, beyond = State.WARN, limit.warn
    told = f"{guardrail.in_words(value)} {reading.told.strip()}".rstrip()
    side = "at least" if guardrail.is_floor else "at most"
    sentence = (
        f"{told}, within the limit."
        if beyond is None
        else f"{told}, where {side} {guardrail.in_words(beyond)} is allowed."
    )
    return msgspec.structs.replace(judged, state=state, sentence=sentence, after=value)


def _worst_segment(report: Report, guardrail: Guardrail, metric: str) -> Reading:
    lifts = {
        each.key: lift.relative
        for each in report.slices
        if each.kind == "segment"
        for lift in each.lifts
        if (lift.metric, lift.baseline) == (metric, "popularity")
    }
    if not lifts:
        return Reading(why_not="No segment has enough users to tell.")
    unknown = sorted(key for key, figure in lifts.items() if figure.value is None)
    if unknown:
        why = f"In {', '.join(unknown)} popularity finds nothing to compare with."
        return Reading(why_not=why)
    key, figure = min(lifts.items(), key=lambda each: (each[1].value or 0.0, each[0]))
    told = f"in {key}, the worst of {len(lifts)}{_interval(guardrail, figure)}"
    return Reading(value=figure.value, told=f"{told}, {figure.n:,} users")


def _interval(guardrail: Guardrail, figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return ""
    low, high = guardrail.in_words(figure.low), guardrail.in_words(figure.high)
    return f" [{low} to {high}]"
