from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.admin.newest import watch
from catalog.admin.page import Chip, namespace_of
from catalog.models import Run, RunState
from catalog.permissions import can
from simulations.core.evaluation import spec_of
from simulations.models import Evaluation
from simulations.operations.evaluations import KIND, start_evaluation
from simulations.queries.evaluations import FILE_GONE, per_user_path

from .comparing import ComparingAdmin, SideBySide
from .evaluation_shown import chip_of, shown_evaluation
from .evaluations_compared import compared_evaluations

_OPEN = (RunState.QUEUED, RunState.RUNNING)


@admin.register(Evaluation)
class EvaluationAdmin(ComparingAdmin[Evaluation]):
    """How well a namespace ranks what its users then chose, as measured."""

    list_title = "Evaluations"
    list_template = "recsys/evaluations.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "evaluate/",
                view(require_POST(self.evaluate)),
                name="simulations_evaluation_evaluate",
            ),
            path(
                "<uuid:key>/users/",
                view(self.users),
                name="simulations_evaluation_users",
            ),
            path(
                "<uuid:key>/report/",
                view(self.document),
                name="simulations_evaluation_report",
            ),
            *super().get_urls(),
        ]

    def chip_of(self, row: Evaluation) -> Chip:
        return chip_of(row)

    def beside(self, request: HttpRequest) -> dict[str, Any]:
        open_runs = Run.objects.filter(
            namespace=namespace_of(request), kind=KIND, state__in=_OPEN
        )
        return {
            "open_run": open_runs.order_by("-created_at", "-id").first(),
            "may_evaluate": _may_evaluate(request),
        }

    def row_page(self, request: HttpRequest, row: Evaluation) -> HttpResponse:
        return self.page(
            request,
            "recsys/evaluation_page.html",
            title=str(row).capitalize() if not row.name else row.name,
            crumbs=self.lists(),
            shown=shown_evaluation(row),
            may_download=_may_evaluate(request),
        )

    def side_by_side(self, chosen: Sequence[Evaluation]) -> SideBySide:
        return compared_evaluations(chosen)

    def evaluate(self, request: HttpRequest) -> HttpResponse:
        """Start a Run; the form asks for what most need."""
        if not _may_evaluate(request):
            raise PermissionDenied
        asked = {
            "name": request.POST.get("name", "").strip()[:200],
            "task": request.POST.get("task", "served"),
            "with_rules": request.POST.get("with_rules") == "on",
        }
        try:
            split = {"folds": int(request.POST.get("folds", "1"))}
            spec = spec_of({**asked, "split": split})
        except (ValueError, msgspec.ValidationError) as error:
            messages.error(request, f"Not evaluated: {error}.")
            page = reverse("admin:simulations_evaluation_changelist")
            return HttpResponseRedirect(page)
        run = start_evaluation(
            namespace_of(request),
            spec,
            at=timezone.now(),
            requested_by=request.user.get_username(),
        )
        messages.success(
            request, "The evaluation runs; its report comes into the list."
        )
        return watch(run)

    def users(self, request: HttpRequest, key: str) -> HttpResponseBase:
        """Send what every user got."""
        row = self.find(request, key)
        if not _may_evaluate(request):
            raise PermissionDenied
        file = per_user_path(row)
        if not file.exists():
            messages.warning(request, FILE_GONE)
            page = reverse("admin:simulations_evaluation_change", args=[row.pk])
            return HttpResponseRedirect(page)
        return FileResponse(file.open("rb"), as_attachment=True, filename=file.name)

    def document(self, request: HttpRequest, key: str) -> HttpResponse:
        """Send the report as JSON."""
        row = self.find(request, key)
        body = msgspec.json.encode(
            {"id": row.pk, "spec": row.spec, "report": row.report}
        )
        name = f'attachment; filename="evaluation-{row.pk}.json"'
        return HttpResponse(
            msgspec.json.format(body),
            content_type="application/json",
            headers={"Content-Disposition": name},
        )


def _may_evaluate(request: HttpRequest) -> bool:
    return can(request.user, "edit", namespace_of(request))
