"""Chances of several comparisons, corrected for their number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(chances: Sequence[float]) -> list[float]:
    """Return chances that hold for all comparisons together (Holm, 1979).

    With them the chance to call any difference real that is none stays below the
    level asked for, however many are compared.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    n, order = len(chances), np.argsort(chances, kind="stable")
    found, highest = [0.0] * n, 0.0
    for place, which in enumerate(order.tolist()):
        highest = max(highest, min((n - place) * chances[which], 1.0))
        found[which] = round(highest, 12)
    return found


def benjamini_hochberg(chances: Sequence[float]) -> list[float]:
    """Return chances of which few are false among those called real (1995).

    With them the share of false ones among all differences called real stays
    below the level asked for.

    >>> benjamini_hochberg([0.01, 0.04, 0.03])
    [0.03, 0.04, 0.04]
    """
    n, order = len(chances), np.argsort(chances, kind="stable")
    found, lowest = [0.0] * n, 1.0
    for place in range(n - 1, -1, -1):
        which = int(order[place])
        lowest = min(lowest, chances[which] * n / (place + 1))
        found[which] = round(lowest, 12)
    return found
