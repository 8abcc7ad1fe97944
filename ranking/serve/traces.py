"""How an answer came about, as columns and counts that a trace can keep."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from audit.core.columns import Columns
from audit.core.record import (
    MAX_CANDIDATES,
    Drops,
    Items,
    SourceCount,
    Stage,
    Trace,
)
from audit.machine import machine
from ranking.core.columns import F32, Rows
from ranking.core.eligibility import Drop
from ranking.core.pool import Signals
from ranking.core.ranking import Ranking
from ranking.core.strongest import strongest

from .call import Answer
from .context import public_context

_SIGNALS = tuple(field.name for field in fields(Signals))
_PERSONAL = ("user_id", "context")
_DROP_REASONS = [drop.code for drop in Drop]


def trace_of(answer: Answer) -> Trace:
    request, ranking = answer.call.request, answer.ranking
    resolved = ranking.pool.resolved
    return Trace(
        namespace=request.namespace,
        request=_request(answer),
        clock=answer.clock,
        seed=answer.inputs.seed,
        machine=machine(),
        items=_items(answer),
        candidates=_candidates(ranking),
        drops=_drops(ranking),
        rung_reason=answer.rung_reason,
        include_reasons=request.include_reasons,
        explain_level=request.explain_level,
        knobs={name: getattr(resolved.knobs, name) for name in resolved.sources},
        layers=resolved.sources,
        policy=ranking.counts,
        candidate_sources={
            name: SourceCount(count, answer.durations_ns.get(name, 0) // 1000)
            for name, count in answer.source_counts.items()
        },
        stages=_stages(answer),
        propensities=_propensities(ranking),
        extras=_extras(answer),
    )


def _request(answer: Answer) -> dict[str, Any]:
    request = answer.call.request
    fields = msgspec.structs.asdict(request)
    for name in _PERSONAL:
        del fields[name]
    fields["context"] = public_context(request.context)
    return msgspec.convert(msgspec.to_builtins(fields), dict[str, Any])


def _items(answer: Answer) -> Items:
    ranking, places = answer.ranking, answer.ranking.places
    columns: dict[str, NDArray[Any]] = {
        "number": ranking.pool.numbers[places],
        "score": ranking.scores,
    }
    columns |= _parts(ranking, places)
    columns |= _diversity(ranking)
    return Items(
        ids=list(ranking.item_ids),
        reasons=[list(item["reasons"]) for item in answer.canonical["items"]],
        columns=Columns(columns),
    )


def _parts(ranking: Ranking, places: Rows) -> dict[str, F32]:
    """Return what each column of the score contributed to some candidates."""
    scored, weights = ranking.scored, ranking.scored.weights
    parts = {
        "part.popularity": weights.pop * scored.pop,
        "part.co_visitation": weights.cooc * scored.cooc,
        "part.similarity": weights.sim * scored.sim,
    }
    for name, column in scored.extras.items():
        parts[f"part.{name}"] = weights.extras[name] * column
    parts |= {
        "part.overlap": ranking.pool.signals.overlap,
        "part.multiplier": scored.multiplier,
        "blended": scored.blended,
        "personalised": scored.scores,
        "final": ranking.outcome.scores,
    }
    return {name: column[places].astype(np.float32) for name, column in parts.items()}


def _diversity(ranking: Ranking) -> dict[str, F32]:
    """Return what the choice for variety saw of each item; NaN where not asked."""
    if ranking.knobs.mmr_lambda is None:
        return {}
    tradeoff = ranking.knobs.mmr_lambda
    picked = ranking.choice.leading[ranking.choice.page.picks]
    index = np.full(len(ranking.pool), -1)
    index[picked] = np.arange(len(picked))
    index = index[ranking.places]
    asked = index >= 0
    most = float(ranking.outcome.scores.max(initial=0.0)) or 1.0
    nearest = np.full(len(index), np.nan)
    nearest[asked] = ranking.choice.page.nearest[index[asked]]
    relevance = np.where(asked, tradeoff * ranking.scores / most, np.nan)
    columns = {
        "mmr.pick_index": np.where(asked, index + 1.0, np.nan),
        "mmr.relevance": relevance,
        "mmr.max_sim": nearest,
        "mmr.penalty": (1.0 - tradeoff) * nearest,
    }
    return {name: column.astype(np.float32) for name, column in columns.items()}


def _candidates(ranking: Ranking) -> Columns:
    """Return the best candidates by final score, and whatever else is shown."""
    pool, scores = ranking.pool, ranking.outcome.scores
    seen = np.flatnonzero(ranking.outcome.visible)
    order = strongest(scores[seen], pool.id_rank[seen], limit=MAX_CANDIDATES)
    best = seen[order]
    others = np.setdiff1d(ranking.places, best)
    chosen = np.concatenate((best, others))
    slots = np.zeros(len(pool), dtype=np.int16)
    slots[ranking.places] = np.arange(1, len(ranking.places) + 1)
    ranks = np.zeros(len(chosen), dtype=np.int32)
    ranks[: len(best)] = np.arange(1, len(best) + 1)
    columns: dict[str, NDArray[Any]] = {
        "number": pool.numbers[chosen],
        "rank": ranks,
        "slot": slots[chosen],
    }
    brought = pool.source_ranks[:, chosen] > 0
    values = np.where(brought, pool.source_scores[:, chosen], np.nan)
    lines = values.astype(np.float32)
    columns |= {
        f"source.{source}": line
        for source, line in zip(pool.sources, lines, strict=True)
    }
    columns |= _signals(ranking, chosen)
    columns["blended"] = ranking.scored.blended[chosen].astype(np.float32)
    columns["personalised"] = ranking.scored.scores[chosen].astype(np.float32)
    columns["final"] = scores[chosen].astype(np.float32)
    return Columns(columns)


def _signals(ranking: Ranking, chosen: Rows) -> dict[str, F32]:
    """Return the signals that say anything about the chosen candidates."""
    signals = ranking.pool.signals
    columns = np.array([getattr(signals, name) for name in _SIGNALS])[:, chosen]
    told = columns.any(axis=1)
    lines = columns.astype(np.float32)
    return {
        f"signal.{name}": line
        for name, line, is_told in zip(_SIGNALS, lines, told, strict=True)
        if is_told
    }


def _drops(ranking: Ranking) -> Drops:
    pool = ranking.pool
    if not len(pool.drops.rows):
        return Drops()
    numbers = pool.world.select(pool.drops.rows).numbers
    order = np.argsort(numbers, kind="stable")
    columns: dict[str, NDArray[Any]] = {
        "number": numbers[order],
        "reason": pool.drops.codes[order],
    }
    return Drops(reasons=_DROP_REASONS, columns=Columns(columns))


def _stages(answer: Answer) -> tuple[Stage, ...]:
    counts = answer.ranking.counts
    read, total = len(answer.inputs.history), counts["total_candidates"]
    kept, eligible = counts["after_exclusions"], counts["after_constraint_filters"]
    ruled, shown = counts["after_rules"], len(answer.ranking)

    def spent(name: str) -> int:
        return answer.durations_ns.get(name, 0) // 1000

    return (
        Stage("history", read, read, spent("history")),
        Stage("candidates", total, total, spent("gather")),
        Stage("exclusions", total, kept, 0),
        Stage("eligibility", kept, eligible, 0),
        Stage("score", eligible, eligible, spent("score")),
        Stage("rules", eligible, ruled, spent("rules")),
        Stage("diversify", ruled, shown, spent("choose")),
    )


def _propensities(ranking: Ranking) -> dict[int, float]:
    places = ranking.places.tolist()
    return {
        slot: float(ranking.propensities[slot - 1])
        for slot, position in enumerate(places, start=1)
        if position in ranking.explored
    }


def _extras(answer: Answer) -> dict[str, Any]:
    shopper = answer.ranking.pool.shopper
    extras: dict[str, Any] = {"recent_event_count": shopper.event_count}
    if shopper.starter:
        extras["starter_profile"] = dict(shopper.starter)
        extras["starter_profile_weight"] = shopper.starter_weight
    if shopper.match.rule_id is not None:
        extras["segment_rule"] = shopper.match.rule_id
    if answer.warnings:
        extras["warnings"] = list(answer.warnings)
    return extras
