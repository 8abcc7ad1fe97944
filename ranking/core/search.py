"""Find the vectors that point most in a direction."""

from __future__ import annotations

import numpy as np

from .columns import F32, F64, Rows
from .vectors import Vectors


def products(vectors: Vectors, queries: F32, *, scan: int) -> tuple[Rows | None, F32]:
    """Return inner products of queries with all vectors, or with the near ones.

    Parameters
    ----------
    vectors : Vectors
    queries : array of shape (q, d)
    scan : int
        At least so many vectors are compared where there are lists; the lists
        are taken by the best product of their centroid with any query.

    Returns
    -------
    rows : array of shape (m,), or None
        Item rows compared; None when it is all of them, in order.
    scores : array of shape (q, m)
        Exact for quantised vectors, else good to about 6 digits; then whoever
        cuts by them should cut generously.
    """
    if not vectors.has_lists:
        return None, queries @ vectors.matrix.T.astype(np.float32, copy=False)
    lists = nearest_lists(vectors, queries, scan=scan)
    starts, ends = vectors.list_starts[lists], vectors.list_starts[lists + 1]
    pieces = list(zip(starts.tolist(), ends.tolist(), strict=True))
    rows = np.concatenate([vectors.rows[start:end] for start, end in pieces])
    scores = np.concatenate(
        [
            queries @ vectors.matrix[start:end].T.astype(np.float32, copy=False)
            for start, end in pieces
        ],
        axis=1,
    )
    return rows.astype(np.int64), scores


def nearest_lists(vectors: Vectors, queries: F32, *, scan: int) -> Rows:
    """Return the lists to look through, ascending, so that ``scan`` vectors are."""
    best = (queries @ vectors.centroids.T).max(axis=0)
    order = np.lexsort((np.arange(len(best)), -best))
    sizes = np.diff(vectors.list_starts)[order]
    enough = int(np.searchsorted(np.cumsum(sizes), scan)) + 1
    return np.sort(order[:enough])


def fold_in(factors: F64, strengths: F64, *, gram: F64, alpha: float) -> F64:
    """Return the factor of a user from the items of its history (iALS).

    Solves ``(Y'Y + λI + Σ alpha w yy') x = Σ (1 + alpha w) y`` over the
    history's items, which is one half step of the training; so a user whom
    the model never met is served like one it knows.

    Parameters
    ----------
    factors : array of shape (r, d)
        Factors of the history's items.
    strengths : array of shape (r,)
        Weights ``w`` of the interactions, above 0.
    gram : array of shape (d, d)
        ``Y'Y + λI``.
    alpha : float

    Returns
    -------
    factor : array of shape (d,)

    Examples
    --------
    >>> fold_in(np.array([[1.0]]), np.array([1.0]), gram=np.array([[2.0]]), alpha=2.0)
    array([0.75])
    """
    left = gram + (factors.T * (alpha * strengths)) @ factors
    right = (1.0 + alpha * strengths) @ factors
    return np.linalg.solve(left, right)
