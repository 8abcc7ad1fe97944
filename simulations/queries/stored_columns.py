"""What stored evaluations measured of single users."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import pyarrow.parquet as pq

from catalog.models import Namespace
from catalog.tenancy import org_scope
from simulations.core.evaluation import SYSTEM, EvaluationSpec
from simulations.core.measuring import Columns
from simulations.core.reporting import Table

from .evaluations import FILE_GONE, find_evaluation, per_user_path


class CannotCompareError(ValueError):
    """A stored evaluation is no measure for another."""


def stored_columns(
    namespace: Namespace,
    key: str,
    *,
    spec: EvaluationSpec,
    table: Table,
    folds: list[str],
) -> tuple[str, Columns]:
    """Return what a stored evaluation measured, on the same users of the same folds.

    Rows that it does not have are NaN, so that pairs are formed of common ones only.

    Raises
    ------
    CannotCompareError
        If it is gone, or measured something else.
    """
    with org_scope(namespace.org_id):
        evaluation = find_evaluation(namespace, key)
    if evaluation is None:
        raise CannotCompareError(f"There is no evaluation {key} in {namespace.name}.")
    theirs = msgspec.convert(evaluation.spec, EvaluationSpec)
    for name in ("split", "task", "relevance", "k", "ks"):
        if getattr(theirs, name) != getattr(spec, name):
            raise CannotCompareError(
                f"Evaluation {key} has another {name}: compare what was measured alike."
            )
    file = per_user_path(evaluation)
    if not file.exists():
        raise CannotCompareError(f"Evaluation {key} cannot be compared. {FILE_GONE}")
    stored = pq.read_table(file, filters=[("model", "=", SYSTEM)])
    name = f"evaluation:{evaluation.name or evaluation.pk}"
    theirs_of = (stored["fold"].to_pylist(), stored["user_number"].to_pylist())
    ours = zip(table.folds.tolist(), table.users.tolist(), strict=True)
    places = _places(
        list(zip(*theirs_of, strict=True)),
        [(folds[fold], user) for fold, user in ours],
    )
    columns: Columns = {}
    for metric in table.models[SYSTEM]:
        if metric in stored.column_names:
            values = stored[metric].to_numpy().astype(np.float64)
            columns[metric] = np.where(places >= 0, values[places], np.nan)
    return name, columns


def _places(
    known: Sequence[tuple[str, int]], wanted: Sequence[tuple[str, int]]
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    at = {key: place for place, key in enumerate(known)}
    return np.array([at.get(key, -1) for key in wanted], dtype=np.int64)
