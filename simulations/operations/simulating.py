"""A whole simulation: make a shop, measure it, play scenarios, judge, and tell."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

import msgspec
import structlog
from django.db import transaction

from catalog.demo.fixtures import FixtureError
from catalog.demo.shop import DAYS
from catalog.models import Namespace
from catalog.operations.runs import STOPPED, RunHandle
from ranking.core.pipeline import ENGINE_VERSION
from ranking.operations.profiles import NoSuchVersionError
from simulations.core.evaluation import Report
from simulations.core.guardrails import GuardrailsError
from simulations.core.simulation import (
    ScenarioRow,
    SimulationReport,
    SimulationRequest,
    StepRecord,
)
from simulations.core.verdicts import verdict_of
from simulations.queries.scenario_files import ScenarioError

from .evaluation_runs import IMPOSSIBLE, in_words
from .rehearsal.parts import Part
from .rehearsal.private import private_namespace
from .simulation_steps import STEPS, Simulated, UnreachedError
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
        for name, step in STEPS.items():
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
    except STOPPED:
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
