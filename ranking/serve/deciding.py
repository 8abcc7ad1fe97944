"""A bandit's choice of a policy, for a call of its own or before a ranking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from catalog.models import Namespace
from ranking.core.bandits import (
    Algorithm,
    Holdout,
    bucket_key,
    empirical_best,
)
from ranking.core.bandits.told import Told, decide
from ranking.core.experiments import BANDITS, arm_name
from ranking.core.knobs import Knobs
from ranking.core.layers import Plan
from ranking.core.request import Request
from ranking.core.segments import Match
from ranking.queries.bandits import arms_of

from .answering import seed_of
from .call import Arm


class NoPolicyError(LookupError):
    """None of the policies that a bandit call may choose exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BanditCall:
    """A question to a bandit."""

    namespace: Namespace
    surface: str
    context: Mapping[str, Any]
    wall_us: int
    policy_ids: Sequence[str] = ()
    """Who may be chosen; none means every active policy."""
    algorithm: Algorithm | None = None
    """None: as the namespace is set."""
    user_id: str | None = None
    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A choice, and the decision that rewards refer to."""

    decision_id: UUID
    told: Told

    @property
    def arm(self) -> Arm:
        """The choice as ranking takes it."""
        told = self.told
        return Arm(
            name=arm_name(BANDITS, told.policy_id),
            told=told.as_mapping(),
            policy_id=told.policy_id,
        )


def decide_policy(call: BanditCall, *, plan: Plan, decision_id: UUID) -> Decided:
    """Choose a policy. Writes nothing, and locks nothing.

    Raises
    ------
    NoPolicyError
        If no policy is there to be chosen.
    """
    knobs = _knobs(call, plan=plan)
    candidates = _candidates(call, plan=plan)
    algorithm: Algorithm = call.algorithm or knobs.bandit_algo
    key = bucket_key(call.context)
    arms = arms_of(
        call.namespace,
        candidates,
        surface=call.surface,
        bucket_key=key,
        algorithm=algorithm,
    )
    holdout = _holdout(knobs, surface=call.surface)
    variant = holdout.variant_of(_subject(call, decision_id)) if holdout else None
    choice = decide(
        arms, algorithm=algorithm, seed=seed_of(decision_id.bytes), variant=variant
    )
    told = Told(
        policy_id=choice.policy_id,
        algorithm=algorithm,
        surface=call.surface,
        bucket_key=key,
        explore=choice.explores,
        empirical_best=empirical_best(arms).policy_id,
        propensity=choice.propensity,
        propensities=choice.propensities,
        version=sum(arm.trials for arm in arms),
        arms=arms,
        request_id=call.request_id,
        experiment=holdout.label if holdout else None,
        variant=variant,
    )
    return Decided(decision_id=decision_id, told=told)


def _candidates(call: BanditCall, *, plan: Plan) -> list[str]:
    policies = plan.configuration.bandit_policies
    if call.policy_ids:
        known = {policy.policy_id for policy in policies}
        asked = dict.fromkeys(call.policy_ids)
        found = [policy_id for policy_id in asked if policy_id in known]
    else:
        found = [policy.policy_id for policy in policies if policy.active]
    if not found:
        raise NoPolicyError
    return found


def _knobs(call: BanditCall, *, plan: Plan) -> Knobs:
    """Return the knobs of the bandit itself, as set for the surface."""
    return plan.base(Request(surface=call.surface), Match()).knobs


def _holdout(knobs: Knobs, *, surface: str) -> Holdout | None:
    if not knobs.bandit_experiment_enabled:
        return None
    holdout = Holdout(
        label=knobs.bandit_experiment_label,
        share=knobs.bandit_experiment_holdout_percent,
        surfaces=knobs.bandit_experiment_surfaces,
    )
    return holdout if holdout.runs_on(surface) else None


def _subject(call: BanditCall, decision_id: UUID) -> str:
    """Return who stays in one group: the user, the session, else this request."""
    if call.user_id is not None:
        return call.user_id
    session = call.context.get("session_id") or call.context.get("anonymous_id")
    return str(session or call.request_id or decision_id)
