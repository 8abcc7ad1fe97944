"""The users of one fold with their pools, ready to be arranged again and again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ranking.core.arrange_many import arrange_many
from ranking.core.knobs import Knobs
from ranking.core.layers import Plan
from ranking.core.pool import Pool
from ranking.core.request_layers import resolve
from rules.core.types import RuleSet
from simulations.core.asking import Held, Histories
from simulations.core.evaluation import EvaluationSpec
from simulations.core.measuring import Answers, Columns, ItemFacts, Judged, measure
from simulations.core.splits import Fold
from simulations.operations import baseline_models
from simulations.operations.answering import (
    Stage,
    excluded_of,
    gather_pools,
    rules_of,
    seed_of,
)
from simulations.operations.as_of import AsOf
from simulations.operations.fold_users import chosen_users, drawn, still_relevant
from simulations.operations.folds import NO_SEGMENT, facts_of, stage_of
from simulations.operations.material import Material, Person

type I64 = NDArray[np.int64]

_SAMPLE_PART = 4
_BLOCK = 256


@dataclass(frozen=True, kw_only=True)
class AskedFold:
    """Everybody who is asked in a fold; row u of everything is the same user."""

    stage: Stage
    held: Held
    people: list[Person]
    segments: list[str]
    pools: list[Pool]
    facts: ItemFacts
    judged: Judged
    popular: Answers
    """What the most popular items would have been."""

    popular_columns: Columns

    def __len__(self) -> int:
        return len(self.pools)

    @cached_property
    def everybody(self) -> I64:
        return np.arange(len(self), dtype=np.int64)

    @cached_property
    def sample(self) -> I64:
        """A quarter of the users, the same for every trial."""
        order = np.random.default_rng(self.stage.spec.seed).permutation(len(self))
        return np.sort(order[: -(-len(self) // _SAMPLE_PART)])

    @cached_property
    def rest(self) -> I64:
        return np.setdiff1d(self.everybody, self.sample)

    def nothing(self) -> I64:
        """Return lists that are empty yet. Shape (u, k)."""
        return np.full((len(self), self.stage.spec.k), -1, dtype=np.int64)

    def knobs(self, plan: Plan) -> list[Knobs]:
        """Return what each user gets by a plan, as `meet` would find it."""
        found: dict[tuple[str | None, str | None, bool], Knobs] = {}
        resolved = []
        for pool in self.pools:
            match, is_new = pool.shopper.match, pool.shopper.is_new
            situation = (match.segment_id, match.profile_id, is_new)
            if situation not in found:
                base = plan.base(pool.request, match)
                found[situation] = resolve(
                    base, request=pool.request, is_new=is_new, arm=self.stage.knobs
                ).knobs
            resolved.append(found[situation])
        return resolved

    def fill(self, lists: I64, knobs: Sequence[Knobs], *, rows: I64) -> None:
        """Arrange the pools of some users and write down what they are shown."""
        seed = self.stage.spec.seed
        for start in range(0, len(rows), _BLOCK):
            part = rows[start : start + _BLOCK].tolist()
            pools = [self.pools[row] for row in part]
            rankings = arrange_many(
                pools,
                [knobs[row] for row in part],
                rules=self._rules,
                at_us=self.stage.at_us,
                seeds=[seed_of(pool.request.user_id or "", seed) for pool in pools],
            )
            for row, ranking in zip(part, rankings, strict=True):
                shown = ranking.pool.rows[ranking.places]
                lists[row, : len(shown)] = shown

    @cached_property
    def _rules(self) -> RuleSet:
        return rules_of(self.stage)

    def measure(self, lists: I64) -> Columns:
        """Return every figure that single users have. AUC takes whole orders: none."""
        answers = Answers(lists=lists, auc=np.full(len(lists), np.nan))
        return measure(
            answers,
            self.judged,
            self.facts,
            ks=self.stage.spec.ks,
            expected=self.popular.lists,
        )


def ask_fold(
    material: Material, fold: Fold, spec: EvaluationSpec, as_of: AsOf, *, plan: Plan
) -> AskedFold:
    """Gather everybody's candidates in a fold, by a plan.

    Raises
    ------
    NothingToEvaluateError
        If nobody chose anything that could have been shown.
    """
    numbers = as_of.world.snapshot.numbers
    held = drawn(chosen_users(material, fold, spec, numbers=numbers), spec)
    people = material.people(held.users)
    histories = Histories(material.events, fold).of(
        held.users, traits=[person.traits for person in people]
    )
    stage = replace(stage_of(material, fold, spec, as_of), plan=plan)
    pools = gather_pools(stage, people, histories)
    excluded = excluded_of(pools, n=len(stage.world))
    held, rows = still_relevant(held, excluded=excluded)
    known = baseline_models.known_before(material, fold, held, numbers=numbers)
    popular = baseline_models.answer(
        baseline_models.train("popularity", known),
        held,
        excluded=excluded[rows],
        k=spec.k,
        with_auc=False,
    )
    facts = facts_of(stage.world, material, fold)
    judged = Judged.of(held.chosen, k=spec.k)
    chosen = rows.tolist()
    return AskedFold(
        stage=stage,
        held=held,
        people=[people[row] for row in chosen],
        segments=[_segment(pools[row], people[row]) for row in chosen],
        pools=[pools[row] for row in chosen],
        facts=facts,
        judged=judged,
        popular=popular,
        popular_columns=measure(
            popular, judged, facts, ks=spec.ks, expected=popular.lists
        ),
    )


def _segment(pool: Pool, person: Person) -> str:
    name = pool.shopper.match.segment_id or person.traits.get("segment")
    return str(name or NO_SEGMENT)
