"""What is known of one arm: how often it was rewarded, and with how much."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from scipy.special import betaincinv

PRIOR = 1.0
"""Both parameters of the Beta distribution that every arm starts from."""


class Arm(msgspec.Struct, frozen=True, kw_only=True):
    """The state of one policy in one bucket, as a choice sees it.

    Rewards lie in [0, 1]; a bool is 0 or 1.
    """

    policy_id: str
    trials: int = 0
    """Decisions whose reward is known."""

    reward_sum: float = 0.0
    estimate: float = 0.0
    """LinUCB: the reward that the context lets expect."""

    width: float = 0.0
    """LinUCB: the standard deviation of that estimate, without its factor."""

    @property
    def mean(self) -> float:
        """Average reward, 0 for an arm never rewarded.

        >>> Arm(policy_id="a", trials=4, reward_sum=1.0).mean
        0.25
        """
        return self.reward_sum / self.trials if self.trials else 0.0

    @property
    def posterior(self) -> tuple[float, float]:
        """Parameters of the Beta distribution of the mean reward.

        ``Beta(1 + s, 1 + n - s)`` of n rewards that add up to s. With fractional
        rewards this is the update of Agrawal and Goyal (2012), which draws a
        coin for each, in expectation.
        """
        won = min(max(self.reward_sum, 0.0), float(self.trials))
        return PRIOR + won, PRIOR + self.trials - won


def credible_interval(arm: Arm) -> tuple[float, float]:
    """Return where an arm's mean lies with 95 % chance, as its posterior says.

    Of an arm that never earned anything it begins at 0, of one that always earned
    everything it ends at 1.

    >>> low, high = credible_interval(Arm(policy_id="a", trials=100, reward_sum=50.0))
    >>> round(low, 2), round(high, 2)
    (0.4, 0.6)
    """
    low, high = betaincinv(*arm.posterior, (0.025, 0.975)).tolist()
    return (
        low if arm.reward_sum > 0 else 0.0,
        high if arm.reward_sum < arm.trials else 1.0,
    )


def empirical_best(arms: Sequence[Arm]) -> Arm:
    """Return the arm of the highest mean; of equal ones the first.

    >>> empirical_best([Arm(policy_id="a"), Arm(policy_id="b")]).policy_id
    'a'
    """
    return max(arms, key=lambda arm: arm.mean)
