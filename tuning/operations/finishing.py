"""End a sweep: which trial is best, what is on the front, and does it hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import numpy as np

from catalog.tenancy import org_scope
from simulations.core.bootstrap import Figure, Resample
from simulations.core.splits import SplitError
from simulations.operations.fold_users import NothingToEvaluateError
from tuning.core.goals import (
    Objective,
    best_of,
    front,
    held_to,
    violation_of,
)
from tuning.core.reasons import sensitivities
from tuning.core.spec import SweepSpec, spec_of
from tuning.core.suggesting import Tried, learn
from tuning.models import Sweep, Trial

from .bench import Bench
from .measured import Measured
from .working import limits_of, shelf_of_sweep, tried_of

COMPARED = (
    "ndcg@10",
    "mrr@10",
    "precision@10",
    "recall@20",
    "hit_rate@10",
    "long_tail_share@20",
)
_DRAWS = 1_000


def finish_sweep(sweep: Sweep, *, at: datetime) -> Sweep:
    """Choose the best trial, verify it, and write the outcome. Outside a transaction.

    Doing it twice writes the same.
    """
    spec = spec_of(sweep.spec)
    with org_scope(sweep.org_id):
        rows = list(Trial.objects.filter(sweep=sweep).order_by("number"))
    tried = tried_of(spec, rows)
    outcome = standing(spec, tried)
    if outcome["best"] is not None:
        best = next(row for row in rows if row.number == outcome["best"])
        evidence = verify(sweep, spec, best.values, at=at)
        outcome |= {"evidence": evidence, "headline": headline(outcome, evidence)}
    else:
        outcome["headline"] = "No trial came to its end: look at what they say."
    shelf_of_sweep(sweep).clear()
    with org_scope(sweep.org_id):
        Sweep.objects.filter(pk=sweep.pk).update(outcome=outcome, finished_at=at)
    sweep.outcome, sweep.finished_at = outcome, at
    return sweep


def standing(spec: SweepSpec, tried: Sequence[Tried]) -> dict[str, Any]:
    """Return best, front and importance of what is finished so far."""
    if not tried:
        return {"best": None, "front": [], "importance": [], "feasible": 0}
    gains = np.array([each.gains for each in tried])
    violations = np.array([each.violation for each in tried])
    learnt = learn(spec.space, tried)
    return {
        "best": tried[best_of(gains, violations)].number,
        "front": [
            each.number
            for each, is_on in zip(tried, front(gains, violations), strict=True)
            if is_on
        ],
        "importance": []
        if learnt is None
        else msgspec.to_builtins(sensitivities(learnt)),
        "feasible": int((violations <= 0).sum()),
    }


def verify(
    sweep: Sweep, spec: SweepSpec, values: Mapping[str, Any], *, at: datetime
) -> dict[str, Any]:
    """Compare values with the profile as it was, user by user, on unseen events."""
    held_out = msgspec.structs.replace(spec, evaluation=spec.held_out)
    try:
        with Bench.opened(
            sweep.namespace,
            held_out,
            profile=sweep.profile,
            document=sweep.document,
            at=at,
            shelf=shelf_of_sweep(sweep),
        ) as bench:
            before, after = bench.try_out({}), bench.try_out(values)
    except (SplitError, NothingToEvaluateError) as error:
        return {"is_held_out": spec.has_held_out, "why_not": str(error)}
    verdicts = held_to(limits_of(sweep), after.metrics)
    return {
        "is_held_out": spec.has_held_out,
        "users": after.users,
        "before": before.metrics,
        "after": after.metrics,
        "lifts": {
            name: msgspec.to_builtins(each)
            for name, each in _lifts(before, after, spec).items()
        },
        "segments": _of_segments(before, after),
        "verdicts": msgspec.to_builtins(verdicts),
        "verdicts_before": msgspec.to_builtins(
            held_to(limits_of(sweep), before.metrics)
        ),
        "verdict": "pass" if violation_of(verdicts) <= 0 else "stop",
        "confidence": confidence(before, after, spec.objectives),
    }


def _lifts(
    before: Measured, after: Measured, spec: SweepSpec
) -> dict[str, dict[str, Figure]]:
    """Return the paired changes; only where both asked the very same users."""
    if not np.array_equal(before.row_users, after.row_users):
        return {}
    resample = Resample(before.row_users, draws=_DRAWS, seed=spec.evaluation.seed)
    names = dict.fromkeys((*(each.metric for each in spec.objectives), *COMPARED))
    return {
        name: {
            "difference": resample.mean(after.columns[name] - before.columns[name]),
            "relative": resample.relatives(
                after.columns[name][:, np.newaxis], before.columns[name][:, np.newaxis]
            )[0],
        }
        for name in names
        if name in after.columns
    }


def _of_segments(before: Measured, after: Measured) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "users": figures["users"],
            "before": before.segments.get(name, {}).get("ndcg@10"),
            "after": figures.get("ndcg@10"),
        }
        for name, figures in after.segments.items()
    }


def confidence(
    before: Measured, after: Measured, objectives: Sequence[Objective]
) -> str:
    """Return high, medium or low: how surely the first objective is better.

    High: the 95 % interval of the paired difference leaves out 0. Medium: the figure is
    better. Low: it is not, or it is of all lists together and has no paired interval.
    """
    first = objectives[0]
    ours, theirs = after.columns.get(first.metric), before.columns.get(first.metric)
    if ours is None or theirs is None or len(ours) != len(theirs):
        return "low"
    found = Resample(before.row_users, draws=_DRAWS, seed=0).mean(
        (ours - theirs) * first.sign
    )
    if found.low is not None and found.low > 0:
        return "high"
    return "medium" if (found.value or 0.0) > 0 else "low"


def headline(outcome: Mapping[str, Any], evidence: Mapping[str, Any]) -> str:
    """Say in one sentence what a sweep found."""
    if "why_not" in evidence:
        return (
            f"Trial {outcome['best']} is best, but not verified: {evidence['why_not']}"
        )
    if outcome["best"] == 0:
        return "No trial is better than the profile as it is."
    lifts = evidence["lifts"]
    name = next(iter(lifts), None)
    period = (
        "unseen events" if evidence["is_held_out"] else "the events it was tuned on"
    )
    told = "figures cannot be paired"
    if name is not None and lifts[name]["relative"]["value"] is not None:
        each = lifts[name]["relative"]
        told = (
            f"{name} {each['value']:+.1%} ({each['low']:+.1%} to {each['high']:+.1%})"
            f" on {period}"
        )
    kept = (
        "guardrails kept" if evidence["verdict"] == "pass" else "a guardrail is broken"
    )
    return f"Trial {outcome['best']}: {told}, {kept}."
