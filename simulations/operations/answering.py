"""Ask the serving engine, in this process, what many users would have been shown."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from ranking.core.arrange_many import arrange_many
from ranking.core.gather import gather
from ranking.core.inputs import Inputs
from ranking.core.knobs import KNOBS_BY_NAME, Value
from ranking.core.layers import Plan
from ranking.core.meet import meet
from ranking.core.pool import Pool
from ranking.core.ranking import Ranking
from ranking.core.request import History, Request
from ranking.core.world import World
from ranking.training.ease import Solved
from ranking.training.matrix import Interactions
from rules.core.types import NO_RULES, RuleSet
from simulations.core.accuracy import auc_of
from simulations.core.evaluation import EvaluationSpec, Task
from simulations.core.measuring import Answers

from .material import Person

BLOCK = 256
"""Pools of so many users are kept at a time."""

_ANYTHING_DAYS = 3650.0
_OF_TASK: Mapping[Task, Mapping[str, Value]] = {
    "served": {},
    "all": {"rule_exclude_events": False, "repeat_mode": "all"},
    "new": {
        "rule_exclude_events": True,
        "exclude_event_types": (),
        "purchased_window_days": _ANYTHING_DAYS,
    },
}

type I64 = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """All that questions of one fold share."""

    world: World
    plan: Plan
    at_us: int
    """The moment of the questions: the cut."""

    wall_us: int
    """The moment at which rules are in force or not: now."""

    spec: EvaluationSpec
    knobs: Mapping[str, Value]
    """Knobs on top of the configuration: those of the task and of the spec."""

    solved: tuple[Interactions, Solved] | None = None
    """The item-to-item model of the world as it was solved, for a baseline to share."""


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What users of one fold would have been shown."""

    answers: Answers
    excluded: csr_matrix
    """Shape (u, n). What might not be shown to whom."""

    segments: list[str | None]
    n_candidates: NDArray[np.int64]


def knobs_of(spec: EvaluationSpec) -> Mapping[str, Value]:
    """Return the knobs that a spec sets, checked, with those of its task on top.

    Raises
    ------
    KnobError
        If a value lies outside its knob's range.
    UnknownKnobError
    """
    checked: dict[str, Value] = {}
    for name, value in spec.overrides.items():
        knob = KNOBS_BY_NAME.get(name)
        if knob is None:
            raise UnknownKnobError(name)
        checked[name] = knob.check(value)
    return {**checked, **_OF_TASK[spec.task]}


class UnknownKnobError(LookupError):
    """A spec sets what is no knob."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is no knob; docs/reference/knobs.md lists them")


def gather_pools(
    stage: Stage, people: Sequence[Person], histories: Sequence[History]
) -> list[Pool]:
    """Gather everybody's candidates."""
    pools = []
    for person, history in zip(people, histories, strict=True):
        inputs = inputs_of(stage, person, history)
        shopper, resolved = meet(inputs)
        pools.append(gather(inputs, shopper=shopper, resolved=resolved))
    return pools


def inputs_of(stage: Stage, person: Person, history: History) -> Inputs:
    """Return one user's question at the cut."""
    spec = stage.spec
    return Inputs(
        request=Request(
            namespace=stage.plan.configuration.namespace,
            surface=spec.surface,
            user_id=person.user_id,
            k=spec.k,
            profile=spec.profile,
        ),
        world=stage.world,
        history=history,
        plan=stage.plan,
        at_us=stage.at_us,
        seed=seed_of(person.user_id, spec.seed),
        arm=stage.knobs,
    )


def seed_of(user_id: str, seed: int) -> int:
    """Return a user's own seed, whatever the order in which users are asked."""
    digest = hashlib.sha256(f"{seed}:{user_id}".encode()).digest()
    return int.from_bytes(digest[:8])


def answer_all(
    stage: Stage,
    people: Sequence[Person],
    histories: Sequence[History],
    *,
    chosen: csr_matrix,
) -> Answered:
    """Return everybody's list, with what was left out of it.

    Parameters
    ----------
    stage : Stage
    people, histories : sequences of length u
    chosen : matrix of shape (u, n)
        What each user chose, for the measure that looks at the whole order.
    """
    lists = np.full((len(people), stage.spec.k), -1, dtype=np.int64)
    areas = np.full(len(people), np.nan)
    bought: list[I64] = []
    segments: list[str | None] = []
    sizes = np.zeros(len(people), dtype=np.int64)
    for start in range(0, len(people), BLOCK):
        part = slice(start, start + BLOCK)
        pools = gather_pools(stage, people[part], histories[part])
        for line, ranking in enumerate(arranged(stage, pools), start=start):
            shown = ranking.pool.rows[ranking.places]
            lists[line, : len(shown)] = shown
            sizes[line] = len(ranking.pool)
            bought.append(ranking.pool.eligibility.bought)
            segments.append(ranking.pool.shopper.match.segment_id)
            wanted = chosen.indices[chosen.indptr[line] : chosen.indptr[line + 1]]
            areas[line] = _area(ranking, wanted=wanted, n=len(stage.world))
    return Answered(
        answers=Answers(lists=lists, auc=areas),
        excluded=_matrix(bought, n=len(stage.world)),
        segments=segments,
        n_candidates=sizes,
    )


def _area(ranking: Ranking, *, wanted: NDArray[np.integer[Any]], n: int) -> float:
    """Return the AUC of one user; what is no candidate stands below all that are."""
    scores = np.full(n, -1.0)
    scores[ranking.pool.rows] = ranking.scored.scores
    bought = ranking.pool.eligibility.bought
    scores[bought] = -np.inf
    of_wanted = scores[wanted]
    return auc_of(scores, of_wanted[of_wanted > -np.inf], n_closed=len(bought))


def arranged(stage: Stage, pools: Sequence[Pool]) -> list[Ranking]:
    """Arrange pools, each with the knobs that its user gets."""
    return arrange_many(
        pools,
        [pool.resolved.knobs for pool in pools],
        rules=rules_of(stage),
        at_us=stage.at_us,
        seeds=[seed_of(pool.request.user_id or "", stage.spec.seed) for pool in pools],
    )


def rules_of(stage: Stage) -> RuleSet:
    """Return the rules that act on the questions of a stage."""
    if not stage.spec.with_rules:
        return NO_RULES
    return stage.plan.rulebook.at(stage.spec.surface, at_us=stage.wall_us)


def excluded_of(pools: Sequence[Pool], *, n: int) -> csr_matrix:
    """Return what might not be shown to whom. Shape (u, n)."""
    return _matrix([pool.eligibility.bought for pool in pools], n=n)


def _matrix(lists: Sequence[I64], *, n: int) -> csr_matrix:
    starts = np.cumsum([0, *map(len, lists)])
    rows = np.concatenate(lists) if lists else np.empty(0, dtype=np.int64)
    return csr_matrix((np.ones(len(rows)), rows, starts), shape=(len(lists), n))
