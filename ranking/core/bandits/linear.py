"""LinUCB: one linear model of the reward for each arm, over facts of the context."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

import numpy as np

from ranking.core.columns import F64

from .buckets import facts_of

DIMENSIONS = 32
"""Features of a context: a constant, and facts hashed into the others."""

RIDGE = 1.0


def features(key: str) -> F64:
    """Return a bucket's context as numbers, of length 1 in all.

    Each fact is hashed to a place and a sign (Weinberger et al., 2009). A number
    counts by its size, squeezed into (-1, 1); any other value is a fact of its
    own.

    Parameters
    ----------
    key : str
        Name of a bucket (:func:`~ranking.core.bandits.buckets.bucket_key`).

    Returns
    -------
    x : array of shape (DIMENSIONS,)

    Examples
    --------
    >>> float(features("ctx:empty")[0])
    1.0
    """
    x = np.zeros(DIMENSIONS)
    x[0] = 1.0
    for fact in facts_of(key):
        name, _, value = fact.partition("=")
        size = _number(value)
        hashed = hashlib.sha256((fact if size is None else name).encode()).digest()
        place = 1 + int.from_bytes(hashed[:8], "big") % (DIMENSIONS - 1)
        sign = 1.0 if hashed[8] & 1 else -1.0
        x[place] += sign * (1.0 if size is None else size / (1.0 + abs(size)))
    return x / float(np.linalg.norm(x))


def _number(text: str) -> float | None:
    try:
        size = float(text)
    except ValueError:
        return None
    return size if math.isfinite(size) else None


@dataclass(frozen=True, slots=True)
class LinearArm:
    """Ridge regression of rewards on features, as sums that can be added to."""

    gram: F64
    """Shape (d, d). Sum of the outer products of features, without the ridge."""

    moment: F64
    """Shape (d,). Sum of features times reward."""

    @classmethod
    def new(cls) -> LinearArm:
        """Return an arm that was never rewarded."""
        return cls(np.zeros((DIMENSIONS, DIMENSIONS)), np.zeros(DIMENSIONS))

    def learned(self, x: F64, *, reward: float) -> LinearArm:
        """Return the arm with one more reward."""
        return self.seen(x, times=1).raised(x, by=reward)

    def seen(self, x: F64, *, times: int) -> LinearArm:
        """Return the arm with so many more trials that earned nothing yet."""
        return LinearArm(self.gram + times * np.outer(x, x), self.moment)

    def raised(self, x: F64, *, by: float) -> LinearArm:
        """Return the arm with a reward that turned out larger than it was told."""
        return LinearArm(self.gram, self.moment + by * x)

    def judge(self, x: F64) -> tuple[float, float]:
        """Return the expected reward of a context and how uncertain it is.

        ``theta = (G + I)^-1 m``; estimate ``theta . x``; width
        ``sqrt(x' (G + I)^-1 x)``.
        """
        inverse = np.linalg.inv(self.gram + RIDGE * np.eye(len(x)))
        spread = float(x @ inverse @ x)
        return float(x @ inverse @ self.moment), math.sqrt(max(spread, 0.0))

    def packed(self) -> bytes:
        """Return the sums as bytes, the moment last."""
        return np.vstack((self.gram, self.moment)).astype("<f8").tobytes()

    @classmethod
    def unpacked(cls, packed: bytes) -> LinearArm:
        """Read what :meth:`packed` wrote."""
        if not packed:
            return cls.new()
        sums = np.frombuffer(packed, "<f8").reshape(-1, DIMENSIONS)
        return cls(sums[:-1], sums[-1])
