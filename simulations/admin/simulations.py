from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import timezone

from catalog.admin.newest import watch
from catalog.admin.page import Chip, namespace_of
from catalog.permissions import can, require
from ranking.models import Profile
from simulations.core.charts import charts_of
from simulations.core.simulation import SimulationReport, SimulationRequest
from simulations.models import Simulation, Verdict
from simulations.operations.simulations import start_simulation
from simulations.queries.templates import templates

from .comparing import ComparingAdmin, SideBySide
from .simulations_compared import VERDICT_CHIPS, compared_simulations


@admin.register(Simulation)
class SimulationAdmin(ComparingAdmin[Simulation]):
    """Reports that never change, and the form that asks for another one."""

    list_title = "Simulations"
    list_template = "recsys/simulations.html"
    unread = ("report", "request")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("new/", view(self.new), name="simulations_simulation_new"),
            path(
                "<uuid:key>/report.<slug:form>",
                view(self.download),
                name="simulations_simulation_download",
            ),
            *super().get_urls(),
        ]

    def chip_of(self, row: Simulation) -> Chip:
        return VERDICT_CHIPS[Verdict(row.verdict)]

    def beside(self, request: HttpRequest) -> dict[str, Any]:
        return {"may_start": can(request.user, "edit", namespace_of(request))}

    def row_page(self, request: HttpRequest, row: Simulation) -> HttpResponse:
        report = msgspec.convert(row.report, SimulationReport)
        return self.page(
            request,
            "recsys/simulation_page.html",
            title=str(row),
            crumbs=self.lists(),
            simulation=row,
            report=report,
            charts=charts_of(report),
        )

    def download(self, request: HttpRequest, key: str, form: str) -> HttpResponse:
        row = self.find(request, key)
        name = f'attachment; filename="simulation-{row.customer}.{form}"'
        if form == "json":
            told = msgspec.json.format(msgspec.json.encode(row.report))
            kind = "application/json"
        elif form == "html":
            report = msgspec.convert(row.report, SimulationReport)
            context = {"report": report, "charts": charts_of(report), "artifacts": []}
            told = render_to_string("simulations/report.html", context).encode()
            kind = "text/html; charset=utf-8"
        else:
            raise Http404(f"There is no form {form}: json or html.")
        return HttpResponse(
            told, content_type=kind, headers={"Content-Disposition": name}
        )

    def side_by_side(self, chosen: Sequence[Simulation]) -> SideBySide:
        return compared_simulations(chosen)

    def title_of(self, row: Simulation) -> str:
        return row.customer

    def new(self, request: HttpRequest) -> HttpResponse:
        namespace = namespace_of(request)
        require(request.user, "edit", namespace)
        error = ""
        if request.method == "POST":
            try:
                wanted = _asked(request.POST.dict())
            except msgspec.ValidationError as fault:
                error = f"This cannot be simulated: {fault}."
            else:
                run = start_simulation(
                    namespace,
                    wanted,
                    at=timezone.now(),
                    requested_by=str(request.user),
                )
                return watch(run)
        profiles = Profile.objects.filter(namespace=namespace).order_by("name")
        return self.page(
            request,
            "recsys/simulation_new.html",
            title="Simulate",
            crumbs=self.lists(),
            error=error,
            values=request.POST.dict(),
            profiles=list(profiles.values_list("name", flat=True)),
            templates=list(templates()),
        )


def _asked(values: dict[str, str]) -> SimulationRequest:
    known = templates()
    fixture = values.get("fixture") or None
    shop: dict[str, Any] = {
        name: values[name] for name in ("users", "events", "seed") if values.get(name)
    }
    document = {
        "customer": values.get("customer", "").strip(),
        "profile": values.get("profile") or None,
        "shop": {**shop, "fixture": fixture if fixture in known else None},
    }
    return msgspec.convert(document, SimulationRequest, strict=False)
