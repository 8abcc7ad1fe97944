from __future__ import annotations

from typing import Any

import msgspec
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.admin.newest import NewestAdmin, watch
from catalog.admin.page import Chip, namespace_of
from catalog.models import Run, RunState
from catalog.permissions import can, require
from simulations.models import ScenarioRun
from simulations.operations.scenarios import (
    KIND,
    ScenarioRequest,
    UnknownScenarioError,
    chosen_scenarios,
    start_scenarios,
)
from simulations.queries.scenario_files import ScenarioError, customers

_PASS = Chip(words="All pass", icon="check", kind="good")
_FAIL = Chip(words="Fail", icon="block", kind="bad")
_OPEN = (RunState.QUEUED, RunState.RUNNING)


@admin.register(ScenarioRun)
class ScenarioRunAdmin(NewestAdmin[ScenarioRun]):
    """Played suites, with the evidence of each scenario."""

    list_title = "Scenarios"
    list_template = "recsys/scenario_runs.html"
    unread = ("results", "request")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "play/",
                view(require_POST(self.play)),
                name="simulations_scenariorun_play",
            ),
            path(
                "<uuid:key>/evidence/<slug:scenario>.json",
                view(self.evidence),
                name="simulations_scenariorun_evidence",
            ),
            *super().get_urls(),
        ]

    def chip_of(self, row: ScenarioRun) -> Chip:
        return _PASS if row.total and row.passed == row.total else _FAIL

    def beside(self, request: HttpRequest) -> dict[str, Any]:
        namespace = namespace_of(request)
        running = Run.objects.filter(namespace=namespace, kind=KIND, state__in=_OPEN)
        return {
            "running": running.order_by("-created_at", "pk").first(),
            "may_start": can(request.user, "edit", namespace),
            "customers": customers(),
        }

    def row_page(self, request: HttpRequest, row: ScenarioRun) -> HttpResponse:
        return self.page(
            request,
            "recsys/scenario_run_page.html",
            title=row.headline,
            crumbs=self.lists(),
            run=row,
            results=sorted(row.results, key=lambda each: bool(each["passed"])),
        )

    def evidence(self, request: HttpRequest, key: str, scenario: str) -> HttpResponse:
        row = self.find(request, key)
        found = next((each for each in row.results if each["id"] == scenario), None)
        if found is None:
            raise Http404(f"No scenario {scenario} was played then.")
        told = msgspec.json.format(msgspec.json.encode(found))
        return HttpResponse(told, content_type="application/json")

    def play(self, request: HttpRequest) -> HttpResponse:
        namespace = namespace_of(request)
        require(request.user, "edit", namespace)
        asked = ScenarioRequest(customer=request.POST.get("customer", ""))
        try:
            chosen_scenarios(asked)
        except (ScenarioError, UnknownScenarioError) as error:
            messages.error(request, str(error))
            page = reverse("admin:simulations_scenariorun_changelist")
            return HttpResponseRedirect(page)
        run = start_scenarios(
            namespace, asked, at=timezone.now(), requested_by=str(request.user)
        )
        return watch(run)
