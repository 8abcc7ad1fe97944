"""Bodies of the calls about evaluations, with their examples."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from catalog.api.bodies import ListBody
from simulations.core.evaluation import EvaluationSpec, Report
from simulations.models import Evaluation
from simulations.queries.evaluations import report_of


class EvaluationAsked(msgspec.Struct, kw_only=True):
    """What to evaluate, and how."""

    namespace: str
    spec: Annotated[
        EvaluationSpec, Meta(description="What is left out is as in the defaults.")
    ] = EvaluationSpec()


class EvaluationRow(msgspec.Struct, kw_only=True):
    """An evaluation in a list."""

    evaluation_id: UUID
    name: str
    headline: Annotated[str, Meta(description="The verdict in one sentence.")]
    users: int
    engine_version: int
    requested_by: str
    duration_seconds: float
    created_at: datetime


class EvaluationOut(EvaluationRow, kw_only=True):
    """An evaluation with its report."""

    spec: dict[str, Any]
    report: Annotated[
        Report,
        Meta(description="Every figure is null where it could not be computed."),
    ]


class EvaluationList(ListBody, kw_only=True):
    """Evaluations, the newest first."""

    items: list[EvaluationRow]


def row_out(evaluation: Evaluation) -> EvaluationRow:
    return EvaluationRow(**_facts(evaluation))


def evaluation_out(evaluation: Evaluation) -> EvaluationOut:
    return EvaluationOut(
        **_facts(evaluation), spec=evaluation.spec, report=report_of(evaluation)
    )


def _facts(evaluation: Evaluation) -> dict[str, Any]:
    names = set(EvaluationRow.__struct_fields__) - {"evaluation_id"}
    known = {name: getattr(evaluation, name) for name in names}
    return {"evaluation_id": evaluation.pk, **known}


EXAMPLE_ASKED = {
    "namespace": "shop",
    "spec": {
        "name": "before the spring profile",
        "task": "served",
        "split": {"quantile": 0.75, "folds": 3},
    },
}
EXAMPLE_ROW = {
    "evaluation_id": "0198c0de-0000-7000-8000-000000000005",
    "name": "before the spring profile",
    "headline": "Better than every baseline. NDCG@10 0.3870 on 1,663 users: +0.0298"
    " [+0.0221, +0.0370] against own purchases, the best baseline.",
    "users": 1663,
    "engine_version": 5,
    "requested_by": "ellie",
    "duration_seconds": 18.4,
    "created_at": "2026-03-01T12:00:00Z",
}
_FIGURE = {"value": 0.387, "low": 0.373, "high": 0.4, "n": 1663}
_GAP = {"value": 0.0298, "low": 0.0221, "high": 0.037, "n": 1663}
EXAMPLE_EVALUATION = EXAMPLE_ROW | {
    "spec": {"task": "served"},
    "report": {
        "headline": EXAMPLE_ROW["headline"],
        "task": "served",
        "k": 20,
        "split": {"kind": "time", "quantile": 0.75},
        "models": {"system": {"ndcg@10": _FIGURE}},
        "lifts": [
            {
                "metric": "ndcg@10",
                "baseline": "own_purchases",
                "difference": _GAP,
                "relative": {"value": 0.083, "low": 0.06, "high": 0.11, "n": 1663},
            }
        ],
        "slices": [],
        "folds": [],
        "counts": {"users": 1663},
        "notes": ["Traits of users are those of today."],
        "seconds": {"signals": 7.1},
    },
}
