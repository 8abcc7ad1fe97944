"""Bandits: their policies, their choices, and what the choices earned."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from catalog.core.faults import refuse
from catalog.models import Namespace
from ranking.core.bandits.linear import LinearArm, features
from ranking.core.bandits.told import Told
from ranking.core.knobs import KNOBS_BY_NAME, parse
from ranking.models import BanditArm, BanditDecision, BanditPolicy
from ranking.queries.bandits import learning_bucket

from .documents import clean_knobs
from .publishing import publish_configuration


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDraft:
    """A policy as it shall be. It replaces the one stored."""

    policy_id: str
    knobs: Mapping[str, Any]
    name: str = ""
    active: bool = True
    notes: str = ""


def upsert_policies(
    namespace: Namespace,
    drafts: Sequence[PolicyDraft],
    *,
    at: datetime,
    author: str = "",
) -> list[str]:
    """Store policies, put them in force, and return warnings.

    Raises
    ------
    KnobError
        For the first value outside its knob's range. Nothing is stored then.
    """
    warnings: list[str] = []
    cleaned = []
    for draft in drafts:
        found = clean_knobs(draft.knobs)
        warnings += [f"{draft.policy_id}.{each}" for each in found.warnings]
        warnings += [f"{draft.policy_id}.{each}" for each in _built(found.config)]
        cleaned.append((draft, found.config))
    for draft, knobs in cleaned:
        values = {
            "name": draft.name,
            "active": draft.active,
            "knobs": knobs,
            "notes": draft.notes,
            "updated_at": at,
        }
        BanditPolicy.objects.update_or_create(
            org_id=namespace.org_id,
            namespace=namespace,
            policy_id=draft.policy_id,
            defaults=values,
            create_defaults={**values, "created_at": at},
        )
    publish_configuration(
        namespace,
        cause=f"{len(drafts)} bandit policies changed",
        at=at,
        author=author,
    )
    return warnings


def _built(knobs: Mapping[str, Any]) -> list[str]:
    return [
        f"{name} takes effect when signals are built, not when a bandit chooses."
        for name in parse(knobs)[0]
        if KNOBS_BY_NAME[name].stage == "signal"
    ]


def record_choice(
    namespace: Namespace, told: Told, *, decision_id: UUID, at: datetime
) -> None:
    """Keep a choice, so that a reward can be told of it."""
    BanditDecision.objects.create(
        decision_id=decision_id,
        org_id=namespace.org_id,
        namespace=namespace,
        surface=told.surface,
        bucket_key=told.bucket_key,
        policy_id=told.policy_id,
        algorithm=told.algorithm,
        explore=told.explore,
        propensity=told.propensity,
        propensities=msgspec.to_builtins(told.propensities),
        request_id=told.request_id,
        experiment=told.experiment or "",
        variant=told.variant or "",
        decided_at=at,
    )


def check_reward(reward: float) -> float:
    """Return a reward as a number, or raise 400: it lies in [0, 1]."""
    value = float(reward)
    if not math.isfinite(value) or not 0.0 <= value <= 1.0:
        raise refuse(
            "invalid_reward",
            f"reward is true, false or a number from 0 to 1, not {reward}. "
            "Divide larger ones by the largest that can be.",
            field="reward",
        )
    return value


def reward_decision(decision: BanditDecision, *, reward: float, at: datetime) -> bool:
    """Tell a decision's reward; say whether anything was learned.

    A decision has one reward, the largest told: a click and a later purchase make one
    trial, and telling the same twice changes nothing. Call it with the decision's row
    locked.
    """
    if decision.reward is not None and reward <= decision.reward:
        return False
    learn(
        decision,
        reward=reward - (decision.reward or 0.0),
        trials=int(decision.reward is None),
        at=at,
    )
    decision.reward, decision.rewarded_at = reward, at
    decision.save(update_fields=["reward", "rewarded_at"])
    return True


def learn(
    decision: BanditDecision, *, reward: float, trials: int, at: datetime
) -> None:
    """Add rewards to the arm of a decision. Its row is locked for a moment."""
    key = {
        "org_id": decision.org_id,
        "namespace_id": decision.namespace_id,
        "surface": decision.surface,
        "bucket_key": learning_bucket(
            decision.bucket_key, algorithm=decision.algorithm
        ),
        "policy_id": decision.policy_id,
        "algorithm": decision.algorithm,
    }
    BanditArm.objects.bulk_create(
        [BanditArm(**key, updated_at=at)], ignore_conflicts=True
    )
    arm = BanditArm.objects.select_for_update().get(**key)
    arm.trials += trials
    arm.reward_sum += reward
    arm.updated_at = at
    if decision.algorithm == "linucb":
        x = features(decision.bucket_key)
        sums = LinearArm.unpacked(bytes(arm.sums))
        arm.sums = sums.seen(x, times=trials).raised(x, by=reward).packed()
    arm.save(update_fields=["trials", "reward_sum", "sums", "updated_at"])
