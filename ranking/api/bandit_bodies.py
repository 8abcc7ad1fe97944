"""Bandits as clients ask them and get them."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from .bodies import RankingAnswer, RankingBody
from .examples import RANKING, RECOMMENDATION

type AlgorithmName = Literal["thompson", "ucb1", "linucb"]

_CANDIDATES = "Who may be chosen; absent or empty: every active policy."
_ALGORITHM = "Absent: as the namespace's `bandit_algo` says."


class PoliciesBody(Struct, kw_only=True):
    """Bundles of knobs that bandit calls choose from. Each sets only what it holds."""

    namespace: str | None = None
    policies: Annotated[
        list[dict[str, Any]] | None,
        Meta(description="policy_id, name, active, notes and any subset of the knobs."),
    ] = None


class PoliciesStored(Struct, kw_only=True):
    status: str = "accepted"
    accepted: int
    warnings: list[str] | UnsetType = UNSET


class DecideBody(Struct, kw_only=True):
    """Which policy should answer here."""

    namespace: str | None = None
    surface: str | None = None
    context: Annotated[
        dict[str, Any] | None,
        Meta(description="Facts that tell situations apart; they name the bucket."),
    ] = None
    candidate_policy_ids: Annotated[list[str] | None, Meta(description=_CANDIDATES)] = (
        None
    )
    algorithm: Annotated[AlgorithmName | None, Meta(description=_ALGORITHM)] = None
    request_id: str | None = None
    user_id: Annotated[
        str | None,
        Meta(description="Keeps a shopper in one group of the holdout. Not stored."),
    ] = None


class BanditExplain(Struct):
    surface: str
    bucket: str
    emp_best: str


class DecideAnswer(Struct, kw_only=True):
    decision_id: str
    policy_id: str
    algorithm: str
    surface: str
    bucket_key: str
    explore: bool
    propensity: Annotated[
        float, Meta(description="Chance with which this policy was chosen.")
    ]
    explain: BanditExplain
    request_id: str | UnsetType = UNSET
    experiment: str | UnsetType = UNSET
    variant: str | UnsetType = UNSET
    warnings: list[str] | UnsetType = UNSET


class RewardBody(Struct, kw_only=True):
    """What a decision earned: with its id, or as the policy of a bucket."""

    namespace: str | None = None
    decision_id: UUID | None = None
    surface: str | None = None
    bucket_key: str | None = None
    policy_id: str | None = None
    reward: Annotated[
        bool | float | None, Meta(description="True, false, or a number from 0 to 1.")
    ] = None
    algorithm: Annotated[AlgorithmName | None, Meta(description=_ALGORITHM)] = None
    request_id: str | None = None
    experiment: str | None = None
    variant: str | None = None


class RewardAnswer(Struct, kw_only=True):
    status: str = "accepted"
    decision_id: str
    learned: Annotated[
        bool,
        Meta(
            description="False where this reward, or a larger one, was known already."
        ),
    ]
    warnings: list[str] | UnsetType = UNSET


class BanditRankingBody(RankingBody, frozen=True, kw_only=True):
    """A ranking request whose policy a bandit chooses."""

    candidate_policy_ids: Annotated[list[str] | None, Meta(description=_CANDIDATES)] = (
        None
    )
    algorithm: Annotated[AlgorithmName | None, Meta(description=_ALGORITHM)] = None
    request_id: str | None = None


class BanditRankingAnswer(RankingAnswer, kw_only=True):
    """A ranking, and the policy that a bandit chose for it."""

    chosen_policy_id: str
    algorithm: str
    bandit_bucket: str
    explore: bool
    bandit_explain: BanditExplain
    propensity: float
    request_id: str
    bandit_experiment: str | UnsetType = UNSET
    bandit_variant: str | UnsetType = UNSET


_POLICY = {
    "policy_id": "fresh",
    "name": "Fresh first",
    "active": True,
    "blend_alpha": 0.5,
    "mmr_lambda": 0.3,
    "notes": "",
}
_DECIDED = {
    "decision_id": "0199a7c2-6b1e-7c3a-9d42-5f0e8a1b2c3d",
    "policy_id": "fresh",
    "algorithm": "thompson",
    "surface": "home",
    "bucket_key": "ctx:device=phone",
    "explore": False,
    "propensity": 0.71,
    "explain": {"surface": "home", "bucket": "ctx:device=phone", "emp_best": "fresh"},
    "request_id": "r-1",
}
EXAMPLE_POLICIES: dict[str, Any] = {"namespace": "demo", "policies": [_POLICY]}
EXAMPLE_POLICY_LIST: list[dict[str, Any]] = [_POLICY]
EXAMPLE_DECIDE: dict[str, Any] = {
    "namespace": "demo",
    "surface": "home",
    "context": {"device": "phone"},
    "candidate_policy_ids": ["fresh", "steady"],
    "request_id": "r-1",
}
EXAMPLE_DECIDED: dict[str, Any] = _DECIDED
EXAMPLE_REWARD: dict[str, Any] = {
    "namespace": "demo",
    "decision_id": _DECIDED["decision_id"],
    "reward": 0.4,
}
EXAMPLE_REWARDED: dict[str, Any] = {
    "status": "accepted",
    "decision_id": _DECIDED["decision_id"],
    "learned": True,
}
EXAMPLE_RANKING: dict[str, Any] = {
    **{key: value for key, value in RECOMMENDATION.items() if key != "overrides"},
    "candidate_policy_ids": ["fresh", "steady"],
    "request_id": "r-1",
}
EXAMPLE_RANKED: dict[str, Any] = {
    **RANKING,
    "chosen_policy_id": "fresh",
    "algorithm": "thompson",
    "bandit_bucket": "ctx:device=phone",
    "explore": False,
    "bandit_explain": _DECIDED["explain"],
    "propensity": 0.71,
    "request_id": "r-1",
}
