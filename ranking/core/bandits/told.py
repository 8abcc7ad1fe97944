"""What a trace keeps of a bandit's choice, so that it can be made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from .arms import Arm
from .choosing import Algorithm, Choice, choose, without_exploration
from .holdout import CONTROL


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A choice with the state that it was made from."""

    policy_id: str
    algorithm: Algorithm
    surface: str
    bucket_key: str
    explore: bool = False
    empirical_best: str = ""
    propensity: float = 1.0
    propensities: Mapping[str, float] = {}
    version: int = 0
    """Rewards that the arms had learned from."""

    arms: Sequence[Arm] = ()
    request_id: str = ""
    experiment: str | None = None
    variant: str | None = None

    def as_mapping(self) -> dict[str, Any]:
        """Return the plain values."""
        return msgspec.convert(msgspec.to_builtins(self), dict[str, Any])


def decide(
    arms: Sequence[Arm], *, algorithm: Algorithm, seed: int, variant: str | None
) -> Choice:
    """Choose; the control group of a holdout gets the best arm so far."""
    if variant == CONTROL:
        return without_exploration(arms)
    return choose(arms, algorithm=algorithm, seed=seed)


def chosen_again(kept: Mapping[str, Any], *, seed: int) -> str | None:
    """Choose again from what a trace kept; None if no bandit chose.

    >>> chosen_again({}, seed=1) is None
    True
    """
    if "arms" not in kept:
        return None
    told = msgspec.convert(kept, Told)
    choice = decide(
        told.arms, algorithm=told.algorithm, seed=seed, variant=told.variant
    )
    return choice.policy_id
