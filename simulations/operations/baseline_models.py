"""Train the baselines on what was known at a cut, and let them answer."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from ranking.training.als import AlsSettings, factorise
from ranking.training.ease import Solved, solve_ease
from ranking.training.matrix import Interactions
from simulations.core.accuracy import auc_of_sorted
from simulations.core.asking import Held, amounts
from simulations.core.baselines import (
    best,
    close,
    cosine_neighbours,
    own_purchases,
    popularity,
)
from simulations.core.measuring import Answers
from simulations.core.splits import Events, Fold

type F32 = NDArray[np.float32]
type I64 = NDArray[np.int64]

_USERS_AT_ONCE = 1_024
# The better of the two that were tried on Online Retail, see the baselines' page.
ALS_DIMENSIONS, ALS_ITERATIONS = 128, 15
ALS_REGULARIZATION, ALS_ALPHA = 0.05, 5.0
EASE_MOST_ITEMS, EASE_PENALTY = 8_000, 8.0


@dataclass(frozen=True)
class Trained:
    """What all users did before a cut, as matrices over the rows of a world."""

    known: csr_matrix
    """Shape (all users, n). 1 where a user had to do with an item."""

    users: I64
    asked: Held
    numbers: I64
    """Shape (n,). Item numbers of the columns."""

    seed: int
    solved: tuple[Interactions, Solved] | None = None
    """EASE as our own signals solved it, to be used if it is the same problem."""

    @cached_property
    def lines(self) -> I64:
        """Where the users who are asked stand in the matrix."""
        return self.users.searchsorted(self.asked.users)

    @cached_property
    def popular(self) -> F32:
        """How many users had each item."""
        return popularity(self.known)

    @cached_property
    def history(self) -> csr_matrix:
        """What those who are asked had. Shape (u, n)."""
        return csr_matrix(self.known[self.lines])

    def interactions(self) -> Interactions:
        """Return the matrix as trainers take it: its columns are its items."""
        return Interactions(
            users=self.users,
            items=self.numbers,
            strengths=self.known,
        )


def train(
    events: Events,
    fold: Fold,
    held: Held,
    *,
    weights: dict[int, float],
    numbers: I64,
    seed: int,
) -> Trained:
    """Return the matrices of a fold for those who are asked."""
    before = events.take(fold.before)
    users = np.union1d(before.users, held.users)
    known = amounts(before, weights, users=users, numbers=numbers)
    known.data = np.ones(len(known.data))
    return Trained(
        known=known.astype(np.float32),
        users=users,
        asked=held,
        numbers=numbers,
        seed=seed,
    )


def answer(name: str, trained: Trained, *, excluded: csr_matrix, k: int) -> Answers:
    """Return the lists of one baseline, with the same exclusions as ours."""
    scores_of = _SCORERS[name](trained)
    candidates = trained.popular > 0
    n_users = len(trained.asked)
    lists = np.full((n_users, k), -1, dtype=np.int64)
    areas = np.full(n_users, np.nan)
    chosen = trained.asked.chosen
    for start in range(0, n_users, _USERS_AT_ONCE):
        part = slice(start, min(start + _USERS_AT_ONCE, n_users))
        scores = scores_of(part)
        close(scores, excluded=excluded[part], candidates=candidates)
        ordered = np.sort(scores, axis=1)
        lists[part] = best(scores, ordered, k=k)
        areas[part] = _areas(scores, ordered, chosen[part])
    return Answers(lists=lists, auc=areas)


def _areas(scores: F32, ordered: F32, chosen: csr_matrix) -> NDArray[np.float64]:
    """Return the AUC of each user among all that may be recommended."""
    closed = (ordered == -np.inf).sum(axis=1)
    areas = np.full(len(scores), np.nan)
    for line, first in enumerate(closed.tolist()):
        span = slice(chosen.indptr[line], chosen.indptr[line + 1])
        wanted = scores[line, chosen.indices[span]]
        areas[line] = auc_of_sorted(ordered[line, first:], wanted[wanted > -np.inf])
    return areas


type Scorer = Callable[[slice], F32]


def _popularity(trained: Trained) -> Scorer:
    def scores(part: slice) -> F32:
        return np.tile(trained.popular, (part.stop - part.start, 1))

    return scores


def _own_purchases(trained: Trained) -> Scorer:
    return lambda part: own_purchases(trained.asked.known[part], trained.popular)


def _item_knn(trained: Trained) -> Scorer:
    neighbours = cosine_neighbours(trained.known)
    return lambda part: (trained.history[part] @ neighbours).toarray()


def _ials(trained: Trained) -> Scorer:
    settings = AlsSettings(
        dimensions=ALS_DIMENSIONS,
        iterations=ALS_ITERATIONS,
        regularization=ALS_REGULARIZATION,
        alpha=ALS_ALPHA,
        seed=trained.seed,
        threads=os.cpu_count() or 1,
    )
    found = factorise(trained.interactions(), settings)
    users, items = found.user_factors[trained.lines], found.items.factors
    return lambda part: users[part] @ items.T


def _ease(trained: Trained) -> Scorer:
    solved = _solved(trained)
    columns, weights = trained.numbers.searchsorted(solved.items), solved.weights()

    n = trained.known.shape[1]

    def scores(part: slice) -> F32:
        if len(columns) == n:
            whole: F32 = trained.history[part] @ weights
            return whole
        found = np.full((part.stop - part.start, n), -1e9, dtype=np.float32)
        found[:, columns] = trained.history[part][:, columns] @ weights
        return found

    return scores


def _solved(trained: Trained) -> Solved:
    """Return EASE of the baseline's matrix, solved once where ours is the same one."""
    if trained.solved is not None:
        matrix, solved = trained.solved
        mean = EASE_PENALTY * max(matrix.strengths.sum() / len(solved.items), 1e-3)
        if _is_same(matrix, trained) and np.isclose(solved.penalty, mean, rtol=1e-4):
            return solved
    return solve_ease(
        trained.interactions(), most_items=EASE_MOST_ITEMS, penalty=EASE_PENALTY
    )


def _is_same(matrix: Interactions, trained: Trained) -> bool:
    """Say whether a matrix holds just who had what, of the baseline's users."""
    strengths = matrix.strengths
    return (
        strengths.nnz == trained.known.nnz
        and bool((strengths.data == 1.0).all())
        and bool(np.isin(matrix.users, trained.users).all())
        and len(matrix.items) <= EASE_MOST_ITEMS
    )


_SCORERS: dict[str, Callable[[Trained], Scorer]] = {
    "popularity": _popularity,
    "own_purchases": _own_purchases,
    "item_knn": _item_knn,
    "ials": _ials,
    "ease": _ease,
}
