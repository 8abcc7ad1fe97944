"""Ask for an evaluation of a namespace."""

from __future__ import annotations

from datetime import datetime

import msgspec

from catalog.models import Namespace, Run
from catalog.operations.runs import start_run
from simulations.core.evaluation import EvaluationSpec

KIND = "evaluation"
QUEUE = "tuning"


def start_evaluation(
    namespace: Namespace,
    spec: EvaluationSpec,
    *,
    at: datetime,
    requested_by: str,
    announce: bool = True,
) -> Run:
    """Start a Run that evaluates a namespace. Called inside the org's scope."""
    return start_run(
        namespace,
        kind=KIND,
        at=at,
        parameters={"spec": msgspec.to_builtins(spec)},
        requested_by=requested_by,
        queue=QUEUE,
        announce=announce,
    )
