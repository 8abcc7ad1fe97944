"""Play a suite of scenarios on a private namespace, and keep what came of it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from django.utils import timezone

from catalog.demo.fixtures import FixtureError
from catalog.demo.shop import DAYS
from catalog.models import Namespace
from catalog.operations.runs import (
    LeasedHandle,
    Outcome,
    RunFailedError,
    RunHandle,
    Unattended,
)
from catalog.tenancy import org_scope
from ranking.operations.profiles import NoSuchVersionError
from simulations.core.scenarios.language import Scenario
from simulations.models import ScenarioRun
from simulations.queries.fixtures import shop_of
from simulations.queries.scenario_files import ScenarioError

from .rehearsal.filling import copy_configuration, fill
from .rehearsal.parts import Part
from .rehearsal.playing import Played, play
from .rehearsal.private import private_namespace
from .rehearsal.shop import Rehearsal
from .scenarios import ScenarioRequest, UnknownScenarioError, chosen_scenarios

_UNATTENDED = Unattended()


def run_scenarios(
    namespace: Namespace,
    request: ScenarioRequest,
    *,
    at: datetime,
    requested_by: str = "",
    handle: RunHandle = _UNATTENDED,
) -> ScenarioRun:
    """Play scenarios in a shop made for them; nothing but the verdict is kept.

    Called outside any transaction.
    """
    started = time.perf_counter()
    scenarios = chosen_scenarios(request)
    shop, given = shop_of(request.shop, at=at)
    with private_namespace(namespace, at=at, days=DAYS) as private:
        copy_configuration(namespace, private, profile=request.profile, at=at)
        fill(private, shop, at=at, handle=Part(handle, 0.0, 0.25))
        handle.progress(0.25, "Building its signals")
        rehearsal = Rehearsal.of(private, at=at, handle=handle)
        played = play_all(
            scenarios,
            rehearsal,
            given={**given, **request.given},
            handle=Part(handle, 0.4, 1.0),
        )
    run = handle.run if isinstance(handle, LeasedHandle) else None
    with org_scope(namespace.org_id):
        return ScenarioRun.objects.create(
            org_id=namespace.org_id,
            namespace=namespace,
            customer=request.customer,
            request=msgspec.to_builtins(request),
            headline=headline_of(played),
            passed=sum(each.passed for each in played),
            total=len(played),
            results=msgspec.to_builtins(played),
            run=run,
            requested_by=requested_by[:150],
            duration_seconds=round(time.perf_counter() - started, 3),
            created_at=at,
        )


def play_all(
    scenarios: Sequence[Scenario],
    rehearsal: Rehearsal,
    *,
    given: Mapping[str, str],
    handle: RunHandle,
) -> list[Played]:
    """Play scenarios one after the other, each as if it were the only one."""
    played: list[Played] = []
    for place, scenario in enumerate(scenarios):
        handle.check_cancelled()
        handle.progress(place / len(scenarios), f"Playing {scenario.id}")
        played.append(play(scenario, rehearsal, given=given))
    return played


def headline_of(played: Sequence[Played]) -> str:
    """Say how a suite went.

    >>> headline_of([])
    'No scenario was played.'
    """
    if not played:
        return "No scenario was played."
    failed = [each for each in played if not each.passed]
    if not failed:
        return (
            f"All {len(played)} scenarios pass."
            if len(played) > 1
            else "The one scenario passes."
        )
    names = "; ".join(f"{each.id}, {each.name}" for each in failed)
    verb = "fails" if len(failed) == 1 else "fail"
    return f"{len(failed)} of {len(played)} scenarios {verb}: {names}."


def execute_scenarios(handle: LeasedHandle) -> Outcome:
    """Do a Run of kind "scenarios"."""
    request = msgspec.convert(handle.parameters, ScenarioRequest)
    try:
        done = run_scenarios(
            handle.namespace,
            request,
            at=timezone.now(),
            requested_by=handle.run.requested_by,
            handle=handle,
        )
    except (
        FixtureError,
        NoSuchVersionError,
        ScenarioError,
        UnknownScenarioError,
    ) as error:
        raise RunFailedError(str(error)) from error
    return Outcome(
        result={
            "scenario_run_id": str(done.pk),
            "headline": done.headline,
            "passed": done.passed,
            "total": done.total,
        },
        url=f"/v1/admin/scenario-runs/{done.pk}",
    )
