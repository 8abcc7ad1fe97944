"""Ask for what to try next, and find what was suggested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from catalog.models import Namespace, Run, RunState
from catalog.operations.runs import start_run
from tuning.core.spec import MOST_FIRST, SweepSpec, spec_of
from tuning.models import Sweep, Trial, TrialState

from .sweeps import QUEUE, start_sweep

KIND = "suggestions"
USUAL_COUNT = 5
_OPEN = (RunState.QUEUED, RunState.RUNNING)


class NothingSuggestedError(LookupError):
    """There is nothing to learn from, or nothing was chosen."""


def start_suggestions(
    namespace: Namespace,
    *,
    sweep: Sweep | None = None,
    count: int = USUAL_COUNT,
    seed: int = 0,
    at: datetime,
    requested_by: str = "",
) -> Run:
    """Queue the Run that learns from past trials. Called inside the org's scope.

    Without a sweep it is the newest of the namespace. Who asks while one is at work for
    the same sweep gets that one.

    Raises
    ------
    NothingSuggestedError
        If the namespace has no sweep.
    """
    rows = Sweep.objects.filter(namespace=namespace).order_by("-created_at", "-pk")
    sweep = sweep or rows.first()
    if sweep is None:
        raise NothingSuggestedError(
            f"{namespace.name} has no sweep to learn from: start one first."
        )
    newest = newest_suggestions(sweep)
    asked = {"sweep_id": str(sweep.pk), "count": count, "seed": seed}
    if newest is not None and newest.state in _OPEN and newest.parameters == asked:
        return newest
    return start_run(
        namespace,
        kind=KIND,
        at=at,
        queue=QUEUE,
        requested_by=requested_by,
        parameters=asked,
    )


def newest_suggestions(sweep: Sweep) -> Run | None:
    """Return the last Run that learnt from a sweep, or is about to."""
    rows = Run.objects.filter(
        namespace=sweep.namespace_id, kind=KIND, parameters__sweep_id=str(sweep.pk)
    )
    return rows.order_by("-created_at", "-id").first()


def trials_since(run: Run, sweep: Sweep) -> int:
    """Return how many trials of the sweep ended after what was suggested was learnt."""
    rows = Trial.objects.filter(sweep=sweep, state=TrialState.DONE)
    return rows.filter(finished_at__gt=run.started_at or run.created_at).count()


def start_from(
    sweep: Sweep,
    chosen: Sequence[Mapping[str, Any]],
    *,
    budget: int,
    at: datetime,
    requested_by: str = "",
) -> Sweep:
    """Start a sweep like another one that tries some values first.

    Called inside the org's scope. What the values are worth is measured on the data as
    they are now, beside the profile as it is now.

    Raises
    ------
    NothingSuggestedError
        If no values are given.
    ValueError
        If one of them is outside its range, or they are more than the budget.
    NoSuchVersionError, GuardrailsError
        As any start of a sweep.
    """
    if not chosen:
        raise NothingSuggestedError("Choose at least one suggestion to try.")
    spec = spec_of(sweep.spec)
    strategy = "gp" if spec.strategy == "grid" else spec.strategy
    name = f"{sweep}, from suggestions"[:200]
    document = msgspec.to_builtins(spec) | {
        "name": name,
        "strategy": strategy,
        "first": [dict(each) for each in chosen[:MOST_FIRST]],
        "budget": budget,
    }
    return start_sweep(
        sweep.namespace, _checked(document), at=at, requested_by=requested_by
    )


def _checked(document: Mapping[str, Any]) -> SweepSpec:
    try:
        return spec_of(document)
    except msgspec.ValidationError as error:
        raise ValueError(str(error).partition(" - at")[0]) from error
