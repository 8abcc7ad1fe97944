"""Find the vectors that point most in a direction."""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from scipy.linalg import lapack

from .columns import F32, F64, Rows
from .vectors import Vectors


class Scan(Struct, frozen=True):
    """Inner products of a few queries with many vectors.

    Exact if vectors and queries are quantised.
    """

    vectors: Vectors
    queries: F32
    """Shape (q, d)."""

    rows: Rows | None
    """Shape (m,). Item rows that were compared; None for all, in order."""

    products: F32
    """Shape (q, m)."""

    def at(self, rows: Rows) -> F32:
        """Return the products with some items' vectors, 0 for newer items.

        Parameters
        ----------
        rows : array of shape (p,)
            Item rows, whether or not they were compared.

        Returns
        -------
        products : array of shape (q, p)
        """
        if self.rows is not None:
            return self.vectors.multiplied_at(rows, self.queries)
        known = rows < self.products.shape[1]
        if np.count_nonzero(known) == len(rows):
            return self.products.take(rows, axis=1)
        found = np.zeros((len(self.queries), len(rows)), dtype=np.float32)
        found[:, known] = self.products[:, rows[known]]
        return found


def scan(vectors: Vectors, queries: F32, *, least: int) -> Scan:
    """Compare queries with all vectors or, where there are lists, the near ones.

    Parameters
    ----------
    vectors : Vectors
    queries : array of shape (q, d)
    least : int
        At least so many vectors are compared where there are lists; lists are
        taken by the best product of their centroid with any query.
    """
    if not vectors.has_lists:
        return Scan(vectors, queries, None, vectors.multiplied_all(queries))
    lists = nearest_lists(vectors, queries, least=least)
    starts, ends = vectors.list_starts[lists], vectors.list_starts[lists + 1]
    pieces = list(map(slice, starts.tolist(), ends.tolist()))
    rows = np.concatenate([vectors.rows[piece] for piece in pieces])
    return Scan(
        vectors, queries, rows.astype(np.int64), vectors.multiplied(pieces, queries)
    )


def nearest_lists(vectors: Vectors, queries: F32, *, least: int) -> Rows:
    """Return the lists to look through, ascending, so that enough vectors are."""
    best = (queries @ vectors.centroids.T).max(axis=0)
    order = np.lexsort((np.arange(len(best)), -best))
    sizes = np.diff(vectors.list_starts)[order]
    enough = int(np.searchsorted(np.cumsum(sizes), least)) + 1
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
    # The matrix is positive definite. A third of the time of numpy.linalg.solve.
    _, factor, info = lapack.dposv(left, right, overwrite_a=1, overwrite_b=1)
    if info:
        raise ValueError("the gram matrix is not positive definite")
    solved: F64 = factor
    return solved
