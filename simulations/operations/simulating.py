"""A whole simulation: make a shop, measure it, play scenarios, judge, and tell."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import structlog
from django.db import transaction

from catalog.demo.evidence import manifest_of, segments_of
from catalog.demo.fixtures import FixtureError
from catalog.demo.shop import DAYS, Shop
from catalog.models import Namespace
from catalog.operations.runs import LeaseLostError, RunCancelledError, RunHandle
from ranking.core.pipeline import ENGINE_VERSION
from ranking.operations.profiles import NoSuchVersionError
from simulations.core.evaluation import EvaluationSpec, Report
from simulations.core.guardrails import Guardrails, GuardrailsError
from simulations.core.judging import Judged, judge
from simulations.core.limits import Limit
from simulations.core.readings import (
    Readings,
    judge_readings,
    of_evaluation,
    of_new_users,
)
from simulations.core.simulation import (
    Lists,
    ScenarioRow,
    SimulationReport,
    SimulationRequest,
    StepRecord,
)
from simulations.core.verdicts import verdict_of
from simulations.queries.fixtures import shop_of
from simulations.queries.guardrails_file import guardrails, guardrails_in
from simulations.queries.scenario_files import ScenarioError, suite

from .evaluating import Evaluated, evaluate
from .evaluations import IMPOSSIBLE, in_words
from .rehearsal.filling import Obeyed, copy_configuration, fill
from .rehearsal.lists import Compared, compare_lists
from .rehearsal.parts import Part
from .rehearsal.playing import Played
from .rehearsal.private import private_namespace
from .rehearsal.shop import Rehearsal
from .scenario_runs import play_all
from .simulation_words import NOTES, segments_in, tiles_of

log = structlog.get_logger(__name__)

FORESEEN = (
    *IMPOSSIBLE,
    FixtureError,
    GuardrailsError,
    NoSuchVersionError,
    ScenarioError,
)
"""What ends a step in words; anything else is told with its type, and logged."""

_SHARES = {
    "profile": 0.01,
    "seed": 0.15,
    "signals": 0.25,
    "quality": 0.6,
    "scenarios": 0.85,
    "lists": 0.97,
    "guardrails": 1.0,
}
"""How much of the whole is done after each step."""


@dataclass(slots=True)
class Simulated:
    """What came of the steps so far."""

    request: SimulationRequest
    namespace: Namespace
    at: datetime
    obeyed: Obeyed | None = None
    shop: Shop | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    rehearsal: Rehearsal | None = None
    evaluated: Evaluated | None = None
    played: list[Played] = field(default_factory=list)
    compared: Compared | None = None
    judged: list[Judged] = field(default_factory=list)
    steps: list[StepRecord] = field(default_factory=list)
    manifest: Mapping[str, Any] = field(default_factory=dict)
    segments: Mapping[str, Any] = field(default_factory=dict)


class UnreachedError(RuntimeError):
    """A step needs what an earlier one did not bring."""


def simulate(
    namespace: Namespace,
    request: SimulationRequest,
    *,
    at: datetime,
    handle: RunHandle,
) -> Simulated:
    """Do every step, each on what those before it left; a failed one ends none other.

    Called outside any transaction. Only a cancellation or a lost lease is raised.
    """
    sim = Simulated(request=request, namespace=namespace, at=at)
    with private_namespace(namespace, at=at, days=DAYS) as private:
        before = 0.0
        for name, step in _STEPS.items():
            part = Part(handle, before, _SHARES[name])
            _do(sim, name, step, private=private, handle=part)
            before = _SHARES[name]
    return sim


def report_of(sim: Simulated) -> SimulationReport:
    """Return what a simulation's page and bundle say."""
    request = sim.request
    scenarios = tuple(
        ScenarioRow(
            id=each.id,
            name=each.name,
            expected=each.expected,
            observed=each.observed,
            passed=each.passed,
        )
        for each in sim.played
    )
    verdict, headline = verdict_of(sim.steps, scenarios, sim.judged)
    told: Report | None = sim.evaluated.report if sim.evaluated else None
    return SimulationReport(
        headline=headline,
        verdict=verdict,
        customer=request.customer,
        namespace=sim.namespace.name,
        base=sim.compared.base if sim.compared else "popularity",
        proposed=sim.obeyed.words if sim.obeyed else "not reached",
        inputs=msgspec.to_builtins(request),
        split={**told.split, "cut": told.folds[0].cut} if told else {},
        versions={
            "engine": ENGINE_VERSION,
            "events": sim.evaluated.events_fingerprint if sim.evaluated else "",
            "configuration": sim.evaluated.configuration_hash.hex()
            if sim.evaluated
            else "",
        },
        steps=tuple(sim.steps),
        quality=told.headline if told else "",
        tiles=tiles_of(told) if told else (),
        segments=segments_in(told) if told else (),
        scenarios=scenarios,
        guardrails=tuple(sim.judged),
        lists=sim.compared.lists if sim.compared else None,
        notes=(*NOTES, *(told.notes if told else ())),
    )


def _do(
    sim: Simulated,
    name: str,
    step: Callable[[Simulated, Namespace, RunHandle], str],
    *,
    private: Namespace,
    handle: RunHandle,
) -> None:
    """Do one step in a savepoint, and write down what became of it."""
    handle.check_cancelled()
    if name in sim.request.skip:
        sim.steps.append(
            StepRecord(step=name, state="skipped", note="Left out on request.")
        )
        return
    handle.progress(0.0, f"Step {name}")
    started = time.perf_counter()
    try:
        with transaction.atomic():
            state, note = "done", step(sim, private, handle)
    except (LeaseLostError, RunCancelledError):
        raise
    except UnreachedError as error:
        state, note = "not reached", str(error)
    except FORESEEN as error:
        state, note = "failed", in_words(error)
    except Exception as error:  # A bundle says what failed, whatever it was.
        log.exception("simulation_step_failed", step=name)
        state, note = "failed", f"{type(error).__name__}: {error}"
    seconds = round(time.perf_counter() - started, 3)
    sim.steps.append(
        msgspec.convert(
            {"step": name, "state": state, "note": note, "seconds": seconds}, StepRecord
        )
    )


def _profile(sim: Simulated, private: Namespace, _handle: RunHandle) -> str:
    sim.obeyed = copy_configuration(
        sim.namespace, private, profile=sim.request.profile, at=sim.at
    )
    return sim.obeyed.words


def _seed(sim: Simulated, private: Namespace, handle: RunHandle) -> str:
    shop, given = shop_of(sim.request.shop, at=sim.at)
    events = fill(private, shop, at=sim.at, handle=handle)
    sim.shop, sim.given = shop, {**given, **sim.request.given}
    sim.manifest = manifest_of(
        private, shop, seed=sim.request.shop.seed, events=events, at=sim.at
    )
    sim.segments = segments_of(shop)
    return (
        f"{len(shop.item_ids):,} items, {len(shop.user_ids):,} users, {events:,} events"
    )


def _signals(sim: Simulated, private: Namespace, handle: RunHandle) -> str:
    if sim.shop is None:
        raise UnreachedError("There is no shop to build signals of.")
    sim.rehearsal = Rehearsal.of(private, at=sim.at, handle=handle)
    return f"as of {sim.rehearsal.split:%Y-%m-%d %H:%M} UTC"


def _quality(sim: Simulated, private: Namespace, handle: RunHandle) -> str:
    if sim.shop is None:
        raise UnreachedError("There is no shop to evaluate.")
    spec = EvaluationSpec(
        name=f"simulation of {sim.request.customer}",
        max_users=sim.request.max_users,
        baselines=("popularity", "own_purchases", "item_knn"),
    )
    sim.evaluated = evaluate(private, spec, at=sim.at, handle=handle)
    return sim.evaluated.report.headline


def _scenarios(sim: Simulated, _private: Namespace, handle: RunHandle) -> str:
    if sim.rehearsal is None:
        raise UnreachedError("There are no signals to play with.")
    scenarios = suite(sim.request.customer)
    sim.played = play_all(scenarios, sim.rehearsal, given=sim.given, handle=handle)
    return f"{sum(each.passed for each in sim.played)} of {len(sim.played)} pass"


def _lists(sim: Simulated, _private: Namespace, handle: RunHandle) -> str:
    if sim.rehearsal is None or sim.obeyed is None:
        raise UnreachedError("There are no signals to rank with.")
    sim.compared = compare_lists(sim.rehearsal, sim.obeyed, handle=handle)
    lists: Lists = sim.compared.lists
    return f"{lists.users} users, compared with {sim.compared.base}"


def _guardrails(sim: Simulated, _private: Namespace, _handle: RunHandle) -> str:
    limits = limits_of(sim.request, sim.namespace)
    after = sim.compared.lists.after if sim.compared else None
    sim.judged = judge_readings(limits, judge(limits, after=after), readings_of(sim))
    return f"{len(sim.judged)} limits" if limits else "No limit holds here."


def readings_of(sim: Simulated) -> Readings:
    found: dict[str, Any] = {}
    if sim.evaluated is not None:
        found |= of_evaluation(sim.evaluated.report)
    return found | dict(of_new_users({each.id: each.found for each in sim.played}))


def limits_of(request: SimulationRequest, namespace: Namespace) -> dict[str, Limit]:
    """Return the limits that hold for a simulation.

    Raises
    ------
    GuardrailsError
        If the file cannot be obeyed.
    """
    file = _file(request.guardrails_file)
    known = request.customer if request.customer in file.customers else None
    limits = file.of(namespace.name, customer=known)
    asked = {
        name: Limit(stop=value, source="the request")
        for name, value in request.limits.items()
    }
    return {**limits, **asked}


def _file(path: str | None) -> Guardrails:
    if path is None:
        return guardrails()
    if not path:
        return Guardrails()
    return guardrails_in(Path(path).read_text(encoding="utf-8"), path=path)


_STEPS: Mapping[str, Callable[[Simulated, Namespace, RunHandle], str]] = {
    "profile": _profile,
    "seed": _seed,
    "signals": _signals,
    "quality": _quality,
    "scenarios": _scenarios,
    "lists": _lists,
    "guardrails": _guardrails,
}
