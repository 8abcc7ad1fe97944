"""One fold: ask everybody in the world as of its cut, and measure all models."""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from catalog.core.moments import from_microseconds
from ranking.core.world import World
from simulations.core.asking import Held, Histories, held_out, without
from simulations.core.evaluation import SYSTEM, EvaluationSpec
from simulations.core.measuring import Answers, Columns, ItemFacts, Judged, measure
from simulations.core.metrics import percentiles
from simulations.core.splits import Fold

from . import baseline_models
from .answering import Answered, Stage, answer_all, knobs_of
from .as_of import AsOf, everything_counts_as_bought
from .fold_parts import categories_of, surfaces_of
from .fold_worlds import Clock
from .material import Material, Person

_NO_SEGMENT = "no segment"


class NothingToEvaluateError(ValueError):
    """No user of a fold can be asked."""


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


def evaluate_fold(
    material: Material,
    fold: Fold,
    spec: EvaluationSpec,
    *,
    as_of: AsOf,
    clock: Clock,
) -> FoldResult:
    """Ask everybody of a fold in its world, and measure all models."""
    everybody = chosen_users(material, fold, spec, as_of)
    held = drawn(everybody, spec)
    people = material.people(held.users)
    histories = Histories(material.events, fold).of(
        held.users, traits=[person.traits for person in people]
    )
    stage = stage_of(material, fold, spec, as_of)
    with clock.timed("ranking"):
        answered = answer_all(stage, people, histories, chosen=held.chosen)
    asked, left_out = _who_counts(held, people, answered)
    if len(held) < len(everybody):
        left_out["not drawn"] = len(everybody) - len(held)
    return _judge(material, fold, stage, asked=asked, left_out=left_out, clock=clock)


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


def chosen_users(
    material: Material, fold: Fold, spec: EvaluationSpec, as_of: AsOf
) -> Held:
    """Return the users of a fold that can be asked.

    Relevant are only items that somebody had before the cut: no model can be asked for
    others.
    """
    numbers = as_of.world.snapshot.numbers
    everybody = held_out(
        material.events, fold, weights=material.weights, numbers=numbers
    )
    known = known_rows(material, fold, numbers)
    chosen = csr_matrix(everybody.chosen.multiply(known[np.newaxis, :]))
    chosen.eliminate_zeros()
    if spec.relevance == "binary":
        chosen.data = np.ones(len(chosen.data))
    if spec.task == "new":
        chosen = without(chosen, everybody.known)
    chosen.sort_indices()
    held = msgspec.structs.replace(everybody, chosen=chosen)
    counts = np.asarray(everybody.known.astype(bool).sum(axis=1)).ravel()
    enough = (held.events_before >= spec.min_events) & (
        (counts > 0) | (spec.min_events == 0)
    )
    held = held.take(np.flatnonzero(enough & (np.diff(chosen.indptr) > 0)))
    if not len(held):
        cut = from_microseconds(fold.cut_us)
        raise NothingToEvaluateError(
            f"Nobody with at least {spec.min_events} events up to"
            f" {cut:%Y-%m-%d %H:%M} chose a known item after it."
        )
    return held


def drawn(held: Held, spec: EvaluationSpec) -> Held:
    """Return those whom the seed draws, everybody where no number is given."""
    if spec.max_users is None or len(held) <= spec.max_users:
        return held
    rng = np.random.default_rng(spec.seed)
    lot = rng.choice(len(held), size=spec.max_users, replace=False)
    return held.take(np.sort(lot))


def known_rows(
    material: Material, fold: Fold, numbers: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Say which items somebody had to do with before the cut. Shape (n,)."""
    active = np.isin(material.events.types, list(material.weights))
    seen = np.unique(material.events.items[fold.before & active])
    flags: NDArray[np.bool_] = np.isin(numbers, seen)
    return flags


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """Those whose answers count, with what they got; row u of everything is one."""

    held: Held
    people: list[Person]
    segments: list[str]
    answers: Answers
    excluded: csr_matrix


def _who_counts(
    held: Held, people: list[Person], answered: Answered
) -> tuple[_Asked, dict[str, int]]:
    """Return those who have anything left that could have been foretold."""
    relevant = without(held.chosen, answered.excluded)
    rows = np.flatnonzero(np.diff(relevant.indptr) > 0)
    if not len(rows):
        raise NothingToEvaluateError(
            "All that users chose after the split is excluded for them as already"
            " bought; evaluate the task “all”, or switch the exclusion off."
        )
    named = [
        (people[row], answered.segments[row] or people[row].traits.get("segment"))
        for row in rows.tolist()
    ]
    asked = _Asked(
        held=msgspec.structs.replace(held, chosen=relevant).take(rows),
        people=[person for person, _ in named],
        segments=[str(segment or _NO_SEGMENT) for _, segment in named],
        answers=Answers(
            lists=answered.answers.lists[rows], auc=answered.answers.auc[rows]
        ),
        excluded=answered.excluded[rows],
    )
    gone = len(held) - len(rows)
    return asked, ({"nothing relevant is left after exclusions": gone} if gone else {})


def _judge(
    material: Material,
    fold: Fold,
    stage: Stage,
    *,
    asked: _Asked,
    left_out: dict[str, int],
    clock: Clock,
) -> FoldResult:
    spec, world, held = stage.spec, stage.world, asked.held
    with clock.timed("baselines"):
        answers = _of_baselines(material, fold, stage, asked)
    with clock.timed("measuring"):
        facts = facts_of(world, material, fold)
        judged = Judged.of(held.chosen, k=spec.k)
        expected = answers["popularity"].lists
        wanted = {SYSTEM: asked.answers} | {n: answers[n] for n in spec.baselines}
        columns = {
            name: measure(each, judged, facts, ks=spec.ks, expected=expected)
            for name, each in wanted.items()
        }
    return FoldResult(
        fold=fold,
        held=held,
        people=asked.people,
        segments=asked.segments,
        numbers=world.snapshot.numbers,
        facts=facts,
        judged=judged,
        lists={name: each.lists for name, each in wanted.items()},
        columns=columns,
        categories=categories_of(world, held.chosen),
        surfaces=surfaces_of(material, fold, held),
        left_out=left_out,
    )


def _of_baselines(
    material: Material, fold: Fold, stage: Stage, asked: _Asked
) -> dict[str, Answers]:
    """Return the answers of the baselines; popularity always, to tell surprises by."""
    trained = baseline_models.train(
        material.events,
        fold,
        asked.held,
        weights=material.weights,
        numbers=stage.world.snapshot.numbers,
        seed=material.parameters.seed,
    )
    trained = replace(trained, solved=stage.solved)
    return {
        name: baseline_models.answer(
            name, trained, excluded=asked.excluded, k=stage.spec.k
        )
        for name in dict.fromkeys(("popularity", *stage.spec.baselines))
    }


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
    interactions = np.bincount(rows, minlength=n)[:n] * known
    popularity = items.signal(world.snapshot.popularity)
    content = items.content.astype(np.float32) if world.has_content else None
    return ItemFacts(
        candidates=known,
        interactions=interactions.astype(np.int64),
        long_tail=items.long_tail,
        popularity=percentiles(popularity, among=popularity[known]),
        categories=items.attribute("category").astype(np.int64),
        brands=items.attribute("brand").astype(np.int64),
        vectors=_unit(content) if content is not None else np.zeros((n, 0), np.float32),
    )


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
