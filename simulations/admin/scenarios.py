from __future__ import annotations

import msgspec
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.admin.lists import newest_first
from catalog.admin.page import Chip, PageAdmin, namespace_of
from catalog.models import Run, RunState
from catalog.permissions import can, require
from simulations.models import ScenarioRun
from simulations.operations.scenarios import KIND, ScenarioRequest, start_scenarios

_PASS = Chip(words="All pass", icon="check", kind="good")
_FAIL = Chip(words="Fail", icon="block", kind="bad")
_OPEN = (RunState.QUEUED, RunState.RUNNING)


@admin.register(ScenarioRun)
class ScenarioRunAdmin(PageAdmin[ScenarioRun]):
    """Played suites, with the evidence of each scenario."""

    list_title = "Scenarios"

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

    def list_page(self, request: HttpRequest) -> HttpResponse:
        namespace = namespace_of(request)
        rows = self.get_queryset(request).defer("results", "request")
        page = newest_first(
            rows, moment="created_at", after=request.GET.get("after", "")
        )
        running = Run.objects.filter(namespace=namespace, kind=KIND, state__in=_OPEN)
        return self.page(
            request,
            "recsys/scenario_runs.html",
            title=self.list_title,
            page=page,
            rows=[(each, _chip(each)) for each in page.rows],
            running=running.order_by("-created_at", "pk").first(),
            may_start=can(request.user, "edit", namespace),
        )

    def row_page(self, request: HttpRequest, row: ScenarioRun) -> HttpResponse:
        return self.page(
            request,
            "recsys/scenario_run_page.html",
            title=row.headline,
            crumbs=self.lists(),
            run=row,
            results=row.results,
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
        run = start_scenarios(
            namespace,
            ScenarioRequest(),
            at=timezone.now(),
            requested_by=str(request.user),
        )
        return HttpResponseRedirect(reverse("admin:catalog_run_change", args=[run.pk]))


def _chip(run: ScenarioRun) -> Chip:
    return _PASS if run.total and run.passed == run.total else _FAIL
