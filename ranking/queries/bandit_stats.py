"""What bandits learned, as people read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Sum

from catalog.models import Namespace
from ranking.core.bandits.arms import Arm, credible_interval
from ranking.models import BanditArm, BanditDecision

MOST_ARMS = 200
MOST_CHOICES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """What a policy earned a decision, with the interval that holds its mean."""

    trials: int
    mean: float | None
    """None before the first reward."""
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmShown:
    surface: str
    bucket_key: str
    policy_id: str
    algorithm: str
    earned: Earned


def earned_by_policy(namespace: Namespace) -> dict[str, Earned]:
    """Return what each policy earned in all, by its id."""
    rows = (
        BanditArm.objects.filter(namespace=namespace)
        .values_list("policy_id")
        .annotate(trials=Sum("trials"), rewards=Sum("reward_sum"))
        .order_by("policy_id")
    )
    return {name: _earned(name, trials, rewards) for name, trials, rewards in rows}


def arms_shown(namespace: Namespace) -> list[ArmShown]:
    """Return the arms that were rewarded most often."""
    rows = BanditArm.objects.filter(namespace=namespace).order_by("-trials", "pk")
    return [
        ArmShown(
            surface=row.surface,
            bucket_key=row.bucket_key,
            policy_id=row.policy_id,
            algorithm=row.algorithm,
            earned=_earned(row.policy_id, row.trials, row.reward_sum),
        )
        for row in rows[:MOST_ARMS]
    ]


def newest_choices(namespace: Namespace) -> Iterable[BanditDecision]:
    rows = BanditDecision.objects.filter(namespace=namespace)
    return rows.order_by("-decided_at", "-decision_id")[:MOST_CHOICES]


def _earned(policy_id: str, trials: int, rewards: float) -> Earned:
    arm = Arm(policy_id=policy_id, trials=trials, reward_sum=rewards)
    low, high = credible_interval(arm)
    return Earned(trials=trials, mean=arm.mean if trials else None, low=low, high=high)
