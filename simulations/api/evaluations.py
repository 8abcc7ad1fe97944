"""Evaluations: `/v1/admin/evaluations…`."""

from __future__ import annotations

from uuid import UUID

from django.http.response import FileResponse, HttpResponseBase
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.errors import ApiError
from catalog.api.examples import PAGE_OF_ONE
from catalog.api.listing import NAMESPACE, PAGE, NewestListing
from catalog.api.named import named, visible
from catalog.api.openapi import File, documented
from catalog.api.runs import EXAMPLE as EXAMPLE_RUN
from catalog.api.runs import RunAnswer, run_answer
from catalog.api.view import TenantView
from catalog.api.wire import decode
from catalog.models import Scope
from simulations.models import Evaluation
from simulations.operations.evaluations import start_evaluation
from simulations.queries.evaluations import FILE_GONE, per_user_path

from .evaluation_bodies import (
    EXAMPLE_ASKED,
    EXAMPLE_EVALUATION,
    EXAMPLE_ROW,
    EvaluationAsked,
    EvaluationList,
    EvaluationOut,
    EvaluationRow,
    evaluation_out,
    row_out,
)
from .profiles import require_profile


class EvaluationsView(NewestListing[Evaluation]):
    scopes = {"GET": Scope.READ, "POST": Scope.CONFIGURE}
    kind = "evaluations"
    model = Evaluation
    unread = ("report", "spec")

    def row(self, row: Evaluation) -> EvaluationRow:
        return row_out(row)

    @documented(
        summary="List the evaluations of a namespace",
        answer=EvaluationList,
        example_answer={
            "items": [EXAMPLE_ROW],
            **PAGE_OF_ONE,
        },
        parameters=[NAMESPACE, *PAGE],
    )
    def get(self, request: Request) -> Response:
        """List evaluations, the newest first."""
        return self.page(request, answer=EvaluationList)

    @documented(
        summary="Evaluate what a namespace serves",
        request=EvaluationAsked,
        answer=RunAnswer,
        example_request=EXAMPLE_ASKED,
        example_answer=EXAMPLE_RUN | {"kind": "evaluation", "state": "queued"},
        status=202,
        errors=(404,),
        idempotent=True,
    )
    def post(self, request: Request) -> Response:
        """Start a Run that ranks as of a past moment and compares with what came.

        Its result names the evaluation once it is over.
        """
        body, self.warnings = decode(request, EvaluationAsked)
        namespace = named(self, body.namespace)
        require_profile(namespace, body.spec.profile)
        run = start_evaluation(
            namespace, body.spec, at=self.at, requested_by=self.caller.name
        )
        return self.answer(run_answer(run), status=202)


class EvaluationView(TenantView):
    @documented(
        summary="Look at an evaluation",
        answer=EvaluationOut,
        example_answer=EXAMPLE_EVALUATION,
        errors=(404,),
    )
    def get(self, request: Request, evaluation_id: UUID) -> Response:
        return self.answer(evaluation_out(visible(self, Evaluation, evaluation_id)))


class EvaluationUsersView(TenantView):
    scopes = {"GET": Scope.CONFIGURE}

    @documented(
        summary="Download what each user got in an evaluation",
        answer=File("application/vnd.apache.parquet"),
        example_answer="(a Parquet file: one row for each user, fold and model)",
        errors=(404,),
    )
    def get(self, request: Request, evaluation_id: UUID) -> HttpResponseBase:
        """Send the lists and measures of every user, by number, to slice further."""
        file = per_user_path(visible(self, Evaluation, evaluation_id))
        if not file.exists():
            raise ApiError("file_gone", FILE_GONE, status=404)
        return FileResponse(
            file.open("rb"),
            as_attachment=True,
            filename=file.name,
            content_type="application/vnd.apache.parquet",
        )


urlpatterns: list[URLPattern] = [
    path("v1/admin/evaluations", EvaluationsView.as_view(), name="evaluations"),
    path(
        "v1/admin/evaluations/<uuid:evaluation_id>",
        EvaluationView.as_view(),
        name="evaluation",
    ),
    path(
        "v1/admin/evaluations/<uuid:evaluation_id>/users",
        EvaluationUsersView.as_view(),
        name="evaluation-users",
    ),
]
