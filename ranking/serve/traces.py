"""How an answer came about, as columns and counts that a trace can keep."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
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
from ranking.core.columns import F32, F64, Rows
from ranking.core.eligibility import Drop
from ranking.core.pool import Signals
from ranking.core.ranking import Ranking
from ranking.core.strongest import strongest

from .call import Answer
from .context import public_context
from .read_items import READ_ITEMS, told_of
from .ruled import for_trace

_SIGNALS = Signals.__struct_fields__
_SIGNAL_NAMES = tuple(f"signal.{name}" for name in _SIGNALS)
_signals_of = attrgetter(*_SIGNALS)
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
        bandit=answer.arm.told if answer.arm else {},
        rules=for_trace(answer.rules),
        rules_at_us=answer.inputs.rules_at_us,
        extras=_extras(answer),
    )


def _request(answer: Answer) -> dict[str, Any]:
    request = answer.inputs.request
    fields = msgspec.structs.asdict(request)
    for name in _PERSONAL:
        del fields[name]
    fields["context"] = public_context(request.context)
    return msgspec.convert(msgspec.to_builtins(fields), dict[str, Any])


def _items(answer: Answer) -> Items:
    ranking, places = answer.ranking, answer.ranking.places
    scores, told = ranking.scores, answer.canonical["items"]
    columns: dict[str, NDArray[Any]] = {
        "number": ranking.pool.numbers.take(places),
        "score": scores,
    }
    columns |= _rough(
        {
            **_parts(ranking, places),
            **_diversity(ranking, scores),
            **{f"cap.{name}": each for name, each in fullness(ranking).items()},
        }
    )
    return Items(
        ids=[item["item_id"] for item in told],
        reasons=[list(item["reasons"]) for item in told],
        columns=Columns(columns),
    )


def _parts(ranking: Ranking, places: Rows) -> dict[str, F64]:
    """Return what each column of the score contributed to some candidates."""
    scored, weights = ranking.scored, ranking.scored.weights
    parts = {
        "part.popularity": weights.pop * scored.pop.take(places),
        "part.co_visitation": weights.cooc * scored.cooc.take(places),
        "part.similarity": weights.sim * scored.sim.take(places),
    }
    for name, column in scored.extras.items():
        parts[f"part.{name}"] = weights.extras[name] * column.take(places)
    return parts | {
        "part.overlap": ranking.pool.signals.overlap.take(places),
        "part.multiplier": scored.multiplier.take(places),
        "blended": scored.blended.take(places),
        "personalised": scored.scores.take(places),
        "final": ranking.outcome.scores.take(places),
    }


def _diversity(ranking: Ranking, scores: F64) -> dict[str, F64]:
    """Return what the choice for variety saw of each item; NaN where not asked."""
    if ranking.knobs.mmr_lambda is None:
        return {}
    tradeoff, page = ranking.knobs.mmr_lambda, ranking.choice.page
    picked = ranking.choice.leading[page.picks]
    # Order of choice and nearest likeness of every candidate, known or not.
    seen = np.full((2, len(ranking.pool)), np.nan)
    seen[0, picked] = np.arange(1, len(picked) + 1)
    seen[1, picked] = page.nearest
    index, nearest = seen.take(ranking.places, axis=1)
    most = float(ranking.outcome.scores.max(initial=0.0)) or 1.0
    relevance = tradeoff * scores / most
    relevance[np.isnan(index)] = np.nan
    return {
        "mmr.pick_index": index,
        "mmr.relevance": relevance,
        "mmr.max_sim": nearest,
        "mmr.penalty": (1.0 - tradeoff) * nearest,
    }


def fullness(ranking: Ranking) -> dict[str, F64]:
    """Return how many of an item's brand or category the page held with it.

    Of several values the one held most often. NaN where no cap was looked at.
    """
    if not ranking.choice.caps:
        return {}
    leading, picks = ranking.choice.leading.tolist(), ranking.choice.page.picks.tolist()
    # What is pinned stands behind those that may be picked.
    pinned = range(len(leading) - len(ranking.pins.positions), len(leading))
    columns = {}
    for cap in ranking.choice.caps:
        held: dict[str, int] = {}
        counts: dict[int, float] = {}
        for place in (*pinned, *picks):
            values = cap.values[place]
            for value in values:
                held[value] = held.get(value, 0) + 1
            if values and place < pinned.start:
                counts[leading[place]] = max(map(held.__getitem__, values))
        columns[cap.dimension] = np.array(
            [counts.get(place, np.nan) for place in ranking.places.tolist()]
        )
    return columns


def _rough(columns: Mapping[str, F64]) -> dict[str, F32]:
    """Return columns of one length in single precision, converted all at once."""
    table = np.array([*columns.values()], np.float32)
    return dict(zip(columns, table, strict=True))


def _candidates(ranking: Ranking) -> Columns:
    """Return the best candidates by final score, and whatever else is shown."""
    pool, best = ranking.pool, _best(ranking)
    slots = np.zeros(len(pool), dtype=np.int16)
    slots[ranking.places] = np.arange(1, len(ranking.places) + 1)
    is_other = slots > 0
    is_other[best] = False
    chosen = np.concatenate((best, np.flatnonzero(is_other)))
    ranks = np.zeros(len(chosen), dtype=np.int32)
    ranks[: len(best)] = np.arange(1, len(best) + 1)
    columns: dict[str, NDArray[Any]] = {
        "number": pool.numbers.take(chosen),
        "rank": ranks,
        "slot": slots.take(chosen),
    }
    brought = pool.source_ranks.take(chosen, axis=1) > 0
    values = np.where(brought, pool.source_scores.take(chosen, axis=1), np.nan)
    names = [f"source.{source}" for source in pool.sources]
    columns |= zip(names, values.astype(np.float32), strict=True)
    columns |= _judged(ranking, chosen)
    return Columns(columns)


def _best(ranking: Ranking) -> Rows:
    leading = ranking.choice.leading
    if len(leading) >= MAX_CANDIDATES and not len(ranking.pins.positions):
        # The choice for variety sorted them already.
        return leading[:MAX_CANDIDATES]
    seen = np.flatnonzero(ranking.outcome.visible)
    scores, ranks = ranking.outcome.scores[seen], ranking.pool.id_rank[seen]
    best: Rows = seen[strongest(scores, ranks, limit=MAX_CANDIDATES)]
    return best


def _judged(ranking: Ranking, chosen: Rows) -> dict[str, F32]:
    """Return the scores of some candidates, and the signals that say anything."""
    known = dict(zip(_SIGNAL_NAMES, _signals_of(ranking.pool.signals), strict=True))
    known |= {
        "blended": ranking.scored.blended,
        "personalised": ranking.scored.scores,
        "final": ranking.outcome.scores,
    }
    table = np.array([column.take(chosen) for column in known.values()])
    told = table.any(axis=1).tolist()
    lines = zip(known, table.astype(np.float32), told, strict=True)
    return {
        name: line
        for name, line, is_told in lines
        if is_told or name not in _SIGNAL_NAMES
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
    if answer.call.request.user_id is not None:
        # Tells an erased user from nobody when the answer is to be given again.
        extras["is_personal"] = True
    if read := told_of(answer.served.world):
        extras[READ_ITEMS] = read
    if shopper.starter:
        extras["starter_profile"] = dict(shopper.starter)
        extras["starter_profile_weight"] = shopper.starter_weight
    if shopper.match.rule_id is not None:
        extras["segment_rule"] = shopper.match.rule_id
    if answer.warnings:
        extras["warnings"] = list(answer.warnings)
    return extras
