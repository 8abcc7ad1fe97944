"""What experiments show: `/v1/admin/experiments/{name}:analyse`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.errors import ApiError
from catalog.api.openapi import documented
from catalog.api.runs import EXAMPLE, RunAnswer, run_answer
from catalog.api.wire import decode
from catalog.models import Scope
from ranking.api.experiments import find_experiment
from ranking.api.view import SettingsView
from simulations.operations.experiments import (
    AnalysisRequest,
    NotStartedError,
    start_analysis,
)

EXAMPLE_RUN: dict[str, Any] = EXAMPLE | {
    "kind": "experiment",
    "doing": "Reading who was answered and what they did",
    "parameters": {"name": "more-variety"},
}


class AnalysisBody(Struct, kw_only=True):
    """How an experiment is looked at."""

    namespace: str | None = None
    metric: Annotated[
        Literal["conversion", "purchases", "purchase_value", "clicks", "engagement"]
        | None,
        Meta(description="Absent: the one that it was planned with."),
    ] = None
    correction: Annotated[
        Literal["holm", "bh"],
        Meta(description="Of several variants: Holm, or Benjamini and Hochberg."),
    ] = "holm"


class ExperimentAnalyseView(SettingsView):
    scopes = {"POST": Scope.READ}

    @documented(
        summary="Analyse an experiment",
        request=AnalysisBody,
        answer=RunAnswer,
        status=202,
        example_request={"namespace": "demo"},
        example_answer=EXAMPLE_RUN,
        errors=(404, 409),
    )
    def post(self, request: Request, name: str) -> Response:
        """Start a Run whose result is the verdict, ship, hold or stop, with reasons.

        It holds the sample-ratio check, each variant's difference from the control
        with its interval (CUPED, corrected), and the subjects still needed.
        """
        body, self.warnings = decode(request, AnalysisBody)
        row = find_experiment(self.sent_namespace(body.namespace), name)
        asked = AnalysisRequest(
            name=row.name, metric=body.metric, correction=body.correction
        )
        try:
            run = start_analysis(row, asked, at=self.at, by=self.caller.name)
        except NotStartedError as error:
            raise ApiError("wrong_state", str(error), status=409) from None
        return self.answer(run_answer(run), status=202)
