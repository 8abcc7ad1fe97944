"""Scenarios, simulations and guardrail checks: started as Runs, kept, read again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Model
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.errors import ApiError
from catalog.api.examples import PAGE_OF_ONE
from catalog.api.listing import NAMESPACE, PAGE, Listing
from catalog.api.openapi import documented
from catalog.api.runs import EXAMPLE as EXAMPLE_RUN
from catalog.api.runs import RunAnswer, run_answer
from catalog.api.view import TenantView
from catalog.api.wire import decode
from catalog.core.faults import refuse
from catalog.core.pages import Page
from catalog.models import Namespace, Scope
from catalog.queries.lists import Listed
from catalog.queries.newest import newest
from simulations.core.limits import GUARDRAILS
from simulations.models import (
    GuardrailCause,
    GuardrailCheck,
    ScenarioRun,
    Simulation,
)
from simulations.operations.guardrails import start_guardrails
from simulations.operations.scenarios import start_scenarios
from simulations.operations.simulations import start_simulation

from . import kept_bodies as bodies

_LARGE = ("results", "report", "request")


class _Kept(Listing[None]):
    """Rows of one kind, the newest first, and how another one is made."""

    scopes = {"GET": Scope.READ, "POST": Scope.CONFIGURE}
    model: type[Model]

    def chosen(self, request: Request, namespace: Namespace | None) -> None:
        return None

    def read(self, namespace: Namespace, chosen: None, page: Page) -> Listed:
        rows: Any = self.model._default_manager.filter(namespace=namespace)
        names = {field.name for field in self.model._meta.fields}
        return newest(rows.defer(*(name for name in _LARGE if name in names)), page)

    def named(self, name: str) -> Namespace:
        namespace = self.namespace(name)
        if namespace is None:
            raise ApiError(
                "namespace_not_found", f"There is no namespace {name}.", status=404
            )
        return namespace


class ScenarioRunsView(_Kept):
    kind = "scenario runs"
    model = ScenarioRun

    def shown(
        self, request: Request, namespace: Namespace, listed: Listed
    ) -> list[bodies.ScenarioRunRow]:
        return [bodies.scenario_row(each) for each in listed.rows]

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
        run = start_scenarios(
            self.named(body.namespace),
            body.request(),
            at=self.at,
            requested_by=self.caller.name,
        )
        return self.answer(run_answer(run), status=202)


class SimulationsView(_Kept):
    kind = "simulations"
    model = Simulation

    def shown(
        self, request: Request, namespace: Namespace, listed: Listed
    ) -> list[bodies.SimulationRow]:
        return [bodies.simulation_row(each) for each in listed.rows]

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
        unknown = sorted(set(body.limits) - set(GUARDRAILS))
        if unknown:
            raise refuse(
                "invalid_limits",
                f"There is no guardrail {unknown[0]}: {', '.join(GUARDRAILS)}.",
                field=f"limits.{unknown[0]}",
            )
        run = start_simulation(
            self.named(body.namespace),
            body.request(),
            at=self.at,
            requested_by=self.caller.name,
        )
        return self.answer(run_answer(run), status=202)


class GuardrailChecksView(_Kept):
    kind = "guardrail checks"
    model = GuardrailCheck

    def shown(
        self, request: Request, namespace: Namespace, listed: Listed
    ) -> list[bodies.GuardrailCheckRow]:
        return [bodies.check_row(each) for each in listed.rows]

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
            self.named(body.namespace),
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
        return self.answer(bodies.scenario_out(_visible(self, ScenarioRun, key)))


class SimulationView(TenantView):
    @documented(
        summary="Look at a simulation's report",
        answer=bodies.SimulationOut,
        example_answer=bodies.EXAMPLE_SIMULATION,
        errors=(404,),
    )
    def get(self, request: Request, key: UUID) -> Response:
        return self.answer(bodies.simulation_out(_visible(self, Simulation, key)))


class GuardrailCheckView(TenantView):
    @documented(
        summary="Look at a verdict on guardrails",
        answer=bodies.GuardrailCheckOut,
        example_answer=bodies.EXAMPLE_CHECK,
        errors=(404,),
    )
    def get(self, request: Request, key: UUID) -> Response:
        return self.answer(bodies.check_out(_visible(self, GuardrailCheck, key)))


def _visible(view: TenantView, model: type[Model], key: UUID) -> Any:
    """Return one that the caller may see; others do not exist for it."""
    found: Any = model._default_manager.filter(pk=key).first()
    allowed = view.caller.namespaces
    if found is None or (allowed is not None and found.namespace_id not in allowed):
        name = str(model._meta.verbose_name)
        raise ApiError(
            f"{name.replace(' ', '_')}_not_found",
            f"There is no {name} {key}.",
            status=404,
        )
    return found


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
