"""Ask for a sweep, pause it, go on with it, or end it with what it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import QuerySet

from catalog.core.faults import refuse
from catalog.models import Namespace, Run, RunState
from catalog.operations.runs import AlreadyOverError, cancel_run, start_run
from ranking.models import DEFAULT_PROFILE, Profile
from ranking.operations.profiles import find_profile, find_version, profile_in_force
from simulations.core.limits import Limit
from simulations.queries.guardrails_file import guardrails
from tuning.core.goals import MEASURED
from tuning.core.schedule import budget_of
from tuning.core.space import Parameter
from tuning.core.spec import SweepSpec, spec_of
from tuning.models import OVER, Sweep, Trial, TrialState

KIND, HELPER_KIND = "sweep", "sweep-helper"
QUEUE = "tuning"
# Signals are built with it, and each request looks at recent items by it.
_ACT_TWICE = ("covis_window_days",)
_OPEN = (RunState.QUEUED, RunState.RUNNING)


class SweepStateError(RuntimeError):
    """The sweep is not in a state for that."""


@dataclass(frozen=True, kw_only=True)
class _Start:
    profile: str
    version: int
    document: dict[str, Any]


def create_sweep(
    namespace: Namespace,
    spec: SweepSpec,
    *,
    at: datetime,
    requested_by: str = "",
    limits: Mapping[str, Limit] | None = None,
) -> Sweep:
    """Write a sweep that nobody does yet. Called inside the org's scope.

    `limits` bind in place of the namespace's own guardrails.

    Raises
    ------
    BadInputError
        If a knob of signals shall act in a part of the requests.
    NoSuchVersionError
        If the profile does not exist.
    GuardrailsError
        If guardrails.yml cannot be read.
    """
    for number, each in enumerate(spec.parameters):
        _check_part(each, field=f"spec.parameters[{number}]")
    start = _start_of(namespace, spec.profile)
    if limits is None:
        limits = guardrails().of(namespace.name)
    wanted = MEASURED if spec.guardrails is None else spec.guardrails
    return Sweep.objects.create(
        org_id=namespace.org_id,
        namespace=namespace,
        name=spec.name,
        spec=msgspec.to_builtins(spec),
        profile=start.profile,
        profile_version=start.version,
        document=start.document,
        limits={
            name: msgspec.to_builtins(limit)
            for name, limit in limits.items()
            if name in wanted
        },
        budget=budget_of(spec),
        requested_by=requested_by[:150],
        created_at=at,
    )


def _check_part(parameter: Parameter, *, field: str) -> None:
    """Refuse to try what nothing can follow from: all trials would be alike."""
    is_part = parameter.segment is not None or parameter.surface is not None
    is_of_signals = parameter.definition.stage == "signal"
    if is_part and is_of_signals and parameter.knob not in _ACT_TWICE:
        raise refuse(
            "acts_everywhere",
            f"{parameter.knob} acts while signals are built, and those are"
            " everybody's: tune it without a segment or surface.",
            field=field,
        )


def _start_of(namespace: Namespace, name: str | None) -> _Start:
    profile: Profile | None = (
        profile_in_force(namespace) if name is None else find_profile(namespace, name)
    )
    if profile is None or not profile.published_number:
        return _Start(profile=name or DEFAULT_PROFILE, version=0, document={})
    version = find_version(profile, profile.published_number)
    return _Start(profile=profile.name, version=version.number, document=version.config)


def start_sweep(
    namespace: Namespace, spec: SweepSpec, *, at: datetime, requested_by: str = ""
) -> Sweep:
    """Write a sweep and have workers do it. Called inside the org's scope."""
    sweep = create_sweep(namespace, spec, at=at, requested_by=requested_by)
    _send(sweep, at=at, requested_by=requested_by, workers=spec.workers)
    return sweep


def _send(sweep: Sweep, *, at: datetime, requested_by: str, workers: int) -> None:
    details: dict[str, Any] = {
        "parameters": {"sweep_id": str(sweep.pk), "name": str(sweep)},
        "requested_by": requested_by,
        "queue": QUEUE,
    }
    sweep.run = start_run(sweep.namespace, kind=KIND, at=at, **details)
    sweep.is_paused = False
    sweep.save(update_fields=["run", "is_paused"])
    if workers > 1:
        start_run(sweep.namespace, kind=HELPER_KIND, at=at, **details)


def pause_sweep(sweep: Sweep, *, at: datetime) -> None:
    """Have its workers stop after the trials in hand. Called inside the org's scope."""
    if sweep.finished_at is not None:
        raise SweepStateError("The sweep is finished.")
    sweep.is_paused = True
    sweep.save(update_fields=["is_paused"])
    stop_runs(sweep, at=at)


def stop_runs(sweep: Sweep, *, at: datetime) -> None:
    """Cancel the Runs that do a sweep."""
    for run in _open_runs(sweep):
        try:
            cancel_run(run.pk, at=at)
        except AlreadyOverError:
            continue


def _open_runs(sweep: Sweep) -> QuerySet[Run]:
    return Run.objects.filter(
        namespace=sweep.namespace_id,
        kind__in=(KIND, HELPER_KIND),
        state__in=_OPEN,
        parameters__sweep_id=str(sweep.pk),
    )


def resume_sweep(sweep: Sweep, *, at: datetime, requested_by: str = "") -> None:
    """Go on where a sweep was paused, cancelled or broke. Inside the org's scope."""
    if sweep.finished_at is not None:
        raise SweepStateError("The sweep is finished.")
    if sweep.run is not None and sweep.run.state in _OPEN and not sweep.is_paused:
        raise SweepStateError("The sweep is at work.")
    workers = spec_of(sweep.spec).workers
    _send(sweep, at=at, requested_by=requested_by, workers=workers)


def conclude_sweep(sweep: Sweep, *, at: datetime, requested_by: str = "") -> None:
    """Have a sweep that stands still judged by the trials that are over.

    Trials that were planned and never ended are forgotten. Inside the org's scope.
    """
    if sweep.finished_at is not None:
        raise SweepStateError("The sweep is finished.")
    if _open_runs(sweep).exists():
        raise SweepStateError(
            "The sweep is at work. Pause it, and try again when the trial in hand is"
            " over."
        )
    trials = Trial.objects.filter(sweep=sweep)
    if not trials.filter(state=TrialState.DONE).exists():
        raise SweepStateError("No trial is done yet: there is nothing to judge by.")
    trials.exclude(state__in=OVER).delete()
    sweep.budget = trials.count()
    sweep.save(update_fields=["budget"])
    _send(sweep, at=at, requested_by=requested_by, workers=1)
