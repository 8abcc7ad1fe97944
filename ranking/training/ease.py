"""EASE-R: item weights from one matrix inversion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import spotrf, spotri
from scipy.sparse import csc_matrix, csr_matrix
from threadpoolctl import threadpool_limits

from .matrix import Interactions

_BLOCK = 512
_LEAST = np.nextafter(np.float32(0.0), np.float32(1.0))
_ALL_BITS = np.uint32(0xFFFFFFFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemWeights:
    """Weights from a history item to others, by item and then strongest first."""

    items: NDArray[np.int64]
    others: NDArray[np.int64]
    weights: NDArray[np.float32]
    penalty: float
    """The λ that was used."""


class NotPositiveDefiniteError(ArithmeticError):
    """The penalty is too small for the matrix to be inverted in float32."""


def train_ease(
    interactions: Interactions,
    *,
    most_items: int,
    penalty: float,
    weights_per_item: int,
) -> ItemWeights:
    """Solve EASE-R on the items with most users and keep the best weights of each.

    With ``P = (XᵀX + λ I)⁻¹`` the weight from item i to item j is
    ``-P_ij / P_jj``, 0 for i = j (Steck, "Embarrassingly shallow autoencoders for
    sparse data", WWW 2019). λ is `penalty` times the mean of the diagonal of XᵀX, so
    that one setting fits shops of any size.

    Parameters
    ----------
    interactions : Interactions
    most_items : int
        Items of the problem; ties at the border go to the lower number.
    penalty : float
        Above 0. Figures of 5 to 15 do well.
    weights_per_item : int
        How many positive weights are kept for each history item.

    Returns
    -------
    weights : ItemWeights
        Above 0 only.

    Raises
    ------
    NotPositiveDefiniteError

    Notes
    -----
    O(n³) time and 8 n² bytes: about ten seconds and 0.5 GB for 8,000 items.
    """
    solved = solve_ease(interactions, most_items=most_items, penalty=penalty)
    return strongest_weights(solved, weights_per_item=weights_per_item)


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """An EASE-R problem that was solved, before weights are cut."""

    items: NDArray[np.int64]
    """Shape (m,). Items of the problem, ascending."""

    inverse: NDArray[np.float32]
    """Shape (m, m). ``(XᵀX + λ I)⁻¹``."""

    penalty: float
    """λ."""

    def weights(self) -> NDArray[np.float32]:
        """Return all weights, of either sign, row i from history item i."""
        dense: NDArray[np.float32] = self.inverse * (-1.0 / self.inverse.diagonal())
        np.fill_diagonal(dense, 0.0)
        return dense


def strongest_weights(solved: Solved, *, weights_per_item: int) -> ItemWeights:
    """Keep the best positive weights of each history item."""
    sources, targets, weights = _best_weights(solved.inverse, most=weights_per_item)
    return ItemWeights(
        items=solved.items[sources],
        others=solved.items[targets],
        weights=weights,
        penalty=solved.penalty,
    )


def solve_ease(
    interactions: Interactions, *, most_items: int, penalty: float
) -> Solved:
    """Solve what :func:`train_ease` describes."""
    columns = _most_used(interactions.strengths, most=most_items)
    inverse, penalised = _solve(interactions, columns, penalty=penalty)
    items = interactions.items[columns]
    return Solved(items=items, inverse=inverse, penalty=penalised)


def _solve(
    interactions: Interactions, columns: NDArray[np.intp], *, penalty: float
) -> tuple[NDArray[np.float32], float]:
    """Return the inverse of the penalised gram matrix, and the λ that was added."""
    chosen = csc_matrix(interactions.strengths)[:, columns]
    matrix = _gram(chosen)
    penalised = penalty * max(float(matrix.diagonal().mean()), 1e-3)
    matrix[np.diag_indices_from(matrix)] += np.float32(penalised)
    # A small matrix is inverted before a second thread is awake.
    with threadpool_limits(1 if len(matrix) <= _BLOCK else None, user_api="blas"):
        return _inverse(matrix), penalised


def _most_used(strengths: csr_matrix, *, most: int) -> NDArray[np.intp]:
    users = np.bincount(strengths.indices, minlength=strengths.shape[1])
    return np.sort(np.argsort(-users, kind="stable")[:most])


def _gram(chosen: csc_matrix) -> NDArray[np.float32]:
    """Return the lower triangle of XᵀX as a dense matrix; what stands above is void.

    Block by block: sparse it would be larger.
    """
    n = chosen.shape[1]
    dense = np.empty((n, n), dtype=np.float32, order="F")
    transposed = chosen.T.tocsr()
    for start in range(0, n, _BLOCK):
        block = chosen[:, start : start + _BLOCK]
        dense[start:, start : start + _BLOCK] = (transposed[start:] @ block).toarray()
    return dense


def _inverse(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """Invert in place by Cholesky; both triangles of the result are filled."""
    factor, trouble = spotrf(matrix, lower=True, overwrite_a=True)
    if trouble:
        raise NotPositiveDefiniteError(f"Pivot {trouble} of XᵀX + λI is not positive.")
    inverse, trouble = spotri(factor, lower=True, overwrite_c=True)
    if trouble:
        raise NotPositiveDefiniteError(f"Row {trouble} of XᵀX + λI has no inverse.")
    filled: NDArray[np.float32] = inverse
    for start in range(0, len(filled), _BLOCK):
        end = min(start + _BLOCK, len(filled))
        filled[start:end, end:] = filled[end:, start:end].T
        corner = filled[start:end, start:end]
        filled[start:end, start:end] = np.tril(corner) + np.tril(corner, -1).T
    return filled


def _best_weights(
    inverse: NDArray[np.float32], *, most: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    n = len(inverse)
    scale = -1.0 / inverse.diagonal()
    sources, targets, weights = [], [], []
    for start in range(0, n, _BLOCK):
        # Row by row in memory: what follows goes along rows.
        rows = np.multiply(inverse[start : start + _BLOCK], scale, order="C")
        within = np.arange(len(rows))
        rows[within, start + within] = 0.0
        row, column, values = strongest_of_rows(rows, most=min(most, n))
        sources.append(row + start)
        targets.append(column)
        weights.append(values)
    return np.concatenate(sources), np.concatenate(targets), np.concatenate(weights)


def strongest_of_rows(
    rows: NDArray[np.float32], *, most: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """Return the largest values above 0 of each row, strongest first.

    Parameters
    ----------
    rows : array of shape (m, n)
    most : int
        At most so many of a row, in [1, n]; of equal ones the first columns.

    Returns
    -------
    row, column : arrays of shape (k,)
    values : array of shape (k,)

    Examples
    --------
    >>> row, column, _ = strongest_of_rows(
    ...     np.array([[0.5, 0.7, 0.5, -1.0]], dtype=np.float32), most=2
    ... )
    >>> column.tolist()
    [1, 0]
    """
    # Sorting whole rows would take ten times as long.
    border = np.maximum(np.partition(rows, -most, axis=1)[:, -most], _LEAST)
    row, column = np.nonzero(rows >= border[:, np.newaxis])
    values = rows[row, column]
    # Columns ascend within a row already, and equal values stay in that order.
    order = np.argsort(_descending(row, values), kind="stable")
    row, column, values = row[order], column[order], values[order]
    first = np.searchsorted(row, np.arange(len(rows)))
    kept = np.arange(len(row)) - first[row] < most
    return row[kept], column[kept], values[kept]


def _descending(
    row: NDArray[np.intp], values: NDArray[np.float32]
) -> NDArray[np.uint64]:
    """Return numbers that ascend by row, then from the largest value to the least.

    Floats above 0 order as their bits do, and one key sorts faster than two.
    """
    keys: NDArray[np.uint64] = row.astype(np.uint64) << np.uint64(32)
    keys |= _ALL_BITS - values.view(np.uint32)
    return keys
