"""Sweeps and trials as clients send them and get them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from catalog.api.bodies import ListBody
from tuning.core.spec import SweepSpec
from tuning.models import Sweep, Trial
from tuning.queries.sweeps import state_of


class SweepAsked(Struct, kw_only=True):
    """A sweep to start."""

    namespace: str
    spec: SweepSpec


class SweepRow(Struct, kw_only=True):
    """A sweep in a list."""

    sweep_id: UUID
    namespace: str
    name: str
    state: Annotated[
        str,
        Meta(description="queued, running, paused, finished, failed or cancelled."),
    ]
    profile: str
    profile_version: int
    budget: int
    run_id: UUID | None
    headline: str
    requested_by: str
    created_at: datetime
    finished_at: datetime | None


class SweepList(ListBody, kw_only=True):
    """Sweeps, the newest first."""

    items: list[SweepRow]


class SweepOut(SweepRow, kw_only=True):
    """A sweep with what it searches, and what it found."""

    spec: dict[str, Any]
    limits: dict[str, Any]
    trials: Annotated[dict[str, int], Meta(description="How many in each state.")]
    outcome: dict[str, Any]


class TrialOut(Struct, kw_only=True):
    """One trial."""

    number: int
    state: str
    values: dict[str, Any]
    expected: dict[str, Any]
    metrics: dict[str, Any]
    intervals: dict[str, Any]
    segments: dict[str, Any]
    guardrails: list[dict[str, Any]]
    violation: Annotated[
        float | None, Meta(description="Above 0: a guardrail is broken.")
    ]
    error: str
    attempts: int
    seconds: float | None
    finished_at: datetime | None


class TrialsOut(Struct, kw_only=True):
    """Every trial of a sweep, by number."""

    sweep_id: UUID
    trials: list[TrialOut]


def sweep_row(sweep: Sweep) -> SweepRow:
    return SweepRow(**_row(sweep))


def _row(sweep: Sweep) -> dict[str, Any]:
    return {
        "sweep_id": sweep.pk,
        "namespace": sweep.namespace.name,
        "name": sweep.name,
        "state": state_of(sweep),
        "profile": sweep.profile,
        "profile_version": sweep.profile_version,
        "budget": sweep.budget,
        "run_id": sweep.run_id,
        "headline": sweep.outcome.get("headline", ""),
        "requested_by": sweep.requested_by,
        "created_at": sweep.created_at,
        "finished_at": sweep.finished_at,
    }


def sweep_out(sweep: Sweep, counts: dict[str, int]) -> SweepOut:
    return SweepOut(
        **_row(sweep),
        spec=sweep.spec,
        limits=sweep.limits,
        trials=counts,
        outcome=sweep.outcome,
    )


def trial_out(trial: Trial) -> TrialOut:
    return TrialOut(
        number=trial.number,
        state=trial.state,
        values=trial.values,
        expected=trial.expected,
        metrics=trial.metrics,
        intervals=trial.intervals,
        segments=trial.segments,
        guardrails=trial.verdicts,
        violation=trial.violation,
        error=trial.error,
        attempts=trial.fencing_token,
        seconds=trial.seconds,
        finished_at=trial.finished_at,
    )


_SWEEP_ID = "0198c7a1-2b3c-7d4e-8f90-123456789abc"
EXAMPLE_SPEC = {
    "name": "Spring",
    "parameters": [
        {"knob": "blend_alpha", "low": 0, "high": 1},
        {"knob": "mmr_lambda", "low": 0.2, "high": 0.9},
    ],
    "strategy": "gp",
    "objectives": [{"metric": "ndcg@10"}],
    "budget": 60,
}
EXAMPLE_ROW = {
    "sweep_id": _SWEEP_ID,
    "namespace": "demo",
    "name": "Spring",
    "state": "finished",
    "profile": "default",
    "profile_version": 3,
    "budget": 60,
    "run_id": "0198c7a1-2b3c-7d4e-8f90-123456789abd",
    "headline": "Trial 41: ndcg@10 +9.1 % (+6.2 % to +12.0 %) on unseen events,"
    " guardrails kept.",
    "requested_by": "ana",
    "created_at": "2026-03-01T12:00:00+00:00",
    "finished_at": "2026-03-01T12:01:00+00:00",
}
EXAMPLE_SWEEP = EXAMPLE_ROW | {
    "spec": EXAMPLE_SPEC,
    "limits": {"min_catalog_coverage": {"stop": 0.6}},
    "trials": {"done": 60},
    "outcome": {"best": 41, "front": [41], "feasible": 52},
}
EXAMPLE_TRIAL = {
    "number": 41,
    "state": "done",
    "values": {"blend_alpha": 0.21, "mmr_lambda": 0.64},
    "expected": {},
    "metrics": {"ndcg@10": 0.231, "catalog_coverage@20": 0.71},
    "intervals": {"ndcg@10": {"value": 0.231, "low": 0.22, "high": 0.242, "n": 1000}},
    "segments": {"power_users": {"users": 210, "ndcg@10": 0.26}},
    "guardrails": [],
    "violation": -0.18,
    "error": "",
    "attempts": 1,
    "seconds": 0.6,
    "finished_at": "2026-03-01T12:00:40+00:00",
}
