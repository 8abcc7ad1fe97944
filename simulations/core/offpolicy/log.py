"""Decisions made by chance, as columns: row i of each is decision i."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

type F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """Rewards that a model predicts."""

    taken: F64
    """Shape (n,). For the action that was taken."""

    target: F64
    """Shape (n,). For what the target policy would do, on average."""

    def where(self, chosen: NDArray[np.bool_]) -> Predicted:
        """Return some of the rows."""
        return Predicted(taken=self.taken[chosen], target=self.target[chosen])


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """What was decided, how likely it was, and what it earned."""

    rewards: F64
    """Shape (n,)."""

    propensities: F64
    """Shape (n,). Chance with which the logging policy took its action, in (0, 1].

    1 says that there was no chance in it: such a row tells nothing of other
    actions and is never weighted.
    """

    targets: F64
    """Shape (n,). Chance with which the target policy takes that action, in [0, 1]."""

    supported: NDArray[np.bool_] | None = None
    """Shape (n,). Whether the logging policy could have done whatever the target
    policy does; None: always."""

    predicted: Predicted | None = None
    """What :func:`~simulations.core.offpolicy.rewards.crossfitted` predicts."""

    def __post_init__(self) -> None:
        """Refuse what cannot be a log.

        Raises
        ------
        ValueError
            If columns differ in length or a chance lies outside its range.
        """
        lengths = {len(self.rewards), len(self.propensities), len(self.targets)}
        if len(lengths) > 1:
            raise ValueError(f"columns of a log differ in length: {sorted(lengths)}")
        if not np.isfinite(self.rewards).all():
            raise ValueError("every reward must be a number")
        if np.any(~(self.propensities > 0) | (self.propensities > 1)):
            raise ValueError("propensities must lie in (0, 1]")
        if np.any(~(self.targets >= 0) | (self.targets > 1)):
            raise ValueError("chances of the target policy must lie in [0, 1]")

    def __len__(self) -> int:
        return len(self.rewards)

    def where(self, chosen: NDArray[np.bool_]) -> Log:
        """Return some of the rows."""
        return Log(
            rewards=self.rewards[chosen],
            propensities=self.propensities[chosen],
            targets=self.targets[chosen],
            supported=None if self.supported is None else self.supported[chosen],
            predicted=None if self.predicted is None else self.predicted.where(chosen),
        )
