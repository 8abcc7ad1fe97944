"""Bodies of the calls about scenarios, simulations and guardrails, with examples."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from catalog.api.bodies import ListBody
from catalog.core.faults import refuse
from simulations.core.scenarios.shops import ShopRequest
from simulations.core.simulation import Name, SimulationRequest, Skippable
from simulations.models import GuardrailCheck, ScenarioRun, Simulation
from simulations.operations.scenarios import Customer, ScenarioRequest
from simulations.queries.templates import templates

type Fixture = Annotated[
    str | None, Meta(description="Name of a shipped template, such as media.")
]


class ScenariosAsked(msgspec.Struct, kw_only=True):
    """Which scenarios to play, and in what shop."""

    namespace: str
    customer: Annotated[
        Customer, Meta(description="Whose own scenarios to play as well.")
    ] = ""
    only: Annotated[list[str], Meta(description="Ids; all when empty.")] = []
    profile: Annotated[
        str | None, Meta(description="In place of the profile in force.")
    ] = None
    shop: ShopRequest = ShopRequest()
    given: Annotated[
        dict[str, str], Meta(description="What words of the scenarios are called here.")
    ] = {}

    def request(self) -> ScenarioRequest:
        return ScenarioRequest(
            customer=self.customer,
            only=tuple(self.only),
            profile=self.profile,
            shop=with_template(self.shop),
            given=self.given,
        )


class SimulationAsked(msgspec.Struct, kw_only=True):
    """A shop to make, measure and judge."""

    namespace: str
    customer: Name
    profile: Annotated[
        str | None, Meta(description="To try; the profile in force when absent.")
    ] = None
    shop: ShopRequest = ShopRequest()
    skip: list[Skippable] = []
    limits: Annotated[
        dict[str, float], Meta(description="Stop limits over those of guardrails.yml.")
    ] = {}
    given: dict[str, str] = {}
    max_users: Annotated[int, Meta(ge=1)] | None = None

    def request(self) -> SimulationRequest:
        return SimulationRequest(
            customer=self.customer,
            profile=self.profile,
            shop=with_template(self.shop),
            skip=tuple(self.skip),
            limits=self.limits,
            given=self.given,
            max_users=self.max_users,
        )


class GuardrailsAsked(msgspec.Struct, kw_only=True):
    """Which namespace to hold to its guardrails."""

    namespace: str


def with_template(shop: ShopRequest) -> ShopRequest:
    """Return the shop; callers may name templates, not files of ours."""
    known = templates()
    if shop.fixture is not None and shop.fixture not in known:
        raise refuse(
            "invalid_fixture",
            f"There is no template {shop.fixture}: {', '.join(known) or 'none'}.",
            field="shop.fixture",
        )
    return shop


class ScenarioRunRow(msgspec.Struct, kw_only=True):
    """A played suite in a list."""

    scenario_run_id: UUID
    customer: str
    headline: str
    passed: int
    total: int
    requested_by: str
    duration_seconds: float
    created_at: datetime


class ScenarioRunOut(ScenarioRunRow, kw_only=True):
    """A played suite with its evidence."""

    request: dict[str, Any]
    results: Annotated[
        list[dict[str, Any]],
        Meta(description="What each step asked and was answered, with traces."),
    ]


class ScenarioRunList(ListBody, kw_only=True):
    items: list[ScenarioRunRow]


class SimulationRow(msgspec.Struct, kw_only=True):
    """A simulation in a list."""

    simulation_id: UUID
    customer: str
    batch: str
    verdict: str
    headline: str
    requested_by: str
    duration_seconds: float
    created_at: datetime


class SimulationOut(SimulationRow, kw_only=True):
    """A simulation with its report."""

    request: dict[str, Any]
    report: dict[str, Any]


class SimulationList(ListBody, kw_only=True):
    items: list[SimulationRow]


class GuardrailCheckRow(msgspec.Struct, kw_only=True):
    """A verdict on a namespace in a list."""

    check_id: UUID
    cause: str
    verdict: str
    headline: str
    states: dict[str, str]
    requests: int
    created_at: datetime


class GuardrailCheckOut(GuardrailCheckRow, kw_only=True):
    """A verdict with each guardrail's own."""

    judged: list[dict[str, Any]]
    samples: Annotated[
        list[str], Meta(description="Ids of decisions that were replayed.")
    ]


class GuardrailCheckList(ListBody, kw_only=True):
    items: list[GuardrailCheckRow]


def _facts(row: Any, struct: type[msgspec.Struct], key: str) -> dict[str, Any]:
    names = [name for name in struct.__struct_fields__ if name != key]
    return {key: row.pk, **{name: getattr(row, name) for name in names}}


def scenario_row(row: ScenarioRun) -> ScenarioRunRow:
    return ScenarioRunRow(**_facts(row, ScenarioRunRow, "scenario_run_id"))


def scenario_out(row: ScenarioRun) -> ScenarioRunOut:
    return ScenarioRunOut(**_facts(row, ScenarioRunOut, "scenario_run_id"))


def simulation_row(row: Simulation) -> SimulationRow:
    return SimulationRow(**_facts(row, SimulationRow, "simulation_id"))


def simulation_out(row: Simulation) -> SimulationOut:
    return SimulationOut(**_facts(row, SimulationOut, "simulation_id"))


def check_row(row: GuardrailCheck) -> GuardrailCheckRow:
    return GuardrailCheckRow(**_facts(row, GuardrailCheckRow, "check_id"))


def check_out(row: GuardrailCheck) -> GuardrailCheckOut:
    return GuardrailCheckOut(**_facts(row, GuardrailCheckOut, "check_id"))


_ID = "0198c0de-0000-7000-8000-000000000006"
_WHEN = {"created_at": "2026-03-01T12:00:00Z"}
EXAMPLE_SCENARIOS_ASKED = {"namespace": "demo", "only": ["S3", "S8"]}
EXAMPLE_SCENARIO_ROW = {
    "scenario_run_id": _ID,
    "customer": "",
    "headline": "All 2 scenarios pass.",
    "passed": 2,
    "total": 2,
    "requested_by": "ellie",
    "duration_seconds": 6.1,
    **_WHEN,
}
EXAMPLE_SCENARIO_RUN = EXAMPLE_SCENARIO_ROW | {
    "request": {"only": ["S3", "S8"]},
    "results": [
        {
            "id": "S3",
            "name": "A boost by hand lifts its item",
            "expected": "The item in third place stands strictly higher.",
            "observed": "rank of after (item_0255) is below 3: 1",
            "passed": True,
            "steps": [],
        }
    ],
}
EXAMPLE_SIMULATION_ASKED = {
    "namespace": "demo",
    "customer": "beta-retail",
    "shop": {"items": 320, "users": 600, "events": 40000},
    "limits": {"min_catalog_coverage": 0.65},
}
EXAMPLE_SIMULATION_ROW = {
    "simulation_id": _ID,
    "customer": "beta-retail",
    "batch": "",
    "verdict": "passed",
    "headline": "Fit to ship: all 10 scenarios are passed and all 6 guardrails are"
    " kept.",
    "requested_by": "ellie",
    "duration_seconds": 28.4,
    **_WHEN,
}
EXAMPLE_SIMULATION = EXAMPLE_SIMULATION_ROW | {
    "request": {"customer": "beta-retail"},
    "report": {"headline": "Fit to ship.", "steps": [], "tiles": [], "notes": []},
}
EXAMPLE_GUARDRAILS_ASKED = {"namespace": "demo"}
EXAMPLE_CHECK_ROW = {
    "check_id": _ID,
    "cause": "schedule",
    "verdict": "broken",
    "headline": "Broken: Share of positions for rarely wanted items.",
    "states": {"min_long_tail_share": "stop", "min_catalog_coverage": "pass"},
    "requests": 1000,
    **_WHEN,
}
EXAMPLE_CHECK = EXAMPLE_CHECK_ROW | {
    "judged": [
        {
            "name": "min_long_tail_share",
            "state": "stop",
            "sentence": "17.3 %, where at least 20.0 % is allowed.",
        }
    ],
    "samples": ["0198c0de-0000-7000-8000-000000000001"],
}
