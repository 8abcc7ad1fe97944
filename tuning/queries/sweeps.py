"""A sweep as pages and reports show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from django.db.models.fields.json import KeyTransform

from tuning.core.charts import Point, parallel, scatter
from tuning.core.goals import Objective, best_of, front, gains_of
from tuning.core.spec import SweepSpec, spec_of
from tuning.models import Sweep, Trial, TrialState

_TOLD = ("id", "number", "state", "values", "violation", "error")
MOST_DRAWN = 250
"""More marks say no more, and a page of them is slow."""


def state_of(sweep: Sweep) -> str:
    """Return one word: queued, running, paused, finished, failed or cancelled."""
    if sweep.finished_at is not None:
        return "finished"
    if sweep.is_paused:
        return "paused"
    return "queued" if sweep.run is None else str(sweep.run.state)


def counts_of(sweep: Sweep) -> dict[str, int]:
    """Return how many trials are in each state. Called inside the org's scope."""
    states = Trial.objects.filter(sweep=sweep).values_list("state", flat=True)
    found: dict[str, int] = {}
    for state in states:
        found[state] = found.get(state, 0) + 1
    return found


def trials_to_show(sweep: Sweep) -> list[Trial]:
    """Return all trials, of their figures the objectives' alone: the rest is large.

    Called inside the org's scope. They are for showing, not for saving.
    """
    aims = [each.metric for each in spec_of(sweep.spec).objectives]
    figures = {f"aim_{n}": KeyTransform(aim, "metrics") for n, aim in enumerate(aims)}
    rows = Trial.objects.filter(sweep=sweep).order_by("number").annotate(**figures)
    return [
        Trial(
            **dict(zip(_TOLD, row, strict=False)),
            metrics=dict(zip(aims, row[len(_TOLD) :], strict=True)),
        )
        for row in rows.values_list(*_TOLD, *figures)
    ]


def with_intervals(
    rows: Sequence[Mapping[str, Any]], spec: SweepSpec
) -> list[dict[str, Any]]:
    """Return lines of the table with how sure their figures are. One query."""
    numbers = [row["trial"].pk for row in rows]
    known = dict(Trial.objects.filter(pk__in=numbers).values_list("pk", "intervals"))
    told = []
    for row in rows:
        trial = row["trial"]
        trial.intervals = known.get(trial.pk, {})
        figures = [figure_of(trial, each) for each in spec.objectives]
        told.append({**row, "figures": figures})
    return told


def shown_sweep(sweep: Sweep, trials: Sequence[Trial]) -> dict[str, Any]:
    """Return what the page and the report of a sweep show. Inside the org's scope."""
    spec = spec_of(sweep.spec)
    done = [each for each in trials if each.state == TrialState.DONE]
    on_front, best = _standing(spec, done)
    drawn = _drawn(done, on_front)
    points = [
        Point(
            number=each.number,
            values=each.values,
            metrics=each.metrics,
            is_on_front=each.number in on_front,
            is_broken=(each.violation or 0.0) > 0,
        )
        for each in drawn
    ]
    return {
        "sweep": sweep,
        "spec": spec,
        "drawn": len(drawn),
        "not_drawn": len(done) - len(drawn),
        "scatter": scatter(points, spec.objectives),
        "parallel": parallel(points, spec.parameters, spec.objectives[0]),
        "importance": importance_of(sweep),
        "rows": rows_of(trials, spec, on_front=on_front, best=best),
        "best": best,
        "counts": {state: _count(trials, state) for state in TrialState},
        "over": sum(_count(trials, each) for each in ("done", "pruned", "failed")),
        "evidence": evidence_of(sweep.outcome.get("evidence", {}), spec),
        "ids": {each.number: each.pk for each in trials},
    }


def _drawn(done: Sequence[Trial], on_front: set[int]) -> list[Trial]:
    """Return what charts show: what matters, and of the rest every so many."""
    told = [each for each in done if each.number == 0 or each.number in on_front]
    others = [each for each in done if each.number and each.number not in on_front]
    every = max(1, -(-len(others) // MOST_DRAWN))
    return sorted([*told, *others[::every]], key=lambda each: each.number)


def _count(trials: Sequence[Trial], state: str) -> int:
    return sum(each.state == state for each in trials)


def _standing(spec: SweepSpec, done: Sequence[Trial]) -> tuple[set[int], int | None]:
    known = [(gains_of(spec.objectives, each.metrics), each) for each in done]
    told = [(gains, each) for gains, each in known if gains is not None]
    if not told:
        return set(), None
    gains = np.array([each for each, _ in told])
    violations = np.array([each.violation or 0.0 for _, each in told])
    flags = front(gains, violations).tolist()
    chosen = {
        each.number for (_, each), is_on in zip(told, flags, strict=True) if is_on
    }
    return chosen, told[best_of(gains, violations)][1].number


def rows_of(
    trials: Sequence[Trial],
    spec: SweepSpec,
    *,
    on_front: set[int],
    best: int | None,
) -> list[dict[str, Any]]:
    """Return the lines of a table of trials."""
    return [
        {
            "trial": each,
            "values": [(p.name, each.values.get(p.name)) for p in spec.parameters],
            "figures": [figure_of(each, o) for o in spec.objectives],
            "is_on_front": each.number in on_front,
            "is_best": each.number == best,
            "is_broken": each.state == TrialState.DONE and (each.violation or 0.0) > 0,
        }
        for each in trials
    ]


def figure_of(trial: Trial, objective: Objective) -> dict[str, Any]:
    """Return one objective's figure of a trial, with its interval."""
    interval = trial.intervals.get(objective.metric) or {}
    return {
        "metric": objective.metric,
        "value": trial.metrics.get(objective.metric),
        "low": interval.get("low"),
        "high": interval.get("high"),
    }


def importance_of(sweep: Sweep) -> list[dict[str, Any]]:
    """Return what each knob explains, as bars."""
    return [
        {
            **each,
            "percent": round(100 * each["share"]),
            "width": 4 * round(100 * each["share"]),
        }
        for each in sweep.outcome.get("importance", [])
    ]


def evidence_of(evidence: Mapping[str, Any], spec: SweepSpec) -> dict[str, Any]:
    """Return the comparison on unseen events, line by line, the objectives first."""
    if not evidence or "why_not" in evidence:
        return dict(evidence)
    lines = [
        {
            "metric": name,
            "before": evidence["before"].get(name),
            "after": evidence["after"].get(name),
            **each,
        }
        for name, each in sorted(evidence["lifts"].items())
    ]
    aims = [each.metric for each in spec.objectives]
    place = {name: n for n, name in enumerate(aims)}
    lines.sort(key=lambda line: place.get(line["metric"], len(place)))
    others = ("catalog_coverage@20", "brand_exposure_ratio@20", "popularity_bias@20")
    lines += [
        {
            "metric": name,
            "before": evidence["before"].get(name),
            "after": evidence["after"].get(name),
            "relative": {},
        }
        for name in others
        if name not in evidence["lifts"] and evidence["after"].get(name) is not None
    ]
    return {**evidence, "lines": lines}
