from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.admin.lists import newest_first
from catalog.admin.page import Chip, Crumb, namespace_of
from catalog.models import Item, Run
from catalog.permissions import can, name_of, require
from ranking.core.knobs import DEFAULTS
from ranking.core.layers import Plan
from ranking.core.request import Request
from ranking.core.segments import Match
from ranking.models import Profile
from ranking.operations.profiles import NoSuchVersionError
from ranking.queries.configurations import compose
from rules.operations.actors import of_staff
from simulations.core.guardrails import GuardrailsError
from tuning.core.spec import spec_of
from tuning.models import Proposal, Sweep, Trial, TrialState
from tuning.operations.harness_files import bundle, write_files
from tuning.operations.proposals import ProposalError, propose
from tuning.operations.sweeps import (
    SweepStateError,
    pause_sweep,
    resume_sweep,
    start_sweep,
)
from tuning.queries.sweeps import figure_of, shown_sweep, state_of

from . import sweep_form
from .suggestions import SuggestionPages

STATE_CHIPS = {
    "queued": Chip(words="Waiting", icon="clock"),
    "running": Chip(words="At work", icon="play", kind="accent"),
    "paused": Chip(words="Paused", icon="pause", kind="warn"),
    "finished": Chip(words="Finished", icon="check", kind="good"),
    "succeeded": Chip(words="Finished", icon="check", kind="good"),
    "failed": Chip(words="Failed", icon="warning", kind="bad"),
    "cancelled": Chip(words="Cancelled", icon="close"),
}


@admin.register(Sweep)
class SweepAdmin(SuggestionPages):
    add_verb = change_verb = "edit"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        posts = {
            "pause": self.pause,
            "resume": self.resume,
            "propose": self.propose,
        }
        return [
            *[
                path(
                    f"<uuid:key>/{name}/",
                    view(require_POST(method)),
                    name=f"tuning_sweep_{name}",
                )
                for name, method in posts.items()
            ],
            path("<uuid:key>/live/", view(self.live), name="tuning_sweep_live"),
            path("<uuid:key>/bundle/", view(self.bundle), name="tuning_sweep_bundle"),
            path(
                "<uuid:key>/compare/", view(self.compare), name="tuning_sweep_compare"
            ),
            path(
                "<uuid:key>/trials/<int:number>/",
                view(self.trial),
                name="tuning_sweep_trial",
            ),
            *super().get_urls(),
        ]

    def list_page(self, request: HttpRequest) -> HttpResponse:
        rows = self.get_queryset(request).select_related("run")
        page = newest_first(
            rows, moment="created_at", after=request.GET.get("after", "")
        )
        return self.page(
            request,
            "recsys/sweeps.html",
            title="Sweeps",
            page=page,
            rows=[(each, STATE_CHIPS[state_of(each)]) for each in page.rows],
            may_start=can(request.user, "edit", namespace_of(request)),
        )

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        namespace = namespace_of(request)
        require(request.user, "edit", namespace)
        error = ""
        if request.method == "POST":
            try:
                sweep = start_sweep(
                    namespace,
                    sweep_form.read(request.POST),
                    at=timezone.now(),
                    requested_by=name_of(request.user),
                )
            except (ValueError, NoSuchVersionError, GuardrailsError) as problem:
                error = sweep_form.in_words(problem)
            else:
                return _page_of(sweep)
        return self.page(
            request,
            "recsys/sweep_form.html",
            title="New sweep",
            crumbs=self.lists(),
            error=error,
            rows=sweep_form.rows_of(self._knobs(request), request.POST.dict()),
            usual=sweep_form.FIRST,
            sent=request.POST,
            objectives=request.POST.getlist("objective") or ["ndcg@10"],
            metrics=sweep_form.METRICS,
            strategies=sweep_form.strategies(),
            profiles=Profile.objects.filter(
                namespace=namespace, published_number__gt=0
            ).order_by("-in_force", "name"),
        )

    def _knobs(self, request: HttpRequest) -> Any:
        namespace = namespace_of(request)
        plan = Plan.of(compose(namespace))
        if plan.configuration.profile_in_force is None:
            return DEFAULTS
        return plan.base(Request(namespace=namespace.name), Match()).knobs

    def row_page(self, request: HttpRequest, row: Sweep) -> HttpResponse:
        return self.page(
            request,
            "recsys/sweep_page.html",
            title=str(row),
            crumbs=self.lists(),
            **self._shown(request, row),
        )

    def live(self, request: HttpRequest, key: str) -> HttpResponse:
        """Answer with the part of the page that changes while trials are done."""
        row = self.find(request, key)
        return render(request, "recsys/sweep_live.html", self._shown(request, row))

    def _shown(self, request: HttpRequest, row: Sweep) -> dict[str, Any]:
        trials = list(Trial.objects.filter(sweep=row).order_by("number"))
        run = Run.objects.filter(pk=row.run_id).first() if row.run_id else None
        row.run = run
        state = state_of(row)
        namespace = namespace_of(request)
        return {
            **shown_sweep(row, trials),
            "run": run,
            "state": state,
            "state_chip": STATE_CHIPS[state],
            "is_open": state in ("queued", "running"),
            "links": True,
            "proposals": Proposal.objects.filter(sweep=row)
            .select_related("version", "trial")
            .order_by("-created_at", "-pk"),
            "may_edit": can(request.user, "edit", namespace),
        }

    def trial(self, request: HttpRequest, key: str, number: int) -> HttpResponse:
        sweep = self.find(request, key)
        trial = Trial.objects.filter(sweep=sweep, number=number).first()
        if trial is None:
            raise Http404(f"The sweep has no trial {number}.")
        first = Trial.objects.filter(sweep=sweep, number=0).first()
        spec = spec_of(sweep.spec)
        items = _items_of([trial])
        return self.page(
            request,
            "recsys/sweep_trial.html",
            title=f"Trial {number}",
            crumbs=[*self.lists(), Crumb(title=str(sweep), url=_url_of(sweep))],
            sweep=sweep,
            trial=trial,
            values=[
                (
                    each.name,
                    (first.values if first else {}).get(each.name),
                    trial.values.get(each.name),
                )
                for each in spec.parameters
            ],
            figures=[
                (name, first.metrics.get(name) if first else None, value)
                for name, value in sorted(trial.metrics.items())
                if not name.startswith("segments.")
            ],
            objectives=[figure_of(trial, each) for each in spec.objectives],
            segments=_segments_of(first, trial),
            examples=[
                {
                    **each,
                    "shown": [
                        (items.get(item), place in each["hits"])
                        for place, item in enumerate(each["items"])
                    ],
                }
                for each in trial.examples
            ],
            may_edit=can(request.user, "edit", namespace_of(request))
            and trial.state == TrialState.DONE
            and number > 0
            and sweep.finished_at is not None,
        )

    def compare(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show some trials side by side: knobs, figures, segments."""
        sweep = self.find(request, key)
        wanted = [int(each) for each in request.GET.getlist("trial") if each.isdigit()]
        rows = Trial.objects.filter(sweep=sweep, number__in=wanted[:6] or [0])
        chosen = list(rows.order_by("number"))
        spec = spec_of(sweep.spec)
        names = dict.fromkeys(
            name
            for each in chosen
            for name in sorted(each.metrics)
            if not name.startswith("segments.") or name.endswith("ndcg@10")
        )
        return self.page(
            request,
            "recsys/sweep_compare.html",
            title="Trials compared",
            crumbs=[*self.lists(), Crumb(title=str(sweep), url=_url_of(sweep))],
            sweep=sweep,
            trials=chosen,
            tables=[
                (
                    "Knobs",
                    [
                        (each.name, [row.values.get(each.name) for row in chosen])
                        for each in spec.parameters
                    ],
                ),
                (
                    "Figures",
                    [
                        (name, [row.metrics.get(name) for row in chosen])
                        for name in names
                    ],
                ),
            ],
        )

    def pause(self, request: HttpRequest, key: str) -> HttpResponse:
        return self._steered(request, key, pause_sweep, "The sweep pauses.")

    def resume(self, request: HttpRequest, key: str) -> HttpResponse:
        return self._steered(request, key, resume_sweep, "The sweep goes on.")

    def _steered(
        self, request: HttpRequest, key: str, steer: Any, words: str
    ) -> HttpResponse:
        sweep = self.find(request, key)
        require(request.user, "edit", namespace_of(request))
        try:
            steer(sweep, at=timezone.now())
        except SweepStateError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, words)
        return _page_of(sweep)

    def propose(self, request: HttpRequest, key: str) -> HttpResponse:
        sweep = self.find(request, key)
        number = int(request.POST.get("trial") or -1)
        trial = Trial.objects.filter(sweep=sweep, number=number).first()
        if trial is None:
            raise Http404(f"The sweep has no trial {number}.")
        actor = of_staff(request.user, namespace_of(request))
        try:
            made = propose(sweep, trial, actor=actor, at=timezone.now())
        except ProposalError as error:
            messages.error(request, str(error))
            return _page_of(sweep)
        name = "catalog_run" if isinstance(made, Run) else "tuning_proposal"
        return HttpResponseRedirect(reverse(f"admin:{name}_change", args=[made.pk]))

    def bundle(self, request: HttpRequest, key: str) -> HttpResponse:
        """Send everything that a sweep leaves behind as one zip."""
        sweep = self.find(request, key)
        require(request.user, "edit", namespace_of(request))
        with tempfile.TemporaryDirectory(prefix="bundle-") as name:
            folder = Path(name)
            write_files(sweep, folder, segment=None)
            content = bundle(sweep, folder, folder / "bundle.zip").read_bytes()
        return HttpResponse(
            content,
            content_type="application/zip",
            headers={"Content-Disposition": f'attachment; filename="sweep-{key}.zip"'},
        )


def _segments_of(first: Trial | None, trial: Trial) -> list[dict[str, Any]]:
    before = first.segments if first else {}
    return [
        {
            "name": name,
            "users": figures.get("users"),
            "before": before.get(name, {}).get("ndcg@10"),
            "after": figures.get("ndcg@10"),
            "lift": figures.get("lift_ndcg"),
        }
        for name, figures in trial.segments.items()
    ]


def _items_of(trials: list[Trial]) -> dict[int, Item]:
    numbers = {
        item
        for each in trials
        for example in each.examples
        for item in example["items"]
    }
    return Item.objects.in_bulk(numbers)


def _url_of(sweep: Sweep) -> str:
    return reverse("admin:tuning_sweep_change", args=[sweep.pk])


def _page_of(sweep: Sweep) -> HttpResponseRedirect:
    return HttpResponseRedirect(_url_of(sweep))
