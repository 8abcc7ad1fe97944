"""A ranking in the words of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET

from ranking.core.answer import model_version
from ranking.core.policy import POLICY_COUNTS
from ranking.core.request import Request
from ranking.core.shopper import Shopper
from ranking.serve import Answer
from ranking.serve.ruled import for_caller

from .bodies import Extras, RankedItem, RankingAnswer, SourceBody, TraceBody

_NS_PER_MS = 1e6
# Clients look these up by name, whether anything was to be found there or not.
_ALWAYS_TOLD = ("collaborative", "content", "session")


def ranking_answer(answer: Answer, *, warnings: list[str]) -> RankingAnswer:
    """Return what the caller gets of an answer."""
    request, pool = answer.call.request, answer.ranking.pool
    match = pool.shopper.match
    return RankingAnswer(
        decision_id=str(answer.decision_id) if answer.decision_id else None,
        model_version=answer.model_version,
        items=[
            _item(item, with_reasons=request.include_reasons)
            for item in answer.canonical["items"]
        ],
        segment_id=match.segment_id or UNSET,
        profile_id=match.profile_id or UNSET,
        degraded=list(answer.degraded) or UNSET,
        trace=TraceBody(_extras(answer, pool.shopper)),
        warnings=warnings or UNSET,
        **_experiment(answer),
    )


def _experiment(answer: Answer) -> dict[str, str]:
    """Return the experiment that the answer belongs to, if it does to one."""
    if answer.arm is None or answer.arm.policy_id is not None:
        return {}
    return {name: answer.arm.told[name] for name in ("experiment", "variant")}


def nothing(request: Request) -> RankingAnswer:
    """Return the answer of a namespace to which nobody wrote yet."""
    extras = Extras(
        policy=dict.fromkeys(POLICY_COUNTS, 0),
        manual_overrides=[],
        recent_event_count=0,
        candidate_sources={},
    )
    return RankingAnswer(
        decision_id=None,
        model_version=model_version(request),
        items=[],
        trace=TraceBody(extras),
    )


def _item(item: Mapping[str, Any], *, with_reasons: bool) -> RankedItem:
    return RankedItem(
        item_id=item["item_id"],
        score=item["score"],
        rank=item["rank"],
        reasons=list(item["reasons"]) if with_reasons else UNSET,
        explain=item.get("explain", UNSET),
    )


def _extras(answer: Answer, shopper: Shopper) -> Extras:
    spent = answer.durations_ns
    sources = {name: SourceBody(0, 0.0) for name in _ALWAYS_TOLD}
    sources |= {
        name: SourceBody(count, round(spent.get(name, 0) / _NS_PER_MS, 3))
        for name, count in answer.source_counts.items()
    }
    counts = answer.ranking.counts
    for name, count in (
        ("merged", "total_candidates"),
        ("post_exclusion", "after_exclusions"),
    ):
        took = round(spent.get(name, 0) / _NS_PER_MS, 3)
        sources[name] = SourceBody(counts[count], took)
    has_starter = bool(shopper.starter)
    return Extras(
        policy=dict(counts),
        manual_overrides=for_caller(answer.rules),
        recent_event_count=shopper.event_count,
        candidate_sources=sources,
        starter_profile=dict(shopper.starter) if has_starter else UNSET,
        starter_profile_weight=shopper.starter_weight if has_starter else UNSET,
    )
