"""Lists that lie one after the other in a column."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

type I64 = NDArray[np.int64]


def spread(begins: I64, counts: I64) -> I64:
    """Return the places of all members of some lists, list after list.

    Parameters
    ----------
    begins : array of shape (m,)
        Where each list begins.
    counts : array of shape (m,)
        How many members it has.

    Examples
    --------
    >>> spread(np.array([5, 0]), np.array([2, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    ends = counts.cumsum()
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) + (begins - ends + counts).repeat(counts)


def is_among(rows: I64, others: I64) -> NDArray[np.bool_]:
    """Say which rows are among others, which are ascending.

    >>> is_among(np.array([3, 1, 9]), np.array([1, 3])).tolist()
    [True, True, False]
    """
    if not len(others):
        return np.zeros(len(rows), dtype=np.bool_)
    places = others.searchsorted(rows)
    found: NDArray[np.bool_] = others.take(places, mode="clip") == rows
    return found
