"""What stored evaluations measured of single users."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from catalog.models import Namespace
from catalog.tenancy import org_scope
from simulations.core.evaluation import SYSTEM, EvaluationSpec
from simulations.core.measuring import Columns
from simulations.core.reporting import Table
from simulations.core.specs import measured_differently
from simulations.models import Evaluation

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
    for name in measured_differently(theirs, spec):
        raise CannotCompareError(
            f"Evaluation {key} has another {name}: compare what was measured alike."
        )
    stored = system_rows(evaluation)
    name = f"evaluation:{evaluation.name or evaluation.pk}"
    places = places_of(
        stored, [folds[fold] for fold in table.folds.tolist()], table.users.tolist()
    )
    columns: Columns = {}
    for metric in table.models[SYSTEM]:
        if metric in stored.column_names:
            values = stored[metric].to_numpy().astype(np.float64)
            columns[metric] = np.where(places >= 0, values[places], np.nan)
    return name, columns


def system_rows(evaluation: Evaluation) -> pa.Table:
    """Return what each user of each fold got of what was evaluated.

    Raises
    ------
    CannotCompareError
        If its file is gone.
    """
    file = per_user_path(evaluation)
    if not file.exists():
        raise CannotCompareError(
            f"Evaluation {evaluation.pk} cannot be compared. {FILE_GONE}"
        )
    return pq.read_table(file, filters=[("model", "=", SYSTEM)])


def places_of(
    stored: pa.Table, folds: Sequence[str], users: Sequence[int]
) -> NDArray[np.int64]:
    """Return in which row of a stored table each user of a fold is, -1 for in none."""
    known = zip(
        stored["fold"].to_pylist(), stored["user_number"].to_pylist(), strict=True
    )
    at = {key: place for place, key in enumerate(known)}
    wanted = zip(folds, users, strict=True)
    return np.array([at.get(key, -1) for key in wanted], dtype=np.int64)
