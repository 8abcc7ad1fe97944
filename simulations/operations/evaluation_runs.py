"""Evaluations that are kept, and the Runs that make them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.utils import timezone

from catalog.models import Namespace
from catalog.models.runs import new_id
from catalog.operations.runs import (
    LeasedHandle,
    Outcome,
    RunFailedError,
    RunHandle,
    Unattended,
)
from catalog.tenancy import org_scope
from ranking.core.knobs import KnobError
from ranking.core.layers import UnknownProfileError
from ranking.core.pipeline import ENGINE_VERSION
from simulations.core.evaluation import EvaluationSpec, spec_of
from simulations.core.splits import SplitError
from simulations.models import Evaluation
from simulations.queries.stored_columns import CannotCompareError

from .answering import UnknownKnobError
from .evaluating import evaluate
from .fold_users import NothingToEvaluateError

IMPOSSIBLE = (
    SplitError,
    NothingToEvaluateError,
    KnobError,
    UnknownKnobError,
    UnknownProfileError,
    CannotCompareError,
)
"""What keeps an evaluation from being done, each in words that say why."""

_UNATTENDED = Unattended()


def execute_evaluation(handle: LeasedHandle) -> Outcome:
    """Do a Run of kind "evaluation"."""
    parameters: Mapping[str, Any] = handle.parameters
    try:
        evaluation = run_evaluation(
            handle.namespace,
            spec_of(parameters["spec"]),
            requested_by=handle.run.requested_by,
            at=timezone.now(),
            handle=handle,
        )
    except (*IMPOSSIBLE, msgspec.ValidationError) as error:
        raise RunFailedError(in_words(error)) from error
    return Outcome(
        result={
            "evaluation_id": str(evaluation.pk),
            "headline": evaluation.headline,
            "users": evaluation.users,
        },
        url=f"/v1/admin/evaluations/{evaluation.pk}",
    )


def run_evaluation(
    namespace: Namespace,
    spec: EvaluationSpec,
    *,
    requested_by: str,
    at: datetime,
    handle: RunHandle = _UNATTENDED,
) -> Evaluation:
    """Evaluate a namespace and keep what came of it.

    Called outside any transaction. Raises one of `IMPOSSIBLE` when it cannot be done.
    """
    started = time.perf_counter()
    evaluated = evaluate(namespace, spec, at=at, handle=handle)
    seconds = round(time.perf_counter() - started, 3)
    key = new_id()
    file = f"evaluations/{namespace.pk}/{key}.parquet"
    _write(evaluated.per_user, Path(settings.FILES_ROOT) / file)
    with org_scope(namespace.org_id):
        return Evaluation.objects.create(
            id=key,
            org_id=namespace.org_id,
            namespace=namespace,
            name=spec.name,
            spec=msgspec.to_builtins(spec),
            report=msgspec.to_builtins(evaluated.report),
            headline=evaluated.report.headline,
            users=evaluated.users,
            engine_version=ENGINE_VERSION,
            configuration_hash=evaluated.configuration_hash,
            events_fingerprint=evaluated.events_fingerprint,
            per_user_file=file,
            run=handle.run if isinstance(handle, LeasedHandle) else None,
            requested_by=requested_by,
            duration_seconds=seconds,
            created_at=at,
        )


def _write(table: pa.Table, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    pq.write_table(table, draft, compression="zstd")
    draft.replace(path)


def in_words(error: Exception) -> str:
    """Say what kept an evaluation from being done."""
    if isinstance(error, UnknownProfileError):
        return f"There is no profile {error}."
    words = str(error)
    return words if words.endswith((".", "?")) else f"{words}."
