"""Arithmetic between column files and snapshot columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranking.core.columns import F64, I64, Flags, Sparse

# Within these, scores are given as they are; beyond, relative to the highest.
_PLAIN_LOG2 = 512.0
_LOWEST_LOG2 = -1000.0
HEAD_SHARE = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearScores:
    """Scores on a linear scale, and what they were divided by (as a power of 2)."""

    scores: F64
    log2_unit: float


def to_linear(log2_scores: F64) -> LinearScores:
    """Bring logarithms to a linear scale on which nothing that counts becomes 0.

    Parameters
    ----------
    log2_scores : array of shape (n,)
        ``-inf`` where there is no score.

    Examples
    --------
    >>> to_linear(np.array([-1.0, -2.0, -np.inf])).scores.tolist()
    [0.5, 0.25, 0.0]

    Everything is a thousand half-lives old, and yet not the same:

    >>> to_linear(np.array([-4000.0, -4001.0])).scores.tolist()
    [1.0, 0.5]
    """
    highest = float(log2_scores.max(initial=-np.inf))
    is_plain = not np.isfinite(highest) or abs(highest) <= _PLAIN_LOG2
    unit = 0.0 if is_plain else highest
    exponents = np.maximum(log2_scores - unit, _LOWEST_LOG2)
    scores = np.where(np.isfinite(log2_scores), np.exp2(exponents), 0.0)
    return LinearScores(scores=scores, log2_unit=unit)


def long_tail(interactions: I64, *, head_share: float = HEAD_SHARE) -> Flags:
    """Flag the items outside the head that holds `head_share` of all interactions.

    The head is the shortest list of most used items that holds at least that share;
    of equally used items the lower row belongs to it first.

    >>> long_tail(np.array([1, 8, 1])).tolist()
    [True, False, True]
    """
    order = np.argsort(-interactions, kind="stable")
    before = np.cumsum(interactions[order]) - interactions[order]
    flags = np.ones(len(interactions), dtype=bool)
    flags[order[before < head_share * interactions.sum()]] = False
    return flags


def sparse(
    lists: NDArray[np.int64],
    rows: NDArray[np.int64],
    values: NDArray[np.generic],
    *,
    n_lists: int,
) -> Sparse:
    """Build lists of entries that are sorted by list, leaving out places of -1.

    Parameters
    ----------
    lists, rows : array of shape (m,)
        The list that each entry belongs to and the row it names; -1 for an item or
        user that is not in the snapshot.
    values : array of shape (m,)
    n_lists : int
    """
    known = (lists >= 0) & (rows >= 0)
    starts = np.zeros(n_lists + 1, dtype=np.int64)
    np.cumsum(np.bincount(lists[known], minlength=n_lists), out=starts[1:])
    return Sparse(
        starts, rows[known].astype(np.int32), values[known].astype(np.float32)
    )


def places(sorted_numbers: I64, wanted: I64) -> I64:
    """Return where numbers stand in a sorted list, -1 for those that do not.

    >>> places(np.array([3, 7]), np.array([7, 5])).tolist()
    [1, -1]
    """
    if not len(sorted_numbers):
        return np.full(len(wanted), -1, dtype=np.int64)
    found = np.searchsorted(sorted_numbers, wanted)
    found[found == len(sorted_numbers)] = 0
    return np.where(sorted_numbers[found] == wanted, found, -1)
