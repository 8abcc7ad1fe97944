"""Cut a list to its best members, the same ones every time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import F32, F64, Rows

BLOCK = 16
"""Blocks of so many scores are ruled out together."""


def strongest(scores: F64, id_rank: NDArray[Any], *, limit: int) -> Rows:
    """Return the positions of the best scores, best first.

    Parameters
    ----------
    scores : array of shape (n,)
        Higher is better. No NaN.
    id_rank : array of shape (n,)
        Decides ties: the lower goes first. Distinct.
    limit : int
        At most so many positions come back.

    Notes
    -----
    Sorts only what reaches the cut. All scores equal to that at the cut are
    looked at, so equal input in any order gives the same items.

    Examples
    --------
    >>> strongest(np.array([1.0, 3.0, 3.0]), np.array([0, 2, 1]), limit=2)
    array([2, 1])
    """
    if limit <= 0:
        return np.empty(0, dtype=np.int64)
    if len(scores) <= limit:
        return np.lexsort((id_rank, -scores))
    near = reaching(scores, limit)
    order = np.lexsort((id_rank.take(near), -scores.take(near)))[:limit]
    return near.take(order)


def reaching(scores: F64 | F32, limit: int) -> Rows:
    """Return the positions of all scores that reach the ``limit``-th best.

    More than ``limit`` come back when several tie at the cut.

    >>> reaching(np.array([5.0, 1.0, 2.0, 2.0]), 2)
    array([0, 2, 3])
    """
    if len(scores) <= limit:
        return np.arange(len(scores))
    starts = np.arange(0, len(scores), BLOCK)
    if limit > len(starts):
        return (scores >= _nth_best(scores, limit)).nonzero()[0]
    # The n-th best of the blocks' best is reached by n scores at least, so the
    # n-th best of all cannot lie below it.
    bests = np.maximum.reduceat(scores, starts)
    near = (scores >= _nth_best(bests, limit)).nonzero()[0]
    nearby = scores.take(near)
    return near[nearby >= _nth_best(nearby, limit)]


def _nth_best(scores: F64 | F32, n: int) -> float:
    cut = len(scores) - n
    ordered = scores.copy()
    ordered.partition(cut)
    return float(ordered[cut])
