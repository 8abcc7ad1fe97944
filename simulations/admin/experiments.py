"""What an experiment shows, as a part of its page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.admin.page import Chip, namespace_of
from catalog.models import Run, RunState
from catalog.permissions import name_of, require
from ranking.models import Experiment
from simulations.core.experiments import Verdict, days_needed, subjects_needed
from simulations.operations.experiments import (
    KIND,
    AnalysisRequest,
    start_analysis,
)

VERDICT_CHIPS = {
    Verdict.SHIP: Chip(words="Ship", icon="check", kind="good"),
    Verdict.HOLD: Chip(words="Hold", icon="pause", kind="warn"),
    Verdict.STOP: Chip(words="Stop", icon="block", kind="bad"),
}
_OPEN = (RunState.QUEUED, RunState.RUNNING)
_POWER_FIELDS = ("mean", "deviation", "effect", "variants", "a_day")


def experiment_urls(site: admin.AdminSite) -> list[URLPattern]:
    return [
        path(
            "experiment/<int:key>/report/",
            site.admin_view(report),
            name="experiment-report",
        ),
        path(
            "experiment/<int:key>/analyse/",
            site.admin_view(require_POST(analyse)),
            name="experiment-analyse",
        ),
        path("experiment/power/", site.admin_view(power), name="experiment-power"),
    ]


def report(request: HttpRequest, key: int) -> HttpResponse:
    return _shown(request, _experiment(request, key))


def analyse(request: HttpRequest, key: int) -> HttpResponse:
    """Start an analysis, unless one is under way."""
    row = _experiment(request, key)
    if _open_run(row) is None:
        start_analysis(
            row,
            AnalysisRequest(name=row.name),
            at=timezone.now(),
            by=name_of(request.user),
        )
    return _shown(request, row)


def power(request: HttpRequest) -> HttpResponse:
    """Answer how many subjects it takes."""
    require(request.user, "view", namespace_of(request))
    sent = request.GET.dict()
    try:
        mean, deviation, effect, variants, a_day = (
            float(sent[name]) for name in _POWER_FIELDS
        )
        others = max(int(variants) - 1, 1)
        needed = subjects_needed(
            mean=mean, deviation=deviation, effect=effect / 100, comparisons=others
        )
        days = days_needed(subjects=needed, variants=others + 1, a_day=a_day)
    except (KeyError, ValueError, ZeroDivisionError, OverflowError):
        words = "Every field is a number above 0."
    else:
        words = (
            f"{needed:,} subjects in each variant, {needed * (others + 1):,} in all:"
            f" {days:,} day{'' if days == 1 else 's'} at that pace. Such an effect is"
            " then seen 8 times in 10."
        )
    return render(request, "recsys/experiment_power.html", {"words": words})


def _shown(request: HttpRequest, row: Experiment) -> HttpResponse:
    runs = Run.objects.filter(
        namespace=row.namespace, kind=KIND, parameters__name=row.name
    ).order_by("-created_at", "-id")
    newest = runs.filter(state=RunState.SUCCEEDED).first()
    failed = runs.first()
    result: dict[str, Any] = newest.result if newest else {}
    context = {
        "experiment": row,
        "run": _open_run(row),
        "made": newest,
        "result": result,
        "chip_of": VERDICT_CHIPS[Verdict(result["verdict"])] if result else None,
        "error": failed.error if failed and failed.state == RunState.FAILED else "",
    }
    return render(request, "recsys/experiment_report.html", context)


def _open_run(row: Experiment) -> Run | None:
    runs = Run.objects.filter(
        namespace=row.namespace,
        kind=KIND,
        parameters__name=row.name,
        state__in=_OPEN,
    )
    return runs.order_by("-created_at", "-id").first()


def _experiment(request: HttpRequest, key: int) -> Experiment:
    namespace = namespace_of(request)
    require(request.user, "view", namespace)
    rows = Experiment.objects.select_related("namespace")
    row = rows.filter(namespace=namespace, pk=key).first()
    if row is None:
        raise Http404(f"No experiment {key} in this namespace.")
    return row
