"""One fold: ask everybody in the world as of its cut, and measure all models."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from ranking.core.world import World
from ranking.signals.scores import long_tail
from simulations.core.asking import Held, Histories
from simulations.core.evaluation import SYSTEM, EvaluationSpec
from simulations.core.measuring import Answers, Columns, ItemFacts, Judged, measure
from simulations.core.metrics import percentiles
from simulations.core.splits import Fold

from . import baseline_models
from .answering import Answered, Stage, answer_all, knobs_of
from .as_of import AsOf, everything_counts_as_bought
from .fold_parts import categories_of, surfaces_of
from .fold_users import known_rows, still_relevant
from .fold_worlds import Clock, PreparedFold
from .material import Material, Person

NO_SEGMENT = "no segment"


@dataclass(frozen=True, kw_only=True)
class FoldResult:
    """What every model showed the users of one fold."""

    fold: Fold
    held: Held
    people: list[Person]
    segments: list[str]
    numbers: NDArray[np.int64]
    """Item number of each row of the fold's world."""

    facts: ItemFacts
    judged: Judged
    lists: dict[str, NDArray[np.int64]]
    columns: dict[str, Columns]
    categories: list[str]
    surfaces: list[str]
    left_out: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """Those whose answers count, with what they got; row u of everything is one."""

    held: Held
    people: list[Person]
    segments: list[str]
    answers: Answers
    excluded: csr_matrix


@dataclass(frozen=True, kw_only=True)
class AnsweredFold:
    """A fold whose users were asked, while baselines may still be answering."""

    fold: Fold
    stage: Stage
    asked: _Asked
    baselines: Future[dict[str, Answers]]
    left_out: dict[str, int]


def ask_fold(
    material: Material,
    prepared: PreparedFold,
    spec: EvaluationSpec,
    *,
    answering: Executor,
    clock: Clock,
) -> AnsweredFold:
    """Ask everybody of a fold in its world, and have `answering` ask the baselines."""
    fold, held = prepared.fold, prepared.held
    people = material.people(held.users)
    histories = Histories(material.events, fold).of(
        held.users, traits=[person.traits for person in people]
    )
    stage = stage_of(material, fold, spec, prepared.as_of)
    with clock.timed("ranking"):
        answered = answer_all(stage, people, histories, chosen=held.chosen)
    asked, left_out = _who_counts(held, people, answered)
    if prepared.not_drawn:
        left_out["not drawn"] = prepared.not_drawn

    def of_baselines() -> dict[str, Answers]:
        with clock.timed("baselines"):
            return _of_baselines(prepared, asked, k=spec.k)

    return AnsweredFold(
        fold=fold,
        stage=stage,
        asked=asked,
        baselines=answering.submit(of_baselines),
        left_out=left_out,
    )


def stage_of(
    material: Material, fold: Fold, spec: EvaluationSpec, as_of: AsOf
) -> Stage:
    """Return what the questions of a fold share."""
    world = as_of.world
    if spec.task == "new":
        before = material.events.take(fold.before)
        world = everything_counts_as_bought(world, before)
    return Stage(
        world=world,
        plan=material.plan,
        at_us=fold.cut_us,
        wall_us=material.wall_us,
        spec=spec,
        knobs=knobs_of(spec),
        solved=as_of.solved,
    )


def _who_counts(
    held: Held, people: list[Person], answered: Answered
) -> tuple[_Asked, dict[str, int]]:
    """Return those who have anything left that could have been foretold."""
    relevant, rows = still_relevant(held, excluded=answered.excluded)
    named = [
        (people[row], answered.segments[row] or people[row].traits.get("segment"))
        for row in rows.tolist()
    ]
    asked = _Asked(
        held=relevant,
        people=[person for person, _ in named],
        segments=[str(segment or NO_SEGMENT) for _, segment in named],
        answers=Answers(
            lists=answered.answers.lists[rows], auc=answered.answers.auc[rows]
        ),
        excluded=answered.excluded[rows],
    )
    gone = len(held) - len(rows)
    return asked, ({"nothing relevant is left after exclusions": gone} if gone else {})


def _of_baselines(
    prepared: PreparedFold, asked: _Asked, *, k: int
) -> dict[str, Answers]:
    """Return the answers of the baselines, as soon as they are trained."""
    return {
        name: baseline_models.answer(
            training.result(), asked.held, excluded=asked.excluded, k=k
        )
        for name, training in prepared.baselines.items()
    }


def judge_fold(
    material: Material, answered: AnsweredFold, *, clock: Clock
) -> FoldResult:
    """Measure what all models showed, once the baselines have answered."""
    answers = answered.baselines.result()
    with clock.timed("measuring"):
        return _judge(material, answered, answers)


def _judge(
    material: Material, answered: AnsweredFold, answers: dict[str, Answers]
) -> FoldResult:
    fold, stage, asked = answered.fold, answered.stage, answered.asked
    spec, world, held = stage.spec, stage.world, asked.held
    facts = facts_of(world, material, fold)
    judged = Judged.of(held.chosen, k=spec.k)
    expected = answers["popularity"].lists
    wanted = {SYSTEM: asked.answers} | {n: answers[n] for n in spec.baselines}
    return FoldResult(
        fold=fold,
        held=held,
        people=asked.people,
        segments=asked.segments,
        numbers=world.snapshot.numbers,
        facts=facts,
        judged=judged,
        lists={name: each.lists for name, each in wanted.items()},
        columns={
            name: measure(each, judged, facts, ks=spec.ks, expected=expected)
            for name, each in wanted.items()
        },
        categories=categories_of(world, held.chosen),
        surfaces=surfaces_of(material, fold, held),
        left_out=answered.left_out,
    )


def facts_of(world: World, material: Material, fold: Fold) -> ItemFacts:
    """Return what measures know of the items of a world."""
    n = len(world)
    items = world.select(np.arange(n, dtype=np.int64))
    numbers = world.snapshot.numbers
    known = known_rows(material, fold, numbers)
    events = material.events
    active = np.isin(events.types, list(material.weights)) & fold.before
    rows = numbers.searchsorted(events.items[active])
    rows = rows[(rows < n)]
    counts = np.bincount(rows, minlength=n)[:n] * known
    interactions = counts.astype(np.int64)
    popularity = items.signal(world.snapshot.popularity)
    content = items.content.astype(np.float32) if world.has_content else None
    return ItemFacts(
        candidates=known,
        interactions=interactions,
        # By one definition, whatever a profile calls its long tail.
        long_tail=long_tail(interactions),
        popularity=percentiles(popularity, among=popularity[known]),
        categories=items.attribute("category").astype(np.int64),
        brands=items.attribute("brand").astype(np.int64),
        vectors=_unit(content) if content is not None else np.zeros((n, 0), np.float32),
    )


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
