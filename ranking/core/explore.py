"""Give a few places of a page to chance, and say how likely each item was there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .columns import NO_ROWS, Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploration:
    """Candidates drawn by chance for the last places of a page."""

    picks: Rows
    """Shape (e,). Positions of candidates."""

    propensity: float
    """Chance that this very item stands in this very place, in (0, 1]."""


NO_EXPLORATION = Exploration(picks=NO_ROWS, propensity=1.0)


def explore(urn: Rows, *, slots: int, seed: int) -> Exploration:
    """Draw candidates evenly, without putting them back.

    Parameters
    ----------
    urn : array of shape (u,)
        Positions of the candidates that take part, without repeats.
    slots : int
        How many are drawn; fewer when there are fewer.
    seed : int
        Below 2**64. Equal seeds draw equally, with any version of NumPy: only
        the raw bits of the generator are used.

    Examples
    --------
    >>> drawn = explore(np.array([5, 6, 7, 8]), slots=2, seed=7)
    >>> len(set(drawn.picks.tolist())), drawn.propensity
    (2, 0.25)
    """
    tickets = urn.tolist()
    bits = np.random.PCG64(seed)
    # 64 bits over a few hundred tickets: the remainder favours none measurably.
    picks = [
        tickets.pop(int(bits.random_raw()) % len(tickets))
        for _ in range(min(slots, len(tickets)))
    ]
    return Exploration(
        picks=np.array(picks, dtype=np.int64), propensity=1.0 / max(len(urn), 1)
    )
