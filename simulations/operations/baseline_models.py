"""Train the baselines on what was known at a cut, and let them answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from ranking.training.als import AlsSettings, factorise
from ranking.training.ease import Solved, solve_ease
from ranking.training.matrix import Interactions
from simulations.core.accuracy import auc_of
from simulations.core.asking import Held, amounts
from simulations.core.baselines import (
    best,
    close,
    cosine_neighbours,
    own_purchases,
    popularity,
)
from simulations.core.measuring import Answers
from simulations.core.splits import Fold

from .material import Material

type F32 = NDArray[np.float32]
type I64 = NDArray[np.int64]
type Scorer = Callable[[slice], F32]
"""Scores every item for some of those who are asked."""

_SCORES_AT_ONCE, _MOST_USERS_AT_ONCE = 2**25, 1_024
# The better of the two that were tried on Online Retail, see the baselines' page.
ALS_DIMENSIONS, ALS_ITERATIONS = 128, 15
ALS_REGULARIZATION, ALS_ALPHA = 0.05, 5.0
EASE_MOST_ITEMS, EASE_PENALTY = 8_000, 8.0


@dataclass(frozen=True, kw_only=True)
class Known:
    """What all users did before a cut, as a matrix over the rows of a world."""

    had: csr_matrix
    """Shape (all users, n). 1 where a user had to do with an item."""

    users: I64
    numbers: I64
    """Shape (n,). Item numbers of the columns."""

    seed: int
    solved: tuple[Interactions, Solved] | None = None
    """EASE as our own signals solved it, to be used if it is the same problem."""

    @cached_property
    def popular(self) -> F32:
        """How many users had each item."""
        return popularity(self.had)

    def lines_of(self, asked: Held) -> I64:
        """Return where the users who are asked stand in the matrix."""
        return self.users.searchsorted(asked.users)

    def interactions(self) -> Interactions:
        """Return the matrix as trainers take it: its columns are its items."""
        return Interactions(users=self.users, items=self.numbers, strengths=self.had)


@dataclass(frozen=True)
class Baseline:
    """A recommender that knows what was known at a cut, and who may be asked."""

    known: Known
    scorer_for: Callable[[Held], Scorer]


def known_before(material: Material, fold: Fold, asked: Held, *, numbers: I64) -> Known:
    """Return the matrix of a fold, in which those who may be asked have a line."""
    before = material.events.take(fold.before)
    users = np.union1d(before.users, asked.users)
    had = amounts(before, material.weights, users=users, numbers=numbers)
    had.data = np.ones(len(had.data))
    return Known(
        had=had.astype(np.float32),
        users=users,
        numbers=numbers,
        seed=material.parameters.seed,
    )


def train(name: str, known: Known) -> Baseline:
    """Return a baseline that is ready to answer."""
    return Baseline(known, _TRAINERS[name](known))


def answer(
    baseline: Baseline,
    asked: Held,
    *,
    excluded: csr_matrix,
    k: int,
    with_auc: bool = True,
) -> Answers:
    """Return the lists of one baseline, with the same exclusions as ours.

    The AUC takes the whole order of each user: as long as all the rest together.
    """
    scores_of, known = baseline.scorer_for(asked), baseline.known
    candidates = known.popular > 0
    lists = np.full((len(asked), k), -1, dtype=np.int64)
    areas = np.full(len(asked), np.nan)
    at_once = _SCORES_AT_ONCE // max(len(known.numbers), 1)
    step = max(1, min(at_once, _MOST_USERS_AT_ONCE))
    for start in range(0, len(asked), step):
        part = slice(start, min(start + step, len(asked)))
        scores = scores_of(part)
        close(scores, excluded=excluded[part], candidates=candidates)
        lists[part] = best(scores, k=k)
        if with_auc:
            areas[part] = _areas(scores, asked.chosen[part])
    return Answers(lists=lists, auc=areas)


def _areas(scores: F32, chosen: csr_matrix) -> NDArray[np.float64]:
    """Return the AUC of each user among all that may be recommended."""
    closed = (scores == -np.inf).sum(axis=1).tolist()
    areas = np.full(len(scores), np.nan)
    for line, (row, n_closed) in enumerate(zip(scores, closed, strict=True)):
        wanted = row[chosen.indices[chosen.indptr[line] : chosen.indptr[line + 1]]]
        open_to = wanted[wanted > -np.inf]
        areas[line] = auc_of(row, open_to, n_closed=n_closed)
    return areas


def _popularity(known: Known) -> Callable[[Held], Scorer]:
    popular = known.popular

    def scores(part: slice) -> F32:
        return np.tile(popular, (part.stop - part.start, 1))

    return lambda _asked: scores


def _own_purchases(known: Known) -> Callable[[Held], Scorer]:
    popular = known.popular

    def scorer_for(asked: Held) -> Scorer:
        return lambda part: own_purchases(asked.known[part], popular)

    return scorer_for


def _item_knn(known: Known) -> Callable[[Held], Scorer]:
    neighbours = cosine_neighbours(known.had)

    def scorer_for(asked: Held) -> Scorer:
        history = csr_matrix(known.had[known.lines_of(asked)])
        return lambda part: (history[part] @ neighbours).toarray()

    return scorer_for


def _ials(known: Known) -> Callable[[Held], Scorer]:
    settings = AlsSettings(
        dimensions=ALS_DIMENSIONS,
        iterations=ALS_ITERATIONS,
        regularization=ALS_REGULARIZATION,
        alpha=ALS_ALPHA,
        seed=known.seed,
        # Baselines are trained beside other work, which has the rest.
        threads=1,
    )
    found = factorise(known.interactions(), settings)
    of_all, items = found.user_factors, found.items.factors

    def scorer_for(asked: Held) -> Scorer:
        users = of_all[known.lines_of(asked)]
        return lambda part: users[part] @ items.T

    return scorer_for


def _ease(known: Known) -> Callable[[Held], Scorer]:
    solved = _solved(known)
    columns, weights = known.numbers.searchsorted(solved.items), solved.weights()
    n = known.had.shape[1]

    def scorer_for(asked: Held) -> Scorer:
        history = csr_matrix(known.had[known.lines_of(asked)])

        def scores(part: slice) -> F32:
            if len(columns) == n:
                whole: F32 = history[part] @ weights
                return whole
            found = np.full((part.stop - part.start, n), -1e9, dtype=np.float32)
            found[:, columns] = history[part][:, columns] @ weights
            return found

        return scores

    return scorer_for


def _solved(known: Known) -> Solved:
    """Return EASE of the baseline's matrix, solved once where ours is the same one."""
    if known.solved is not None:
        matrix, solved = known.solved
        mean = EASE_PENALTY * max(matrix.strengths.sum() / len(solved.items), 1e-3)
        if _is_same(matrix, known) and np.isclose(solved.penalty, mean, rtol=1e-4):
            return solved
    return solve_ease(
        known.interactions(), most_items=EASE_MOST_ITEMS, penalty=EASE_PENALTY
    )


def _is_same(matrix: Interactions, known: Known) -> bool:
    """Say whether a matrix holds just who had what, of the baseline's users."""
    strengths = matrix.strengths
    return (
        strengths.nnz == known.had.nnz
        and bool((strengths.data == 1.0).all())
        and bool(np.isin(matrix.users, known.users).all())
        and len(matrix.items) <= EASE_MOST_ITEMS
    )


_TRAINERS: dict[str, Callable[[Known], Callable[[Held], Scorer]]] = {
    "popularity": _popularity,
    "own_purchases": _own_purchases,
    "item_knn": _item_knn,
    "ials": _ials,
    "ease": _ease,
}
