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
