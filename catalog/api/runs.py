"""Follow long work: list the Runs of a namespace, look at one, cancel one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.examples import PAGE_OF_ONE
from catalog.core.pages import Page
from catalog.exporting.results import NothingToDownloadError, download
from catalog.models import Namespace, Run, RunState, Scope
from catalog.operations import runs
from catalog.queries import runs as stored
from catalog.queries.lists import Listed

from .bodies import ListBody
from .errors import ApiError
from .listing import NAMESPACE, PAGE, Listing
from .openapi import File, documented, query
from .parameters import choice, text
from .view import TenantView


class RunAnswer(msgspec.Struct, kw_only=True):
    """A piece of long work."""

    run_id: UUID
    namespace: str
    kind: str
    state: RunState
    progress: Annotated[float, msgspec.Meta(description="In [0, 1].", ge=0, le=1)]
    doing: Annotated[str, msgspec.Meta(description="What it is at, in words.")]
    eta_seconds: float | None
    attempts: int
    cancel_requested: bool
    error: Annotated[str, msgspec.Meta(description="What, where, what to do.")]
    parameters: dict[str, Any]
    result: dict[str, Any]
    result_url: str
    requested_by: str
    request_id: str
    created_at: datetime
    not_before: datetime
    started_at: datetime | None
    heartbeat_at: datetime | None
    finished_at: datetime | None


class RunList(ListBody, kw_only=True):
    """Runs, the newest first."""

    items: list[RunAnswer]


EXAMPLE = {
    "run_id": "0198c0de-0000-7000-8000-000000000000",
    "namespace": "shop",
    "kind": "import",
    "state": "running",
    "progress": 0.42,
    "doing": "Row 227,000 of online_retail.csv.gz",
    "eta_seconds": 5.5,
    "attempts": 1,
    "cancel_requested": False,
    "error": "",
    "parameters": {"format": "online_retail"},
    "result": {},
    "result_url": "",
    "requested_by": "ellie",
    "request_id": "",
    "created_at": "2026-03-01T12:00:00Z",
    "not_before": "2026-03-01T12:00:00Z",
    "started_at": "2026-03-01T12:00:01Z",
    "heartbeat_at": "2026-03-01T12:00:04Z",
    "finished_at": None,
}
EXAMPLE_LIST = {
    "items": [EXAMPLE],
    **PAGE_OF_ONE,
}


class RunsView(Listing[stored.RunFilter]):
    kind = "runs"

    def chosen(self, request: Request, namespace: Namespace | None) -> stored.RunFilter:
        return stored.RunFilter(
            kind=text(request, "kind"),
            state=choice(request, "state", RunState.values),
        )

    def read(
        self, namespace: Namespace, chosen: stored.RunFilter, page: Page
    ) -> Listed:
        return stored.list_runs(namespace, chosen, page)

    def shown(
        self, request: Request, namespace: Namespace, listed: Listed
    ) -> list[RunAnswer]:
        return [run_answer(run) for run in listed.rows]

    @documented(
        summary="List the long work of a namespace",
        answer=RunList,
        example_answer=EXAMPLE_LIST,
        parameters=[
            NAMESPACE,
            query("kind", "Only this kind, say import, export or build."),
            query("state", "Only this state.", choices=RunState.values),
            *PAGE,
        ],
    )
    def get(self, request: Request) -> Response:
        """List Runs, the newest first."""
        return self.page(request, answer=RunList)


class RunView(TenantView):
    @documented(
        summary="Look at a Run",
        answer=RunAnswer,
        example_answer=EXAMPLE,
        errors=(404,),
    )
    def get(self, request: Request, run_id: UUID) -> Response:
        return self.answer(run_answer(_visible(self, run_id)))


class RunResultView(TenantView):
    @documented(
        summary="Download what a Run made",
        answer=File("application/octet-stream"),
        example_answer="(the file; of several an archive in zip)",
        errors=(404,),
    )
    def get(self, request: Request, run_id: UUID) -> HttpResponseBase:
        """Send the file of an export, or all of its files as one archive."""
        try:
            return download(_visible(self, run_id))
        except NothingToDownloadError as error:
            raise ApiError("no_result", str(error), status=404) from error


class RunCancelView(TenantView):
    scopes = {"POST": Scope.CONFIGURE}

    @documented(
        summary="Cancel a Run",
        answer=RunAnswer,
        example_answer=EXAMPLE | {"cancel_requested": True},
        status=202,
        errors=(404, 409),
        idempotent=True,
    )
    def post(self, request: Request, run_id: UUID) -> Response:
        """Ask a Run to end. It does so within seconds; asking twice is fine."""
        _visible(self, run_id)
        try:
            run = runs.cancel_run(run_id, at=self.at)
        except runs.AlreadyOverError as error:
            raise ApiError("run_is_over", str(error), status=409) from error
        return self.answer(run_answer(run), status=202)


def _visible(view: TenantView, run_id: UUID) -> Run:
    """Return a Run that the caller may see; others do not exist for it."""
    run = stored.find_run(run_id)
    allowed = view.caller.namespaces
    if run is None or (allowed is not None and run.namespace_id not in allowed):
        raise ApiError("run_not_found", f"There is no run {run_id}.", status=404)
    return run


def run_answer(run: Run) -> RunAnswer:
    return RunAnswer(
        run_id=run.pk,
        namespace=run.namespace.name,
        state=RunState(run.state),
        **{name: getattr(run, name) for name in _AS_STORED},
    )


_AS_STORED = sorted(set(RunAnswer.__struct_fields__) - {"run_id", "namespace", "state"})

urlpatterns: list[URLPattern] = [
    path("v1/admin/runs", RunsView.as_view(), name="runs"),
    path("v1/admin/runs/<uuid:run_id>", RunView.as_view(), name="run"),
    path(
        "v1/admin/runs/<uuid:run_id>/result",
        RunResultView.as_view(),
        name="run-result",
    ),
    path(
        "v1/admin/runs/<uuid:run_id>:cancel", RunCancelView.as_view(), name="run-cancel"
    ),
]
