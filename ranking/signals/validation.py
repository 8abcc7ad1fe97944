"""Refuse a snapshot that would serve nonsense, before it can."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranking.core.columns import Sparse
from ranking.core.snapshot import Snapshot
from ranking.core.vectors import Vectors


class InvalidSignalsError(ValueError):
    """A build came to columns that cannot be served. The message says which and why."""


def validate(snapshot: Snapshot, *, items: int, had_events: bool) -> None:
    """Check counts, ranges, dimensions and numbers; raise `InvalidSignalsError`."""
    faults = [
        *_item_faults(snapshot, items=items),
        *_popularity_faults(snapshot, had_events=had_events),
        *_trend_faults(snapshot),
        *_list_faults(snapshot),
        *_vector_faults("factors", snapshot.factors, n=items),
        *_vector_faults("content", snapshot.content, n=items),
    ]
    if faults:
        raise InvalidSignalsError("; ".join(faults))


def _item_faults(snapshot: Snapshot, *, items: int) -> Iterator[str]:
    if len(snapshot) != items:
        yield f"{len(snapshot)} rows for {items} items"
    if np.any(np.diff(snapshot.numbers) <= 0):
        yield "item numbers do not ascend"
    for name in ("id_rank", "id_order", "popularity_order"):
        if not _is_permutation(getattr(snapshot, name), n=items):
            yield f"{name} does not name every row once"
    if snapshot.price.size and np.nanmin(snapshot.price, initial=0.0) < 0:
        yield "a price is negative"


def _popularity_faults(snapshot: Snapshot, *, had_events: bool) -> Iterator[str]:
    popularity = snapshot.popularity
    if not np.isfinite(popularity).all() or np.any(popularity < 0):
        yield "popularity holds NaN, an infinity or a negative score"
    elif had_events and len(snapshot) and not popularity.any():
        yield "there are events, and yet no item is popular"


def _trend_faults(snapshot: Snapshot) -> Iterator[str]:
    trend = snapshot.trend
    # A build of an earlier version has none.
    if len(trend) not in (0, len(snapshot)):
        yield f"trend: {len(trend)} shares for {len(snapshot)} items"
    elif not ((trend >= 0) & (trend <= 1)).all():
        yield "trend holds NaN or what is no share"


def _list_faults(snapshot: Snapshot) -> Iterator[str]:
    n, users = len(snapshot), len(snapshot.users)
    segments = len(snapshot.segment_names)
    lengths = {
        "covisitation": n,
        "session": n,
        "ease": n,
        "segment_popularity": segments,
        "repeat": users,
        "bought": users,
    }
    for name, length in lengths.items():
        fault = _sparse_fault(getattr(snapshot, name), length=length, n=n)
        if fault:
            yield f"{name}: {fault}"


def _sparse_fault(lists: Sparse, *, length: int, n: int) -> str:
    # A signal that was not built has none.
    if len(lists) not in (0, length):
        return f"{len(lists)} lists instead of {length}"
    if np.any(np.diff(lists.starts) < 0) or lists.starts[-1] != len(lists.rows):
        return "its lists overlap"
    if lists.rows.size and (lists.rows.min() < 0 or lists.rows.max() >= n):
        return "it names rows that do not exist"
    if not np.isfinite(lists.values).all() or np.any(lists.values <= 0):
        return "a value is not above 0"
    return ""


def _vector_faults(name: str, vectors: Vectors, *, n: int) -> Iterator[str]:
    if len(vectors) not in (0, n):
        yield f"{name}: {len(vectors)} vectors for {n} items"
    if not _is_finite(vectors.matrix):
        yield f"{name} holds NaN or an infinity"
    if vectors.has_lists and not _is_permutation(vectors.rows, n=n):
        yield f"{name}: its lists do not hold every item once"


def _is_finite(matrix: NDArray[Any]) -> bool:
    # Block by block: the flags of a whole matrix would be a fourth of it again.
    step = 65_536
    return all(
        bool(np.isfinite(matrix[start : start + step]).all())
        for start in range(0, len(matrix), step)
    )


def _is_permutation(rows: NDArray[np.int32], *, n: int) -> bool:
    if len(rows) != n:
        return False
    seen = np.zeros(n, dtype=bool)
    in_range = (rows >= 0) & (rows < n)
    seen[rows[in_range]] = True
    return bool(seen.all())
