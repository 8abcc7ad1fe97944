"""What everybody would do: the recommenders that ours has to beat.

Each turns what users did before the split into a score of every item for every user;
:func:`close` and :func:`best` turn scores into lists, with the exclusions of ours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix, diags

type F32 = NDArray[np.float32]
type F64 = NDArray[np.float64]
type I64 = NDArray[np.int64]
type Flags = NDArray[np.bool_]

NAMES = ("popularity", "own_purchases", "item_knn", "ials", "ease")
NEIGHBOURS = 200

IN_WORDS = {
    "popularity": "what most users had before the split",
    "own_purchases": "own earlier items, most frequent first, then popularity",
    "item_knn": "cosine neighbours of the user's items",
    "ials": "matrix factorisation of implicit feedback",
    "ease": "EASE, a linear item-to-item model",
}


def popularity(known: csr_matrix) -> F32:
    """Return how many users had each item. Shape (n,).

    Parameters
    ----------
    known : matrix of shape (users, n)
        1 where a user had anything to do with an item.
    """
    counts: F32 = np.asarray(known.sum(axis=0)).ravel().astype(np.float32)
    return counts


def own_purchases(amounts: csr_matrix, popular: F32) -> F32:
    """Return the user's own earlier amounts; popularity decides among equals.

    Parameters
    ----------
    amounts : matrix of shape (u, n)
        Sum of the type weights of the user's earlier events on the item.
    popular : array of shape (n,)

    Examples
    --------
    >>> own = csr_matrix(np.array([[0.0, 2.0, 0.0]]))
    >>> order = own_purchases(own, np.array([1, 1, 3], dtype=np.float32)).argsort()
    >>> order[0, ::-1].tolist()
    [1, 2, 0]
    """
    # Small beside the least difference between two amounts.
    tie: F32 = popular * np.float32(1e-3 / max(float(popular.max(initial=0.0)), 1.0))
    own: F32 = amounts.toarray().astype(np.float32)
    own += tie
    return own


def cosine_neighbours(known: csr_matrix, *, most: int = NEIGHBOURS) -> csr_matrix:
    """Return what each item says for others, by cosine of their users. Shape (n, n).

    ``|U_i ∩ U_j| / sqrt(|U_i| |U_j|)`` (Deshpande and Karypis, "Item-based top-N
    recommendation algorithms", TOIS 22, 2004). Column j keeps the `most` nearest of
    item j, so that every item is judged by as many others.
    """
    binary = csc_matrix(known, dtype=np.float32)
    sizes = np.asarray(binary.sum(axis=0)).ravel()
    scale = np.divide(1.0, np.sqrt(sizes), out=np.zeros(len(sizes)), where=sizes > 0)
    scaled = (binary @ diags(scale.astype(np.float32))).tocsc()
    columns, starts = [], [0]
    values: list[F32] = []
    transposed = scaled.T.tocsr()
    for start in range(0, scaled.shape[1], 512):
        block = (transposed[start : start + 512] @ scaled).tocsr()
        for line in range(block.shape[0]):
            span = slice(block.indptr[line], block.indptr[line + 1])
            others, likeness = block.indices[span], block.data[span].copy()
            likeness[others == start + line] = 0.0
            if len(likeness) > most:
                kept = np.argpartition(-likeness, most - 1)[:most]
                others, likeness = others[kept], likeness[kept]
            columns.append(others)
            values.append(likeness)
            starts.append(starts[-1] + len(others))
    n = scaled.shape[1]
    nearest = csr_matrix(
        (np.concatenate(values), np.concatenate(columns), np.array(starts)),
        shape=(n, n),
    )
    return nearest.T.tocsr()


def close(scores: F32, *, excluded: csr_matrix, candidates: Flags) -> None:
    """Write minus infinity where an item may not be recommended.

    Parameters
    ----------
    scores : array of shape (u, n)
        Is written to.
    excluded : matrix of shape (u, n)
        What may not be recommended to whom.
    candidates : array of shape (n,)
        What may be recommended at all.
    """
    scores[:, ~candidates] = -np.inf
    users, items = excluded.nonzero()
    scores[users, items] = -np.inf


def best(scores: F32, *, k: int) -> I64:
    """Return the k best items of each user, -1 where there are no more.

    Parameters
    ----------
    scores : array of shape (u, n)
        Equal scores go to the lower row, minus infinity to no list.
    k : int

    Returns
    -------
    lists : array of shape (u, k)
    """
    width = min(k, scores.shape[1])
    least = np.finfo(scores.dtype).min
    # Among equals the lower row first: the k-th score and all above it are looked at.
    border = np.maximum(np.partition(scores, -width, axis=1)[:, -width], least)
    lists = np.full((len(scores), k), -1, dtype=np.int64)
    for line, (row, limit) in enumerate(zip(scores, border, strict=True)):
        rows = (row >= limit).nonzero()[0]
        rows = rows[np.argsort(-row[rows], kind="stable")][:width]
        lists[line, : len(rows)] = rows
    return lists
