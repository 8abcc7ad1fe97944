"""Choose one arm of several, and say how likely each was.

Nothing here knows a clock or draws by itself: equal arms and an equal seed
choose equally, so that a stored decision can be made again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec
import numpy as np
from scipy.special import betaincinv

from .arms import Arm, empirical_best
from .propensities import chances_to_be_best

type Algorithm = Literal["thompson", "ucb1", "linucb"]
ALGORITHMS: tuple[Algorithm, ...] = ("thompson", "ucb1", "linucb")

LINUCB_WIDTH = 1.0
"""How many standard deviations LinUCB hopes for (alpha in Li et al., 2010)."""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Which arm was taken."""

    policy_id: str
    empirical_best: str
    """The arm of the highest mean, which a choice without exploration takes."""

    propensities: Mapping[str, float]
    """Chance of each arm to be taken; of one that is certain, 1."""

    @property
    def explores(self) -> bool:
        """Whether another arm than the empirically best one was taken."""
        return self.policy_id != self.empirical_best

    @property
    def propensity(self) -> float:
        """Chance with which the taken arm was taken, in (0, 1]."""
        return self.propensities[self.policy_id]


def choose(arms: Sequence[Arm], *, algorithm: Algorithm, seed: int) -> Choice:
    """Choose an arm.

    Parameters
    ----------
    arms : sequence of Arm
        At least one. Of equally good ones the first is taken.
    algorithm : {"thompson", "ucb1", "linucb"}
    seed : int
        Below 2**64. Only Thompson sampling draws.

    Examples
    --------
    >>> arms = [Arm(policy_id="a", trials=9), Arm(policy_id="b", trials=9,
    ...         reward_sum=8.0)]
    >>> choose(arms, algorithm="ucb1", seed=0).policy_id
    'b'
    """
    scores = _SCORES[algorithm](arms, seed)
    taken = arms[int(np.argmax(scores))].policy_id
    if algorithm == "thompson":
        chances = chances_to_be_best([arm.posterior for arm in arms])
        told = {
            arm.policy_id: chance for arm, chance in zip(arms, chances, strict=True)
        }
    else:
        told = {arm.policy_id: float(arm.policy_id == taken) for arm in arms}
    return Choice(
        policy_id=taken,
        empirical_best=empirical_best(arms).policy_id,
        propensities=told,
    )


def without_exploration(arms: Sequence[Arm]) -> Choice:
    """Take the arm of the highest mean, as the control group of a holdout gets it."""
    best = empirical_best(arms).policy_id
    return Choice(
        policy_id=best,
        empirical_best=best,
        propensities={arm.policy_id: float(arm.policy_id == best) for arm in arms},
    )


def thompson_scores(arms: Sequence[Arm], seed: int) -> list[float]:
    """Draw each arm's mean from its posterior (Thompson, 1933).

    By the inverse of the distribution function, from the raw bits of the
    generator alone, so that no version of NumPy draws otherwise.
    """
    bits = np.random.PCG64(seed)
    return [
        float(
            betaincinv(*arm.posterior, ((int(bits.random_raw()) >> 11) + 0.5) / 2**53)
        )
        for arm in arms
    ]


def ucb1_scores(arms: Sequence[Arm], _seed: int = 0) -> list[float]:
    """Return ``mean + sqrt(2 ln N / n)`` of each arm (Auer et al., 2002).

    An arm never rewarded counts as tried once, ``N`` is the sum of these counts.
    """
    total = sum(max(arm.trials, 1) for arm in arms)
    bonus = 2.0 * math.log(total)
    return [arm.mean + math.sqrt(bonus / max(arm.trials, 1)) for arm in arms]


def linucb_scores(arms: Sequence[Arm], _seed: int = 0) -> list[float]:
    """Return ``estimate + alpha * width`` of each arm (Li et al., 2010)."""
    return [arm.estimate + LINUCB_WIDTH * arm.width for arm in arms]


_SCORES: Mapping[str, Callable[[Sequence[Arm], int], list[float]]] = {
    "thompson": thompson_scores,
    "ucb1": ucb1_scores,
    "linucb": linucb_scores,
}
