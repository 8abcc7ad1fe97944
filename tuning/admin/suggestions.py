"""What to try next, as a page: suggested, why, and a sweep started from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.admin.newest import NewestAdmin
from catalog.admin.page import Crumb, namespace_of
from catalog.admin.runs import shown_run
from catalog.permissions import can, name_of, require
from ranking.operations.profiles import NoSuchVersionError
from simulations.core.guardrails import GuardrailsError
from tuning.core.spec import spec_of
from tuning.models import Sweep
from tuning.operations.suggestions import (
    NothingSuggestedError,
    newest_suggestions,
    start_from,
    start_suggestions,
    trials_since,
)

from .sweep_form import in_words, whole
from .trial_table import said


class SuggestionPages(NewestAdmin[Sweep]):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        posts = {"suggest": self.suggest, "start-from": self.start_from}
        return [
            path(
                "<uuid:key>/suggestions/",
                view(self.suggestions),
                name="tuning_sweep_suggestions",
            ),
            *[
                path(
                    f"<uuid:key>/{name}/",
                    view(require_POST(method)),
                    name=f"tuning_sweep_{name.replace('-', '_')}",
                )
                for name, method in posts.items()
            ],
            *super().get_urls(),
        ]

    def suggestions(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show the newest suggestions, or how far they are."""
        sweep = self.find(request, key)
        run = newest_suggestions(sweep)
        told = run.result if run is not None else {}
        address = reverse("admin:tuning_sweep_change", args=[sweep.pk])
        return self.page(
            request,
            "recsys/sweep_suggestions.html",
            title="What to try next",
            crumbs=[*self.lists(), Crumb(title=str(sweep), url=address)],
            sweep=sweep,
            **(shown_run(request, run) if run is not None else {}),
            told=told,
            suggestions=_shown(told, sweep),
            since=trials_since(run, sweep) if run and told else 0,
            may_edit=can(request.user, "edit", namespace_of(request)),
        )

    def suggest(self, request: HttpRequest, key: str) -> HttpResponse:
        sweep = self.find(request, key)
        require(request.user, "edit", namespace_of(request))
        start_suggestions(
            namespace_of(request),
            sweep=sweep,
            at=timezone.now(),
            requested_by=name_of(request.user),
        )
        return _back_to(sweep)

    def start_from(self, request: HttpRequest, key: str) -> HttpResponse:
        """Start a sweep that tries the chosen suggestions first."""
        sweep = self.find(request, key)
        require(request.user, "edit", namespace_of(request))
        try:
            begun = start_from(
                sweep,
                _chosen(request, sweep),
                budget=whole(request.POST.get("budget"), "Trials", usual=sweep.budget),
                at=timezone.now(),
                requested_by=name_of(request.user),
            )
        except (
            NothingSuggestedError,
            NoSuchVersionError,
            GuardrailsError,
            ValueError,
        ) as error:
            messages.error(request, in_words(error))
            return _back_to(sweep)
        page = reverse("admin:tuning_sweep_change", args=[begun.pk])
        return HttpResponseRedirect(page)


def _chosen(request: HttpRequest, sweep: Sweep) -> list[Mapping[str, Any]]:
    """Return the values that were ticked, by their places in what was shown."""
    run = newest_suggestions(sweep)
    if run is None or str(run.pk) != request.POST.get("run"):
        raise NothingSuggestedError(
            "Others were suggested meanwhile: look at them, then choose."
        )
    ticked = set(request.POST.getlist("chosen"))
    return [
        each["values"]
        for place, each in enumerate(run.result.get("suggestions", []))
        if str(place) in ticked
    ]


def _shown(told: Mapping[str, Any], sweep: Sweep) -> list[dict[str, Any]]:
    best = told.get("best", {})
    names = [each.name for each in spec_of(sweep.spec).parameters]
    objectives = [each["metric"] for each in told.get("objectives", ())]
    return [
        {
            "values": [
                (
                    name,
                    said(best.get("values", {}).get(name)),
                    said(each["values"].get(name)),
                )
                for name in names
            ],
            "figures": [
                {
                    "metric": name,
                    "best": best["figures"][name],
                    "expected": each["expected"][name]["mean"],
                    **each["improvement"][name],
                }
                for name in objectives
                if name in each.get("improvement", {})
            ],
            "reasons": each["reasons"],
        }
        for each in told.get("suggestions", ())
    ]


def _back_to(sweep: Sweep) -> HttpResponseRedirect:
    address = reverse("admin:tuning_sweep_suggestions", args=[sweep.pk])
    return HttpResponseRedirect(address)
