"""What lists show, whether or not it is chosen: variety, newness, fairness.

``lists`` holds row numbers of items, one line a user, -1 for an empty place.
Measures of single lists give one figure a user, NaN for a list too short to tell;
measures of all lists together give one figure.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

type F32 = NDArray[np.float32]
type F64 = NDArray[np.float64]
type I64 = NDArray[np.int64]

_BLOCK = 4_096


def intra_list_similarity(lists: I64, vectors: F32, *, k: int) -> F64:
    """Return the mean cosine similarity of the pairs of a list. Shape (u,).

    ``Σ_{i<j} cos(i, j) / (m (m - 1) / 2)`` over the m items shown (Ziegler, McNee,
    Konstan and Lausen, "Improving recommendation lists through topic
    diversification", WWW 2005). Computed from the sum of the vectors, as
    ``|Σ v|² = Σ |v|² + 2 Σ_{i<j} v_i·v_j``.

    Parameters
    ----------
    lists : array of shape (u, m)
    vectors : array of shape (n, d)
        Unit vectors of all items, or zeros where nothing is known.

    Examples
    --------
    >>> vectors = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    >>> intra_list_similarity(np.array([[0, 1, 2]]), vectors, k=3).round(4).tolist()
    [0.3333]
    """
    found = np.full(len(lists), np.nan)
    for start in range(0, len(lists), _BLOCK):
        block = lists[start : start + _BLOCK, :k]
        shown = block >= 0
        of_items = vectors[np.maximum(block, 0)] * shown[..., np.newaxis]
        together = np.square(of_items.sum(axis=1, dtype=np.float64)).sum(axis=1)
        alone = np.square(of_items).sum(axis=(1, 2), dtype=np.float64)
        m = shown.sum(axis=1)
        pairs = m * (m - 1)
        enough = pairs > 0
        mean = (together - alone)[enough] / pairs[enough]
        found[start : start + _BLOCK][enough] = mean
    return found


def entropy(counts: F64) -> F64:
    """Return the entropy of shares, in bits. Shape (u,).

    ``-Σ p log2 p`` (Shannon, 1948); 0 where all is one.

    Parameters
    ----------
    counts : array of shape (u, c)

    Examples
    --------
    >>> entropy(np.array([[2.0, 1.0, 1.0]])).tolist()
    [1.5]
    """
    totals = np.maximum(counts.sum(axis=1, keepdims=True), 1e-300)
    shares = counts / totals
    logs = np.log2(shares, out=np.zeros_like(shares), where=shares > 0)
    return np.maximum(-(shares * logs).sum(axis=1), 0.0)


def category_entropy(lists: I64, categories: I64, *, k: int) -> F64:
    """Return the entropy of the categories of a list, in bits. Shape (u,).

    Items without a category are left out; NaN where none has one.

    Parameters
    ----------
    lists : array of shape (u, m)
    categories : array of shape (n,)
        Code of each item, -1 for none.

    Examples
    --------
    >>> category_entropy(np.array([[0, 1]]), np.array([5, 7]), k=2).tolist()
    [1.0]
    """
    shown = lists[:, :k]
    codes = np.where(shown >= 0, categories[np.maximum(shown, 0)], -1)
    same = (codes[:, :, np.newaxis] == codes[:, np.newaxis, :]).sum(axis=2)
    known = codes >= 0
    m = known.sum(axis=1)
    # Each item adds -log2(share of its category) / m.
    with np.errstate(divide="ignore", invalid="ignore"):
        bits = np.where(known, np.log2(m[:, np.newaxis] / same), 0.0).sum(axis=1) / m
    return np.where(m > 0, bits, np.nan)


def novelty(lists: I64, interactions: I64, *, k: int) -> F64:
    """Return the mean self-information of the items shown, in bits. Shape (u,).

    ``mean of -log2 p(i)`` with p the item's share of all interactions before the split
    (Zhou et al., "Solving the apparent diversity-accuracy dilemma", PNAS 107, 2010).
    An item without any counts like one with a single interaction.

    Examples
    --------
    >>> lists = np.array([[0, 1], [0, 2]])
    >>> round(float(novelty(lists, np.array([2, 1, 2, 1]), k=2).mean()), 3)
    1.835
    """
    total = max(int(interactions.sum()), 1)
    bits = -np.log2(np.maximum(interactions, 1) / total)
    return _mean_over_shown(lists[:, :k], bits)


def serendipity(gains: F64, lists: I64, expected: I64, *, k: int) -> F64:
    """Return the share of places with a relevant item nobody had to be told of.

    Relevant, and not in the list of the most popular items that the same user would
    have got (Ge, Delgado-Battenfeld and Jannach, "Beyond accuracy", RecSys 2010).
    Shape (u,).

    Parameters
    ----------
    gains, lists : arrays of shape (u, m)
    expected : array of shape (u, p)
        The list of a primitive recommender.

    Examples
    --------
    >>> serendipity(np.array([[1.0, 1.0]]), np.array([[4, 5]]), np.array([[4]]), k=2)
    array([0.5])
    """
    shown, hits = lists[:, :k], gains[:, :k] > 0
    is_expected = np.zeros(shown.shape, dtype=np.bool_)
    for column in expected[:, :k].T:
        is_expected |= shown == column[:, np.newaxis]
    share: F64 = (hits & ~is_expected).sum(axis=1) / k
    return share


def gini(counts: F64) -> F64:
    """Return how unevenly exposure is spread over items: 0 alike, 1 all on one.

    ``Σ_i (2 i - n - 1) x_i / (n Σ x)`` with x ascending (Gini, 1912; for
    recommendations Fleder and Hosanagar, Management Science 55, 2009).

    Parameters
    ----------
    counts : array of shape (draws, n)
        How often each item is shown; items never shown count.

    Returns
    -------
    gini : array of shape (draws,)
        NaN where nothing is shown.

    Examples
    --------
    >>> gini(np.array([[1.0, 1.0, 1.0], [0.0, 0.0, 3.0]])).round(4).tolist()
    [0.0, 0.6667]
    """
    ascending = np.sort(counts, axis=1)
    n = ascending.shape[1]
    ranks = 2 * np.arange(1, n + 1) - n - 1
    totals = ascending.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: F64 = ascending @ ranks / (n * totals)
    return found


def _mean_over_shown(lists: I64, values: F64) -> F64:
    shown = lists >= 0
    totals = np.where(shown, values[np.maximum(lists, 0)], 0.0).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(shown.any(axis=1), totals / shown.sum(axis=1), np.nan)
