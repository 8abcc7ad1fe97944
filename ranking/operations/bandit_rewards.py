"""Rewards as clients tell them: of a decision, of a request, or of a bucket alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import uuid_utils

from catalog.models import Namespace
from ranking.models import BanditDecision

from .bandits import learn, reward_decision

_BATCH = 2_000
KEPT = timedelta(days=90)


class NoSuchDecisionError(LookupError):
    """No bandit made that decision in this namespace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardDraft:
    """A reward. Without a decision's id it needs surface, bucket and policy."""

    reward: float
    decision_id: UUID | None = None
    surface: str = ""
    bucket_key: str = ""
    policy_id: str = ""
    algorithm: str = ""
    request_id: str = ""
    experiment: str = ""
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Rewarded:
    """What became of a reward."""

    decision_id: UUID
    learned: bool
    """False where the decision had this reward, or a larger one, already."""


def tell_reward(namespace: Namespace, draft: RewardDraft, *, at: datetime) -> Rewarded:
    """Add a reward to what the bandit knows, once.

    Raises
    ------
    NoSuchDecisionError
        If the draft names a decision that is not there.
    """
    decision = _decision(namespace, draft, at=at)
    learned = reward_decision(decision, reward=draft.reward, at=at)
    return Rewarded(decision.decision_id, learned)


def _decision(
    namespace: Namespace, draft: RewardDraft, *, at: datetime
) -> BanditDecision:
    rows = BanditDecision.objects.select_for_update().filter(namespace=namespace)
    if draft.decision_id is not None:
        found = rows.filter(decision_id=draft.decision_id).first()
        if found is None:
            raise NoSuchDecisionError(str(draft.decision_id))
        return found
    if draft.request_id:
        found = (
            rows.filter(
                request_id=draft.request_id,
                surface=draft.surface,
                bucket_key=draft.bucket_key,
                policy_id=draft.policy_id,
            )
            .order_by("-decided_at", "-decision_id")
            .first()
        )
        if found is not None:
            return found
    decision_id = _id_of(namespace, draft)
    BanditDecision.objects.bulk_create(
        [_untied(namespace, draft, decision_id=decision_id, at=at)],
        ignore_conflicts=True,
    )
    return rows.get(decision_id=decision_id)


def _id_of(namespace: Namespace, draft: RewardDraft) -> UUID:
    """Return an id: of a request always the same, so that it counts once."""
    if not draft.request_id:
        return UUID(bytes=uuid_utils.uuid7().bytes)
    parts = (
        str(namespace.pk),
        draft.surface,
        draft.bucket_key,
        draft.policy_id,
        draft.algorithm,
        draft.request_id,
    )
    return UUID(bytes=hashlib.sha256("\0".join(parts).encode()).digest()[:16])


def _untied(
    namespace: Namespace, draft: RewardDraft, *, decision_id: UUID, at: datetime
) -> BanditDecision:
    return BanditDecision(
        decision_id=decision_id,
        org_id=namespace.org_id,
        namespace=namespace,
        surface=draft.surface,
        bucket_key=draft.bucket_key,
        policy_id=draft.policy_id,
        algorithm=draft.algorithm,
        request_id=draft.request_id,
        experiment=draft.experiment,
        variant=draft.variant,
        decided_at=at,
    )


def settle(namespace: Namespace, *, at: datetime, window: timedelta) -> int:
    """Count decisions whose reward did not come in time as earning nothing.

    A reward that comes later still counts: it raises the 0. Returns how many were
    settled. Called in a transaction of the org.
    """
    late = list(
        BanditDecision.objects.select_for_update(skip_locked=True)
        .filter(namespace=namespace, reward=None, decided_at__lt=at - window)
        .order_by("decided_at", "decision_id")[:_BATCH]
    )
    # In one order everywhere: two settlements take the arms' locks one after another.
    by_arm: dict[tuple[str, str, str, str], list[BanditDecision]] = {}
    for each in late:
        key = (each.surface, each.bucket_key, each.policy_id, each.algorithm)
        by_arm.setdefault(key, []).append(each)
    for key in sorted(by_arm):
        learn(by_arm[key][0], reward=0.0, trials=len(by_arm[key]), at=at)
    BanditDecision.objects.filter(
        decision_id__in=[each.decision_id for each in late]
    ).update(reward=0.0, rewarded_at=at)
    return len(late)


def forget_old(namespace: Namespace, *, at: datetime) -> int:
    """Remove decisions that are over; what was learned from them stays."""
    old = BanditDecision.objects.filter(
        namespace=namespace, decided_at__lt=at - KEPT, reward__isnull=False
    )
    return old.delete()[0]
