"""Scenarios, simulations and guardrail checks: started as Runs, kept, read again."""

from __future__ import annotations

from uuid import UUID

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.examples import PAGE_OF_ONE
from catalog.api.listing import NAMESPACE, PAGE, NewestListing
from catalog.api.named import named, visible
from catalog.api.openapi import documented
from catalog.api.runs import EXAMPLE as EXAMPLE_RUN
from catalog.api.runs import RunAnswer, run_answer
from catalog.api.view import TenantView
from catalog.api.wire import decode
from catalog.core.faults import refuse
from catalog.models import Scope
from simulations.core.limits import faults_of_limits
from simulations.models import (
    GuardrailCause,
    GuardrailCheck,
    ScenarioRun,
    Simulation,
)
from simulations.operations.guardrails import start_guardrails
from simulations.operations.scenarios import (
    UnknownScenarioError,
    chosen_scenarios,
    start_scenarios,
)
from simulations.operations.simulations import start_simulation
from simulations.queries.scenario_files import ScenarioError

from . import kept_bodies as bodies
from .profiles import require_profile


class ScenarioRunsView(NewestListing[ScenarioRun]):
    scopes = {"GET": Scope.READ, "POST": Scope.CONFIGURE}
    kind = "scenario runs"
    model = ScenarioRun
    unread = ("results", "request")

    def row(self, row: ScenarioRun) -> bodies.ScenarioRunRow:
        return bodies.scenario_row(row)

    @documented(
        summary="List played suites of scenarios",
        answer=bodies.ScenarioRunList,
        example_answer={"items": [bodies.EXAMPLE_SCENARIO_ROW], **PAGE_OF_ONE},
        parameters=[NAMESPACE, *PAGE],
    )
    def get(self, request: Request) -> Response:
        """List them, the newest first."""
        return self.page(request, answer=bodies.ScenarioRunList)

    @documented(
        summary="Play scenarios in a private shop",
        request=bodies.ScenariosAsked,
        answer=RunAnswer,
        example_request=bodies.EXAMPLE_SCENARIOS_ASKED,
        example_answer=EXAMPLE_RUN | {"kind": "scenarios", "state": "queued"},
        status=202,
        errors=(404,),
        idempotent=True,
    )
    def post(self, request: Request) -> Response:
        """Start a Run; the namespace lends its configuration, and nothing is left."""
        body, self.warnings = decode(request, bodies.ScenariosAsked)
        namespace = named(self, body.namespace)
        asked = body.request()
        require_profile(namespace, asked.profile)
        try:
            chosen_scenarios(asked)
        except UnknownScenarioError as error:
            raise refuse("scenario_not_found", str(error), field="only") from error
        except ScenarioError as error:
            raise refuse("scenario_unreadable", str(error), status=409) from error
        run = start_scenarios(
            namespace,
            asked,
            at=self.at,
            requested_by=self.caller.name,
        )
        return self.answer(run_answer(run), status=202)


class SimulationsView(NewestListing[Simulation]):
    scopes = {"GET": Scope.READ, "POST": Scope.CONFIGURE}
    kind = "simulations"
    model = Simulation
    unread = ("report", "request")

    def row(self, row: Simulation) -> bodies.SimulationRow:
        return bodies.simulation_row(row)

    @documented(
        summary="List simulations",
        answer=bodies.SimulationList,
        example_answer={"items": [bodies.EXAMPLE_SIMULATION_ROW], **PAGE_OF_ONE},
        parameters=[NAMESPACE, *PAGE],
    )
    def get(self, request: Request) -> Response:
        """List them, the newest first."""
        return self.page(request, answer=bodies.SimulationList)

    @documented(
        summary="Simulate a shop under a profile",
        request=bodies.SimulationAsked,
        answer=RunAnswer,
        example_request=bodies.EXAMPLE_SIMULATION_ASKED,
        example_answer=EXAMPLE_RUN | {"kind": "simulation", "state": "queued"},
        status=202,
        errors=(404,),
        idempotent=True,
    )
    def post(self, request: Request) -> Response:
        """Start a Run: quality, scenarios, guardrails, a verdict and a bundle."""
        body, self.warnings = decode(request, bodies.SimulationAsked)
        namespace = named(self, body.namespace)
        for name, fault in faults_of_limits(body.limits):
            raise refuse("invalid_limits", f"{name} {fault}", field=f"limits.{name}")
        require_profile(namespace, body.profile)
        run = start_simulation(
            namespace,
            body.request(),
            at=self.at,
            requested_by=self.caller.name,
        )
        return self.answer(run_answer(run), status=202)


class GuardrailChecksView(NewestListing[GuardrailCheck]):
    scopes = {"GET": Scope.READ, "POST": Scope.CONFIGURE}
    kind = "guardrail checks"
    model = GuardrailCheck

    def row(self, row: GuardrailCheck) -> bodies.GuardrailCheckRow:
        return bodies.check_row(row)

    @documented(
        summary="List verdicts on a namespace's guardrails",
        answer=bodies.GuardrailCheckList,
        example_answer={"items": [bodies.EXAMPLE_CHECK_ROW], **PAGE_OF_ONE},
        parameters=[NAMESPACE, *PAGE],
    )
    def get(self, request: Request) -> Response:
        """List them, the newest first."""
        return self.page(request, answer=bodies.GuardrailCheckList)

    @documented(
        summary="Hold a namespace to its guardrails now",
        request=bodies.GuardrailsAsked,
        answer=RunAnswer,
        example_request=bodies.EXAMPLE_GUARDRAILS_ASKED,
        example_answer=EXAMPLE_RUN | {"kind": "guardrails", "state": "queued"},
        status=202,
        errors=(404,),
        idempotent=True,
    )
    def post(self, request: Request) -> Response:
        """Start a Run that replays decisions and measures what replays cannot tell."""
        body, self.warnings = decode(request, bodies.GuardrailsAsked)
        run = start_guardrails(
            named(self, body.namespace),
            cause=GuardrailCause.MANUAL,
            at=self.at,
            requested_by=self.caller.name,
        )
        return self.answer(run_answer(run), status=202)


class ScenarioRunView(TenantView):
    @documented(
        summary="Look at a played suite with its evidence",
        answer=bodies.ScenarioRunOut,
        example_answer=bodies.EXAMPLE_SCENARIO_RUN,
        errors=(404,),
    )
    def get(self, request: Request, key: UUID) -> Response:
        return self.answer(bodies.scenario_out(visible(self, ScenarioRun, key)))


class SimulationView(TenantView):
    @documented(
        summary="Look at a simulation's report",
        answer=bodies.SimulationOut,
        example_answer=bodies.EXAMPLE_SIMULATION,
        errors=(404,),
    )
    def get(self, request: Request, key: UUID) -> Response:
        return self.answer(bodies.simulation_out(visible(self, Simulation, key)))


class GuardrailCheckView(TenantView):
    @documented(
        summary="Look at a verdict on guardrails",
        answer=bodies.GuardrailCheckOut,
        example_answer=bodies.EXAMPLE_CHECK,
        errors=(404,),
    )
    def get(self, request: Request, key: UUID) -> Response:
        return self.answer(bodies.check_out(visible(self, GuardrailCheck, key)))


urlpatterns: list[URLPattern] = [
    path("v1/admin/scenario-runs", ScenarioRunsView.as_view(), name="scenario-runs"),
    path(
        "v1/admin/scenario-runs/<uuid:key>",
        ScenarioRunView.as_view(),
        name="scenario-run",
    ),
    path("v1/admin/simulations", SimulationsView.as_view(), name="simulations"),
    path(
        "v1/admin/simulations/<uuid:key>", SimulationView.as_view(), name="simulation"
    ),
    path(
        "v1/admin/guardrail-checks",
        GuardrailChecksView.as_view(),
        name="guardrail-checks",
    ),
    path(
        "v1/admin/guardrail-checks/<uuid:key>",
        GuardrailCheckView.as_view(),
        name="guardrail-check",
    ),
]
