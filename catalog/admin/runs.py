from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.exporting.results import NothingToDownloadError, download, has_files
from catalog.models import Run, RunState
from catalog.operations.runs import AlreadyOverError, cancel_run
from catalog.permissions import can, require

from .facets import facet
from .lists import newest_first
from .page import Chip, PageAdmin, namespace_of

STATE_CHIPS = {
    RunState.QUEUED: Chip(words="Queued", icon="clock", kind="info"),
    RunState.RUNNING: Chip(words="Running", icon="play", kind="accent"),
    RunState.SUCCEEDED: Chip(words="Succeeded", icon="check", kind="good"),
    RunState.FAILED: Chip(words="Failed", icon="warning", kind="bad"),
    RunState.CANCELLED: Chip(words="Cancelled", icon="block"),
}
_OPEN = (RunState.QUEUED, RunState.RUNNING)


def shown_run(request: HttpRequest, run: Run) -> dict[str, object]:
    """Return what a page shows of how far a Run is, as `recsys/run_progress.html`."""
    is_open = run.state in _OPEN
    may_operate = can(request.user, "operate", namespace_of(request))
    return {
        "run": run,
        "chip_of_state": STATE_CHIPS[RunState(run.state)],
        "took": took_seconds(run, at=timezone.now()),
        "is_open": is_open,
        "may_cancel": is_open and may_operate,
        "may_download": has_files(run) and may_operate,
        "result_page": _page_of_result(run),
    }


def _page_of_result(run: Run) -> str:
    """Return the page of what a Run made, which the API has under an address too."""
    *_, kind, key = ["", "", *run.result_url.split("/")]
    name = settings.RUN_RESULT_PAGES.get(kind)
    return reverse(f"admin:{name}_change", args=[key]) if name else ""


def took_seconds(run: Run, *, at: datetime) -> float | None:
    """Return how long a Run has worked, or worked until it ended."""
    if run.started_at is None:
        return None
    return ((run.finished_at or at) - run.started_at).total_seconds()


@admin.register(Run)
class RunAdmin(PageAdmin[Run]):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "<uuid:key>/progress/", view(self.progress), name="catalog_run_progress"
            ),
            path("<uuid:key>/cancel/", view(self.cancel), name="catalog_run_cancel"),
            path("<uuid:key>/result/", view(self.result), name="catalog_run_result"),
            *super().get_urls(),
        ]

    def list_page(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET.dict()
        runs = self.get_queryset(request).defer("log")
        if state := asked.get("state"):
            runs = runs.filter(state=state)
        if kind := asked.get("kind"):
            runs = runs.filter(kind=kind)
        page = newest_first(runs, moment="created_at", after=asked.get("after", ""))
        now = timezone.now()
        kinds = sorted({run.kind for run in page.rows})
        return self.page(
            request,
            "recsys/runs.html",
            title="Runs",
            page=page,
            rows=[
                (run, STATE_CHIPS[RunState(run.state)], took_seconds(run, at=now))
                for run in page.rows
            ],
            facets=[
                facet("state", "State", dict(RunState.choices), asked=asked),
                facet("kind", "Kind", {kind: kind for kind in kinds}, asked=asked),
            ],
        )

    def row_page(self, request: HttpRequest, row: Run) -> HttpResponse:
        title = f"{row.kind.replace('_', ' ').replace('-', ' ').capitalize()}"
        return self.page(
            request,
            "recsys/run_page.html",
            title=title,
            crumbs=self.lists(),
            **shown_run(request, row),
        )

    def progress(self, request: HttpRequest, key: str) -> HttpResponse:
        run = self.find(request, key)
        return render(request, "recsys/run_progress.html", shown_run(request, run))

    def result(self, request: HttpRequest, key: str) -> HttpResponseBase:
        """Send the files that the Run made: much personal data at once."""
        run = self.find(request, key)
        require(request.user, "operate", namespace_of(request))
        try:
            return download(run)
        except NothingToDownloadError as error:
            messages.warning(request, str(error))
        return HttpResponseRedirect(reverse("admin:catalog_run_change", args=[run.pk]))

    def cancel(self, request: HttpRequest, key: str) -> HttpResponse:
        return require_POST(self._cancel)(request, key)

    def _cancel(self, request: HttpRequest, key: str) -> HttpResponse:
        run = self.find(request, key)
        require(request.user, "operate", namespace_of(request))
        try:
            cancel_run(run.pk, at=timezone.now())
        except AlreadyOverError as error:
            messages.warning(request, str(error))
        else:
            messages.success(request, "The Run was asked to stop.")
        return HttpResponseRedirect(reverse("admin:catalog_run_change", args=[run.pk]))
