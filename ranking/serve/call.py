"""One ranking call on its way through: what is asked, and what came out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any
from uuid import UUID

from catalog.models import Namespace
from ranking.core.answer import model_version
from ranking.core.inputs import Inputs
from ranking.core.ranking import Ranking
from ranking.core.request import Request

from .ruled import RuleTold
from .served import Served


class Rung(IntEnum):
    """Steps of the degradation ladder, the best first."""

    FULL = 0
    WITHOUT_HISTORY = 1
    SNAPSHOT_ONLY = 2
    POPULARITY = 3


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that an answer had to do without."""

    rung: Rung
    word: str
    """The name in `degraded[]`."""
    reason: str


def words_of(lacks: tuple[Lack, ...]) -> tuple[str, ...]:
    """Return what stands in `degraded[]`.

    >>> words_of((Lack(Rung.SNAPSHOT_ONLY, "snapshot_only", "database away"),))
    ('snapshot_only',)
    """
    return tuple(dict.fromkeys(lack.word for lack in lacks))


WITHOUT_HISTORY = "without_history"
SNAPSHOT_ONLY = "snapshot_only"
POPULARITY = "popularity"
NO_BUILD = "no_build"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """What a bandit or an experiment decided for one call."""

    name: str
    """As decisions are searched by."""
    told: Mapping[str, Any]
    """Why, with the state that it was decided from: the trace keeps it."""
    policy_id: str | None = None
    """The bandit's policy whose knobs are used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A question, and where it came from."""

    namespace: Namespace
    request: Request
    wall_us: int
    """When it was asked, by the wall clock. Unix microseconds."""
    route: str = "recommendations"
    request_id: str = ""
    at_us: int | None = None
    """The moment to rank for; None for now on the namespace's clock."""
    is_dry: bool = False
    """Whether it leaves no trace and explores nothing."""
    decision_id: UUID | None = None
    """Of a decision that a bandit began; None: a new one."""
    arm: Arm | None = None
    """What a bandit chose. It is then in no experiment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A ranking, and everything it depended on."""

    call: Call
    served: Served
    inputs: Inputs
    clock: str
    """`wall` or `data`: what `inputs.at_us` was read from."""
    ranking: Ranking
    canonical: Mapping[str, Any]
    """The answer in the form that replays compare."""
    digest: bytes
    """SHA-256 of the canonical form."""
    source_counts: Mapping[str, int]
    """How many candidates each source brought."""
    lacks: tuple[Lack, ...] = ()
    decision_id: UUID | None = None
    """None for a dry run."""
    durations_ns: Mapping[str, int] = field(default_factory=dict)
    """Time by stage and by source."""
    warnings: tuple[str, ...] = ()
    arm: Arm | None = None
    """What a bandit or an experiment decided, if one did."""
    rules: tuple[RuleTold, ...] = ()
    """What each rule did that met a candidate."""

    @property
    def model_version(self) -> str:
        return model_version(self.call.request)

    @property
    def degraded(self) -> tuple[str, ...]:
        return words_of(self.lacks)

    @property
    def rung(self) -> Rung:
        return max((lack.rung for lack in self.lacks), default=Rung.FULL)

    @property
    def rung_reason(self) -> str | None:
        return "; ".join(lack.reason for lack in self.lacks) or None
