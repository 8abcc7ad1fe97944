from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.admin.newest import watch
from catalog.admin.page import Chip, namespace_of
from catalog.models import Run
from catalog.permissions import can, name_of, require
from ranking.core.knobs import DEFAULTS
from ranking.core.layers import Plan
from ranking.core.request import Request
from ranking.core.segments import Match
from ranking.models import Profile
from ranking.operations.profiles import NoSuchVersionError
from ranking.queries.configurations import compose
from ranking.queries.segments import segments_in_use
from rules.operations.actors import of_staff
from simulations.core.guardrails import GuardrailsError
from tuning.core.schedule import budget_of
from tuning.models import Proposal, Sweep, Trial
from tuning.operations.harness_files import bundle, write_files
from tuning.operations.proposals import ProposalError, propose
from tuning.operations.sweeps import (
    SweepStateError,
    conclude_sweep,
    pause_sweep,
    resume_sweep,
    start_sweep,
    stop_runs,
)
from tuning.queries.sweeps import shown_sweep, state_of, trials_to_show

from . import sweep_form
from .trial_table import table_of
from .trials import TrialPages

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
class SweepAdmin(TrialPages):
    list_title = "Sweeps"
    list_template = "recsys/sweeps.html"
    unread = ("spec", "document", "limits")
    joined = ("run",)
    add_verb = change_verb = "edit"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        posts = {
            "pause": self.pause,
            "resume": self.resume,
            "conclude": self.conclude,
            "cancel": self.cancel,
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
            *super().get_urls(),
        ]

    def chip_of(self, row: Sweep) -> Chip:
        return STATE_CHIPS[state_of(row)]

    def beside(self, request: HttpRequest) -> dict[str, Any]:
        return {"may_start": can(request.user, "edit", namespace_of(request))}

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
            groups=sweep_form.groups_of(self._knobs(request), request.POST.dict()),
            segments=segments_in_use(namespace),
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
        run = Run.objects.filter(pk=row.run_id).first() if row.run_id else None
        row.run = run
        state = state_of(row)
        shown = shown_sweep(row, trials_to_show(row))
        return {
            **shown,
            "planned": budget_of(shown["spec"]),
            "table": table_of(shown["rows"], shown["spec"], request),
            "run": run,
            "state": state,
            "state_chip": STATE_CHIPS[state],
            "is_open": state in ("queued", "running"),
            "links": True,
            "proposals": Proposal.objects.filter(sweep=row)
            .select_related("version", "trial")
            .order_by("-created_at", "-pk"),
            "may_edit": can(request.user, "edit", namespace_of(request)),
        }

    def pause(self, request: HttpRequest, key: str) -> HttpResponse:
        return self._steered(request, key, pause_sweep, "The sweep pauses.")

    def cancel(self, request: HttpRequest, key: str) -> HttpResponse:
        words = "The sweep is asked to stop. What is done stays."
        return self._steered(request, key, stop_runs, words)

    def resume(self, request: HttpRequest, key: str) -> HttpResponse:
        steer = partial(resume_sweep, requested_by=name_of(request.user))
        return self._steered(request, key, steer, "The sweep goes on.")

    def conclude(self, request: HttpRequest, key: str) -> HttpResponse:
        steer = partial(conclude_sweep, requested_by=name_of(request.user))
        words = "The best trial so far is verified on events that no trial saw."
        return self._steered(request, key, steer, words)

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
        number = request.POST.get("trial", "")
        rows = Trial.objects.filter(sweep=sweep)
        trial = rows.filter(number=int(number)).first() if number.isdigit() else None
        if trial is None:
            raise Http404(f"The sweep has no trial {number}.")
        actor = of_staff(request.user, namespace_of(request))
        try:
            made = propose(sweep, trial, actor=actor, at=timezone.now())
        except ProposalError as error:
            messages.error(request, str(error))
            return _page_of(sweep)
        if isinstance(made, Run):
            return watch(made)
        page = reverse("admin:tuning_proposal_change", args=[made.pk])
        return HttpResponseRedirect(page)

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


def _url_of(sweep: Sweep) -> str:
    return reverse("admin:tuning_sweep_change", args=[sweep.pk])


def _page_of(sweep: Sweep) -> HttpResponseRedirect:
    return HttpResponseRedirect(_url_of(sweep))
