"""The least that an evaluation must reach."""

from __future__ import annotations

from msgspec import Struct

from .evaluation import SYSTEM, Report, Slice

AGAINST = "popularity"


class Minima(Struct, frozen=True, kw_only=True):
    """What must be reached; None asks for nothing."""

    min_segment_lift_ndcg: float | None = None
    min_segment_lift_mrr: float | None = None
    min_catalog_coverage: float | None = None
    min_long_tail_share: float | None = None


def broken(report: Report, minima: Minima) -> list[str]:
    """Say which minima are not reached. What was not computed reaches none.

    Lifts are those of the segments over popularity, at the report's first cut; shares
    those of the whole at its last.
    """
    named = [name.partition("@")[2] for name in report.models[SYSTEM]]
    cuts = sorted({int(cut) for cut in named if cut})
    first, last = cuts[0], cuts[-1]
    faults = []
    for name in ("ndcg", "mrr"):
        least = getattr(minima, f"min_segment_lift_{name}")
        if least is not None:
            faults += _segments(report, f"{name}@{first}", least=least)
    for name in ("catalog_coverage", "long_tail_share"):
        least = getattr(minima, f"min_{name}")
        figure = report.models[SYSTEM].get(f"{name}@{last}")
        value = None if figure is None else figure.value
        if least is not None and (value is None or value < least):
            faults.append(
                f"{name}@{last} is {_shown(value)}, at least {least:g} is asked."
            )
    return faults


def segment_lift(part: Slice, metric: str) -> float | None:
    """Return the relative lift of a slice over popularity, None if not computed."""
    for lift in part.lifts:
        if (lift.metric, lift.baseline) == (metric, AGAINST):
            return lift.relative.value
    return None


def _segments(report: Report, metric: str, *, least: float) -> list[str]:
    segments = [each for each in report.slices if each.kind == "segment"]
    if not segments:
        return [f"No segment has enough users: the lift of {metric} is not computed."]
    found = [(each.key, segment_lift(each, metric)) for each in segments]
    return [
        f"Segment {key}: lift of {metric} over {AGAINST} is {_shown(value)},"
        f" at least {least:g} is asked."
        for key, value in found
        if value is None or value < least
    ]


def _shown(value: float | None) -> str:
    return "not computed" if value is None else f"{value:.4f}"
