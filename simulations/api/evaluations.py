"""Evaluations: `/v1/admin/evaluations…`."""

from __future__ import annotations

from uuid import UUID

from django.http.response import FileResponse, HttpResponseBase
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.errors import ApiError
from catalog.api.examples import PAGE_OF_ONE
from catalog.api.listing import NAMESPACE, PAGE, Listing
from catalog.api.openapi import File, documented
from catalog.api.runs import EXAMPLE as EXAMPLE_RUN
from catalog.api.runs import RunAnswer, run_answer
from catalog.api.view import TenantView
from catalog.api.wire import decode
from catalog.core.pages import Page
from catalog.models import Namespace, Scope
from catalog.queries.lists import Listed
from catalog.queries.newest import newest
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


class EvaluationsView(Listing[None]):
    scopes = {"GET": Scope.READ, "POST": Scope.CONFIGURE}
    kind = "evaluations"

    def chosen(self, request: Request, namespace: Namespace | None) -> None:
        return None

    def read(self, namespace: Namespace, chosen: None, page: Page) -> Listed:
        return newest(Evaluation.objects.filter(namespace=namespace), page)

    def shown(
        self, request: Request, namespace: Namespace, listed: Listed
    ) -> list[EvaluationRow]:
        return [row_out(each) for each in listed.rows]

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
        namespace = self.namespace(body.namespace)
        if namespace is None:
            raise ApiError(
                "namespace_not_found",
                f"There is no namespace {body.namespace}.",
                status=404,
            )
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
        return self.answer(evaluation_out(_visible(self, evaluation_id)))


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
        file = per_user_path(_visible(self, evaluation_id))
        if not file.exists():
            raise ApiError("file_gone", FILE_GONE, status=404)
        return FileResponse(
            file.open("rb"),
            as_attachment=True,
            filename=file.name,
            content_type="application/vnd.apache.parquet",
        )


def _visible(view: TenantView, evaluation_id: UUID) -> Evaluation:
    """Return one that the caller may see; others do not exist for it."""
    found = Evaluation.objects.filter(pk=evaluation_id).first()
    allowed = view.caller.namespaces
    if found is None or (allowed is not None and found.namespace_id not in allowed):
        raise ApiError(
            "evaluation_not_found",
            f"There is no evaluation {evaluation_id}.",
            status=404,
        )
    return found


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
