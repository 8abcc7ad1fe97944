"""What to try next: `/v1/admin/sweeps/{id}:suggest` and `…/suggestions`."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.urls import URLPattern, path
from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.errors import ApiError
from catalog.api.openapi import documented
from catalog.api.runs import EXAMPLE as EXAMPLE_RUN
from catalog.api.runs import RunAnswer, run_answer
from catalog.api.view import TenantView
from catalog.api.wire import decode
from catalog.models import Scope
from tuning.core.spec import MOST_FIRST
from tuning.operations.suggestions import (
    USUAL_COUNT,
    newest_suggestions,
    start_suggestions,
    trials_since,
)

from .bodies import EXAMPLE_ROW
from .sweeps import visible_sweep


class SuggestionsAsked(Struct, kw_only=True):
    """How many configurations to suggest."""

    count: Annotated[int, Meta(ge=1, le=MOST_FIRST)] = USUAL_COUNT
    seed: Annotated[int, Meta(ge=0, lt=2**32)] = 0


class SuggestionOut(Struct, kw_only=True):
    """One configuration that is worth trying."""

    values: dict[str, Any]
    expected: Annotated[
        dict[str, Any], Meta(description="Mean and deviation of each objective.")
    ] = {}
    improvement: Annotated[
        dict[str, Any],
        Meta(
            description="Of each objective over the best trial: mean, low and high of"
            " 95 %, and the chance that it is better."
        ),
    ] = {}
    feasible: Annotated[
        float | None,
        Meta(description="How probably guardrails are kept; absent if none broke."),
    ] = None
    reasons: list[str] = []


class SuggestionsOut(Struct, kw_only=True):
    """What was learnt from the trials of a sweep and those comparable to them."""

    sweep_id: UUID
    run_id: UUID
    state: str
    objectives: list[dict[str, Any]]
    samples_used: int
    trials_since: Annotated[
        int, Meta(description="Trials that ended since, and were not learnt from.")
    ]
    best: dict[str, Any]
    suggestions: list[SuggestionOut]
    importance: list[dict[str, Any]]
    notes: list[str]


EXAMPLE_SUGGESTIONS = {
    "sweep_id": EXAMPLE_ROW["sweep_id"],
    "run_id": "0198c7a1-2b3c-7d4e-8f90-123456789ac0",
    "state": "succeeded",
    "objectives": [{"metric": "ndcg@10", "direction": "maximize"}],
    "samples_used": 60,
    "trials_since": 0,
    "best": {
        "values": {"blend_alpha": 0.21, "mmr_lambda": 0.64},
        "figures": {"ndcg@10": 0.231},
    },
    "suggestions": [
        {
            "values": {"blend_alpha": 0.12, "mmr_lambda": 0.7},
            "expected": {"ndcg@10": {"mean": 0.236, "deviation": 0.003}},
            "improvement": {
                "ndcg@10": {
                    "mean": 0.005,
                    "low": -0.001,
                    "high": 0.011,
                    "chance": 0.952,
                }
            },
            "feasible": 0.97,
            "reasons": [
                "Lower blend_alpha from 0.21 to 0.12: what is popular explains less of"
                " what power_users chose.",
                "Expected ndcg@10: 0.2360 ± 0.0059.",
            ],
        }
    ],
    "importance": [{"parameter": "blend_alpha", "share": 0.62, "best": 0.15}],
    "notes": ["Gaussian process, Matérn 5/2; chosen by expected improvement."],
}


class SuggestView(TenantView):
    scopes = {"POST": Scope.CONFIGURE}

    @documented(
        summary="Suggest what to try next",
        request=SuggestionsAsked,
        answer=RunAnswer,
        example_request={"count": 5},
        example_answer=EXAMPLE_RUN | {"kind": "suggestions", "state": "queued"},
        status=202,
        errors=(404,),
        idempotent=True,
    )
    def post(self, request: Request, sweep_id: UUID) -> Response:
        """Start the Run that learns from the trials of a sweep.

        It learns too from the trials of other sweeps that saw the same data and changed
        the same knobs. The suggestions are its result, and `…/suggestions`; to try them
        start a sweep with their `values` as `first` in its specification.
        """
        body, self.warnings = decode(request, SuggestionsAsked)
        sweep = visible_sweep(self, sweep_id)
        run = start_suggestions(
            sweep.namespace,
            sweep=sweep,
            count=body.count,
            seed=body.seed,
            at=self.at,
            requested_by=self.caller.name,
        )
        return self.answer(run_answer(run), status=202)


class SuggestionsView(TenantView):
    @documented(
        summary="What was suggested to try next",
        answer=SuggestionsOut,
        example_answer=EXAMPLE_SUGGESTIONS,
        errors=(404,),
    )
    def get(self, request: Request, sweep_id: UUID) -> Response:
        """Tell the newest suggestions; none yet while their Run waits or works."""
        sweep = visible_sweep(self, sweep_id)
        run = newest_suggestions(sweep)
        if run is None:
            raise ApiError(
                "nothing_suggested",
                f"Nothing was suggested for this sweep yet: POST to"
                f" /v1/admin/sweeps/{sweep.pk}:suggest.",
                status=404,
            )
        told = run.result
        return self.answer(
            SuggestionsOut(
                sweep_id=sweep.pk,
                run_id=run.pk,
                state=run.state,
                objectives=told.get("objectives", []),
                samples_used=told.get("samples_used", 0),
                trials_since=trials_since(run, sweep),
                best=told.get("best", {}),
                suggestions=[
                    SuggestionOut(**each) for each in told.get("suggestions", [])
                ],
                importance=told.get("importance", []),
                notes=told.get("notes", []),
            )
        )


urlpatterns: list[URLPattern] = [
    path(
        "v1/admin/sweeps/<uuid:sweep_id>:suggest",
        SuggestView.as_view(),
        name="sweep-suggest",
    ),
    path(
        "v1/admin/sweeps/<uuid:sweep_id>/suggestions",
        SuggestionsView.as_view(),
        name="sweep-suggestions",
    ),
]
