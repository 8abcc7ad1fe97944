"""The steps of a simulation, each on what those before it left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from catalog.demo.evidence import manifest_of, segments_of
from catalog.demo.shop import Shop
from catalog.models import Namespace
from catalog.operations.runs import RunHandle
from simulations.core.evaluation import EvaluationSpec
from simulations.core.guardrails import Guardrails
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
    SimulationRequest,
    StepRecord,
)
from simulations.queries.fixtures import shop_of
from simulations.queries.guardrails_file import guardrails, guardrails_in
from simulations.queries.scenario_files import suite

from .evaluating import Evaluated, evaluate
from .rehearsal.filling import Obeyed, copy_configuration, fill
from .rehearsal.lists import Compared, compare_lists
from .rehearsal.playing import Played
from .rehearsal.shop import Rehearsal
from .scenario_runs import play_all


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


def _need_profile(sim: Simulated) -> None:
    """Refuse to measure what nobody asked for: the defaults in place of a profile."""
    if sim.obeyed is None:
        raise UnreachedError("Nobody knows which profile to measure.")


def _profile(sim: Simulated, private: Namespace, _handle: RunHandle) -> str:
    sim.obeyed = copy_configuration(
        sim.namespace,
        private,
        profile=sim.request.profile,
        at=sim.at,
        template=sim.request.shop.fixture,
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
    _need_profile(sim)
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
    _need_profile(sim)
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


STEPS: Mapping[str, Callable[[Simulated, Namespace, RunHandle], str]] = {
    "profile": _profile,
    "seed": _seed,
    "signals": _signals,
    "quality": _quality,
    "scenarios": _scenarios,
    "lists": _lists,
    "guardrails": _guardrails,
}
