"""How well lists meet what users then chose: each measure a small function.

All take the same three arrays, one row a user. Row u of ``gains`` holds the relevance
of the item in each place of the list of user u, 0 for an item that is not relevant and
for an empty place; ``ideal`` the relevances of all relevant items, largest first,
padded with 0; ``n_relevant`` how many those are, at least 1. `@k` is what the name
says: places after the k-th do not count.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

type F64 = NDArray[np.float64]
type I64 = NDArray[np.int64]

MOST_RELEVANCE = 5.0
"""Above it more events on one item add nothing: 2^5 is a lot beside 2^1 already."""


def ndcg(gains: F64, ideal: F64, *, k: int) -> F64:
    """Return the normalised discounted cumulative gain. Shape (u,), in [0, 1].

    ``DCG@k = Σ_{r≤k} (2^rel_r - 1) / log2(r + 1)``, divided by that of the best list
    there could be (Burges et al., "Learning to rank using gradient descent", ICML
    2005; Järvelin and Kekäläinen, TOIS 2002). With relevances of 1 it is the binary
    form.

    Examples
    --------
    >>> gains, ideal = np.array([[1.0, 0.0, 1.0]]), np.array([[1.0, 1.0, 0.0]])
    >>> ndcg(gains, ideal, k=3).round(4).tolist()
    [0.9197]
    """
    best = dcg(ideal, k=k)
    return np.divide(dcg(gains, k=k), best, out=np.zeros(len(best)), where=best > 0)


def dcg(gains: F64, *, k: int) -> F64:
    """Return the discounted cumulative gain, as :func:`ndcg` defines it. Shape (u,)."""
    shown = np.minimum(gains[:, :k], MOST_RELEVANCE)
    discounts = 1.0 / np.log2(np.arange(2, shown.shape[1] + 2))
    found: F64 = (np.exp2(shown) - 1.0) @ discounts
    return found


def mrr(gains: F64, *, k: int) -> F64:
    """Return the reciprocal rank of the first relevant item, 0 without one.

    ``1 / r`` (Voorhees, TREC-8 question answering track, 1999). Shape (u,).

    >>> mrr(np.array([[0.0, 1.0, 1.0], [0.0, 0.0, 1.0]]), k=2).tolist()
    [0.5, 0.0]
    """
    hits = gains[:, :k] > 0
    first = hits.argmax(axis=1) + 1
    return np.where(hits.any(axis=1), 1.0 / first, 0.0)


def recall(gains: F64, n_relevant: I64, *, k: int) -> F64:
    """Return the share of the relevant items that the list holds. Shape (u,).

    ``hits@k / relevant``. Who has more than k relevant items cannot reach 1.

    >>> recall(np.array([[1.0, 0.0, 1.0]]), np.array([2]), k=2).tolist()
    [0.5]
    """
    share: F64 = _hits(gains, k=k) / n_relevant
    return share


def precision(gains: F64, *, k: int) -> F64:
    """Return the share of the k places that hold a relevant item. Shape (u,).

    ``hits@k / k``; an empty place is a miss.

    >>> precision(np.array([[1.0, 0.0, 1.0]]), k=2).tolist()
    [0.5]
    """
    share: F64 = _hits(gains, k=k) / k
    return share


def average_precision(gains: F64, n_relevant: I64, *, k: int) -> F64:
    """Return the average precision, whose mean over users is MAP@k. Shape (u,).

    ``Σ_{r≤k} precision@r [rel_r > 0] / min(k, relevant)`` (Manning, Raghavan and
    Schütze, Introduction to Information Retrieval, 2008, 8.4, cut at k).

    >>> average_precision(np.array([[1.0, 0.0, 1.0]]), np.array([2]), k=3).round(4)
    array([0.8333])
    """
    hits = gains[:, :k] > 0
    precisions = hits.cumsum(axis=1) / np.arange(1, hits.shape[1] + 1)
    found: F64 = (precisions * hits).sum(axis=1) / np.minimum(n_relevant, k)
    return found


def hit_rate(gains: F64, *, k: int) -> F64:
    """Return 1 for who finds anything relevant in the list, else 0. Shape (u,).

    >>> hit_rate(np.array([[0.0, 1.0], [0.0, 0.0]]), k=2).tolist()
    [1.0, 0.0]
    """
    return np.minimum(_hits(gains, k=k), 1.0)


def auc(scores: NDArray[np.floating[Any]], relevant: I64) -> float:
    """Return the chance that a relevant item stands above another one.

    ``P(score of a relevant > score of another) + P(equal) / 2``: the area under the
    ROC curve by the Mann-Whitney statistic (Hanley and McNeil, Radiology 143, 1982).
    It looks at the whole order, not at the top that people see.

    Parameters
    ----------
    scores : array of shape (n,)
        Of all items that could be recommended to the user.
    relevant : array of shape (r,)
        Which of them are relevant.

    Returns
    -------
    auc : float
        NaN when all or none are relevant.

    Examples
    --------
    >>> auc(np.array([0.9, 0.5, 0.5, 0.1]), np.array([0, 2]))
    0.875
    """
    return auc_of(scores, scores[relevant])


def auc_of(
    scores: NDArray[np.floating[Any]],
    wanted: NDArray[np.floating[Any]],
    *,
    n_closed: int = 0,
) -> float:
    """Return what :func:`auc` does, where some items may not be recommended.

    The pairs of two relevant items make ``wanted²`` halves among themselves, and every
    relevant item stands above what is closed: both are taken off what was counted.

    Parameters
    ----------
    scores : array of shape (n,)
        Of all items, minus infinity for those that may not be recommended.
    wanted : array of shape (r,)
        Those of the relevant items among the others.
    n_closed : int
        How many scores are minus infinity.

    Examples
    --------
    >>> scores = np.array([0.5, -np.inf, 0.1, 0.9, 0.5])
    >>> auc_of(scores, np.array([0.9, 0.5]), n_closed=1)
    0.875
    """
    r = len(wanted)
    n_others = len(scores) - n_closed - r
    if not r or n_others <= 0:
        return float("nan")
    halves = _halves_below(scores, wanted) - 2 * n_closed * r - r * r
    return halves / (2.0 * r * n_others)


def _halves_below(
    scores: NDArray[np.floating[Any]], wanted: NDArray[np.floating[Any]]
) -> int:
    """Return two for each score below a wanted one and one for each equal, in all."""
    if len(wanted) <= _FEW:
        marks = wanted[:, np.newaxis]
        return int(np.count_nonzero(scores < marks) + np.count_nonzero(scores <= marks))
    ordered, marks = np.sort(scores), np.sort(wanted)
    below = ordered.searchsorted(marks, side="left")
    return int(below.sum() + ordered.searchsorted(marks, side="right").sum())


_FEW = 32
"""To compare every score with so many is faster than to sort them."""


def _hits(gains: F64, *, k: int) -> F64:
    found: F64 = (gains[:, :k] > 0).sum(axis=1).astype(np.float64)
    return found
