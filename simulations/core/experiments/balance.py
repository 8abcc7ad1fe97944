"""Whether variants got the share of subjects that they should have got."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from scipy.special import chdtrc

MOST_CHANCE = 0.001
"""Below this chance of so uneven a split nothing else is concluded."""


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """The sample-ratio check."""

    counts: tuple[int, ...]
    expected: tuple[float, ...]
    chance: float
    """Of a split at least so uneven, were all as it should be."""

    @property
    def is_kept(self) -> bool:
        """Whether the split may be chance."""
        return self.chance >= MOST_CHANCE


def balance_of(counts: Sequence[int], *, weights: Sequence[float]) -> Balance:
    r"""Compare subjects counted with those expected, by :math:`\chi^2`.

    A split that is off (Fabijan et al., 2019) says that somebody was lost or
    counted twice, and more often in one variant than in another; then the
    variants are not alike and their difference means nothing.

    Examples
    --------
    >>> balance_of([500, 500], weights=[1, 1]).chance
    1.0
    >>> balance_of([5_000, 5_400], weights=[1, 1]).is_kept
    False
    """
    seen = np.asarray(counts, dtype=np.float64)
    shares = np.asarray(weights, dtype=np.float64) / float(np.sum(weights))
    expected = shares * seen.sum()
    chance = 1.0
    if seen.sum() and len(seen) > 1:
        statistic = float(((seen - expected) ** 2 / expected).sum())
        chance = float(chdtrc(len(seen) - 1, statistic))
    return Balance(
        counts=tuple(int(count) for count in counts),
        expected=tuple(expected.tolist()),
        chance=chance,
    )
