"""What each user got, as a table to be kept and sliced later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .folds import FoldResult


def per_user_table(results: Sequence[FoldResult]) -> pa.Table:
    """Return one row for each user, fold and model."""
    return pa.concat_tables(
        [_user_rows(result, name) for result in results for name in result.columns]
    )


def _user_rows(result: FoldResult, name: str) -> pa.Table:
    n = len(result.held)
    columns: dict[str, Any] = {
        "fold": [result.fold.name] * n,
        "user_number": result.held.users,
        "segment": result.segments,
        "category": result.categories,
        "surface": result.surfaces,
        "history_events": result.held.events_before,
        "model": [name] * n,
        "list": _item_lists(result.lists[name], result.numbers),
        "n_relevant": result.judged.n_relevant,
        **result.columns[name],
    }
    return pa.table(columns)


def _item_lists(lists: NDArray[np.int64], numbers: NDArray[np.int64]) -> pa.Array:
    shown = lists >= 0
    starts = np.concatenate(([0], shown.sum(axis=1).cumsum()))
    return pa.ListArray.from_arrays(
        pa.array(starts, pa.int32()), pa.array(numbers[lists[shown]], pa.int64())
    )
