"""Stored decisions as the API tells them, in the field names of the old contract."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from audit.core.columns import Columns, rows
from audit.core.record import Drops, Items, Stage, Trace
from audit.core.reports import cap_hits
from audit.models import Decision

_PARTS = "part."
_DIVERSITY = "mmr."
_PICK_INDEX = "pick_index"
_CAPS = "cap."


class ServedItem(Struct, kw_only=True):
    """An item of the answer."""

    item_id: str
    score: float
    rank: int
    reasons: list[str]


class DecisionSummary(Struct, kw_only=True):
    """A decision as lists show it."""

    decision_id: UUID
    ts: Annotated[datetime, Meta(description="When it was answered.")]
    at: Annotated[datetime, Meta(description="The moment that was ranked for.")]
    namespace: str
    route: str
    surface: str
    request_id: str
    user_hash: Annotated[str | None, Meta(description="HMAC-SHA256, null if nobody.")]
    k: int
    segment_id: str | None
    profile_id: str
    profile_version: int
    degraded: list[str]
    answer_digest: str
    latency_us: int
    final_items: list[ServedItem]
    extras: dict[str, Any]


class Candidate(Struct, kw_only=True):
    """One of the best 200 candidates, by score before diversity."""

    item_id: Annotated[str | None, Meta(description="Null: no longer in the catalog.")]
    number: int
    score: float
    rank: int
    slot: Annotated[int, Meta(description="Place in the answer, 0 = not in it.")]
    columns: dict[str, float]


class Dropped(Struct, kw_only=True):
    """A candidate that was dropped."""

    item_id: str | None
    number: int
    reason: str


class StageAnswer(Struct, kw_only=True):
    """A step of the pipeline."""

    name: str
    n_in: int
    n_out: int
    duration_us: int


class DecisionDetail(DecisionSummary, kw_only=True):
    """A decision with its whole trace, but for what is personal in it."""

    snapshot_hash: str
    change_number: int
    configuration_hash: str
    engine_version: int
    machine: dict[str, Any]
    seed: Annotated[str, Meta(description="Decimal: too large for some readers.")]
    clock: str
    rung: int
    rung_reason: str | None
    arm: str | None
    request: Any
    constraints: Any
    effective_config: dict[str, Any]
    config_layers: dict[str, str]
    bandit: dict[str, Any]
    candidates_pre: list[Candidate]
    drops: list[Dropped]
    mmr_info: list[dict[str, Any]]
    caps: Annotated[
        dict[str, dict[str, int]],
        Meta(description="How many of its brand and category the page held with it."),
    ]
    explanations: dict[str, dict[str, float]]
    propensities: dict[str, float]
    stages: list[StageAnswer]
    policy: dict[str, int]


def summary_of(
    decision: Decision, trace: Trace | None, *, namespace: str
) -> dict[str, Any]:
    """Return the fields of a summary; without a trace nothing is known of items."""
    user_hash = decision.user_hash
    return {
        "decision_id": decision.decision_id,
        "ts": decision.answered_at,
        "at": decision.at,
        "namespace": namespace,
        "route": decision.route,
        "surface": decision.surface,
        "request_id": decision.request_id,
        "user_hash": None if user_hash is None else bytes(user_hash).hex(),
        "k": decision.k,
        "segment_id": decision.segment,
        "profile_id": decision.profile,
        "profile_version": decision.profile_version,
        "degraded": decision.degraded,
        "answer_digest": bytes(decision.answer_digest).hex(),
        "latency_us": decision.latency_us,
        "final_items": [] if trace is None else _served(trace.items),
        "extras": {} if trace is None else _extras(decision, trace),
    }


def detail_of(
    decision: Decision, trace: Trace, *, ids: Mapping[int, str], namespace: str
) -> DecisionDetail:
    """Return everything but the personal part. `ids` maps numbers to external ids."""
    return DecisionDetail(
        **summary_of(decision, trace, namespace=namespace),
        snapshot_hash=bytes(decision.snapshot_hash).hex(),
        change_number=decision.change_number,
        configuration_hash=bytes(decision.configuration_hash).hex(),
        engine_version=decision.engine_version,
        machine={name: getattr(trace.machine, name) for name in _MACHINE},
        seed=str(trace.seed),
        clock=trace.clock,
        rung=decision.rung,
        rung_reason=trace.rung_reason,
        arm=decision.arm,
        request=trace.request,
        constraints=trace.request.get("constraints"),
        effective_config=dict(trace.knobs),
        config_layers=dict(trace.layers),
        bandit=dict(trace.bandit),
        candidates_pre=_candidates(trace.candidates, ids=ids),
        drops=_drops(trace.drops, ids=ids),
        mmr_info=_diversity(trace),
        caps=_caps(trace.items),
        explanations=_by_item(trace.items, prefix=_PARTS),
        propensities={str(slot): share for slot, share in trace.propensities.items()},
        stages=[_stage(stage) for stage in trace.stages],
        policy=dict(trace.policy),
    )


_MACHINE = ("numpy", "cpu", "blas_threads")


def _served(items: Items) -> list[ServedItem]:
    scores = items.columns["score"].tolist()
    return [
        ServedItem(item_id=item_id, score=score, rank=rank, reasons=reasons)
        for rank, (item_id, score, reasons) in enumerate(
            zip(items.ids, scores, items.reasons, strict=True), start=1
        )
    ]


def _extras(decision: Decision, trace: Trace) -> dict[str, Any]:
    sources = {
        name: {"count": source.count, "duration_ms": source.duration_us / 1_000}
        for name, source in trace.candidate_sources.items()
    }
    return {
        **trace.extras,
        "model_version": decision.model_version,
        "duration_ms": decision.latency_us / 1_000,
        "include_reasons": trace.include_reasons,
        "explain_level": trace.explain_level,
        "segment_id": decision.segment,
        "profile_id": decision.profile,
        "candidate_sources": sources,
        "policy": dict(trace.policy),
    }


def _candidates(table: Columns, *, ids: Mapping[int, str]) -> list[Candidate]:
    return [
        Candidate(
            item_id=ids.get(row["number"]),
            number=row.pop("number"),
            score=row["final"],
            rank=row.pop("rank"),
            slot=row.pop("slot"),
            columns=row,
        )
        for row in rows(table)
    ]


def _drops(drops: Drops, *, ids: Mapping[int, str]) -> list[Dropped]:
    return [
        Dropped(
            item_id=ids.get(row["number"]),
            number=row["number"],
            reason=drops.reasons[row["reason"]],
        )
        for row in rows(drops.columns)
    ]


def _diversity(trace: Trace) -> list[dict[str, Any]]:
    items = trace.items
    chosen: dict[str, dict[str, Any]] = {**_by_item(items, prefix=_DIVERSITY)}
    caps = {
        name.removeprefix(_CAPS): column
        for name, column in items.columns.items()
        if name.startswith(_CAPS)
    }
    for name, hits in cap_hits(caps, knobs=trace.knobs).items():
        for item_id, is_hit in zip(items.ids, hits, strict=True):
            if item_id in chosen:
                chosen[item_id][f"{name}_cap_hit"] = is_hit
    for values in chosen.values():
        if _PICK_INDEX in values:
            # Kept roughly, as all that is kept beside the numbers of items.
            values[_PICK_INDEX] = round(values[_PICK_INDEX])
    return [{"item_id": item_id, **values} for item_id, values in chosen.items()]


def _caps(items: Items) -> dict[str, dict[str, int]]:
    counts = _by_item(items, prefix=_CAPS)
    return {
        item_id: {name: round(count) for name, count in values.items()}
        for item_id, values in counts.items()
    }


def _by_item(items: Items, *, prefix: str) -> dict[str, dict[str, float]]:
    """Return the columns of one prefix by item, items without a value left out."""
    named = {
        name.removeprefix(prefix): column
        for name, column in items.columns.items()
        if name.startswith(prefix)
    }
    found = zip(items.ids, rows(Columns(named)), strict=False)
    return {item_id: values for item_id, values in found if values}


def _stage(stage: Stage) -> StageAnswer:
    return StageAnswer(
        name=stage.name,
        n_in=stage.n_in,
        n_out=stage.n_out,
        duration_us=stage.duration_us,
    )
