"""Figures of many pages, each a small function."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def catalog_coverage(n_shown: int, n_items: int) -> float | None:
    """Return the share of the catalog that is shown at all.

    ``distinct items shown / items that can be shown`` (Ge, Delgado-Battenfeld and
    Jannach, 2010: catalog coverage). Of a sample of requests it is a lower bound: more
    requests never show fewer items.

    Returns
    -------
    coverage : float or None
        In [0, 1]; above 1 only where pins show what is not available. None without
        items.

    Examples
    --------
    >>> catalog_coverage(3, 4)
    0.75
    """
    return n_shown / n_items if n_items else None


def share(part: int, whole: int) -> float | None:
    """Return a part of a whole, None of nothing.

    The long-tail share is that of positions filled with items outside the head, which
    are the items that hold 80 % of all interactions; the share of empty pages that of
    requests without any item.

    >>> share(1, 4), share(0, 0)
    (0.25, None)
    """
    return part / whole if whole else None


def exposure_ratio(counts: ArrayLike) -> float | None:
    """Return how much more than the mean the most shown group is shown.

    ``max / mean`` of the positions that each group, say brand, takes, over the groups
    that are shown; the measure of exposure dashboards, 1 when all are shown alike.

    Examples
    --------
    Three brands at 6, 2 and 1 positions have a mean of 3:

    >>> exposure_ratio([6, 2, 1, 0])
    2.0
    """
    shown = np.asarray(counts)
    shown = shown[shown > 0]
    return float(shown.max() / shown.mean()) if len(shown) else None


def popularity_bias(percentiles: ArrayLike, counts: ArrayLike) -> float | None:
    """Return how popular, on average, the item in a position is.

    ``sum(percentile * positions) / sum(positions)``: the average recommendation
    popularity of Abdollahpouri, Burke and Mobasher (2019), with an item's percentile in
    the catalog in place of its count, so that it lies in [0, 1] in every shop. 0.5 is
    what showing everything alike would give.

    Examples
    --------
    >>> popularity_bias([1.0, 0.5], [3, 1])
    0.875
    """
    weights = np.asarray(counts, dtype=np.float64)
    total = weights.sum()
    return float(np.dot(percentiles, weights) / total) if total else None


def percentiles(values: ArrayLike, *, among: ArrayLike) -> NDArray[np.float64]:
    """Return the share of other values below each, equal ones counted half.

    >>> percentiles([20, 40], among=[10, 20, 20, 40]).tolist()
    [0.5, 0.875]
    """
    found, ordered = np.asarray(values), np.sort(np.asarray(among))
    below = np.searchsorted(ordered, found, side="left")
    upto = np.searchsorted(ordered, found, side="right")
    shares: NDArray[np.float64] = (below + upto) / (2.0 * max(len(ordered), 1))
    return shares


def p95_ms(durations_ns: Sequence[int]) -> float | None:
    """Return the time that 95 of 100 rankings keep within, in milliseconds.

    The value of rank ``ceil(0.95 n)`` (nearest rank), so one that was measured.

    >>> p95_ms([1_000_000] * 19 + [9_000_000])
    1.0
    """
    if not durations_ns:
        return None
    ordered = sorted(durations_ns)
    rank = -(-95 * len(ordered) // 100)
    return ordered[rank - 1] / 1e6
