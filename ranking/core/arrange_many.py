"""Turn many pools into pages at once, each exactly as one alone would be.

Scoring touches every candidate, and costs as much for many users as for each. Choosing
unlike items is many small steps: those are taken for several users at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from rules.core.types import RuleSet

from .choose import Choice, choose, leading
from .columns import F32, F64, Rows
from .diversify import Page, against
from .knobs import Knobs
from .pipeline import Ready, finish, prepare
from .pool import Pool
from .ranking import Ranking

TOGETHER = 16
"""The vectors of so many users' best candidates fit into a processor's cache."""


def arrange_many(
    pools: Sequence[Pool],
    knobs: Sequence[Knobs],
    *,
    rules: RuleSet,
    at_us: int,
    seeds: Sequence[int],
) -> list[Ranking]:
    """Turn many pools into pages, each as ``arrange`` would alone.

    Parameters
    ----------
    pools : sequence of Pool
    knobs : sequence of Knobs
        Those of each pool, as for :func:`~ranking.core.pipeline.arrange`.
    rules : RuleSet
        Of the surface of all requests.
    at_us : int
    seeds : sequence of int
        That of each pool.

    Returns
    -------
    rankings : list of Ranking
        In the order of the pools.
    """
    ready = [
        prepare(pool, each, rules=rules, at_us=at_us)
        for pool, each in zip(pools, knobs, strict=True)
    ]
    choices: list[Choice | None] = [None] * len(ready)
    for places in _alike(ready):
        found = _choose_together([ready[place] for place in places])
        for place, choice in zip(places, found, strict=True):
            choices[place] = choice
    return [
        finish(each, choice or _choose_alone(each), seed=seed)
        for each, choice, seed in zip(ready, choices, seeds, strict=True)
    ]


def _choose_alone(ready: Ready) -> Choice:
    pool, knobs, _, outcome, pins = ready
    return choose(pool, outcome, pins, knobs=knobs, limit=ready.limit)


def _alike(ready: Sequence[Ready]) -> Iterator[list[int]]:
    """Return the places of pools that can be chosen from together, few at a time."""
    groups: dict[tuple[int, float | None], list[int]] = {}
    for place, each in enumerate(ready):
        if _is_plain(each):
            key = (id(each.pool.world), each.knobs.mmr_lambda)
            groups.setdefault(key, []).append(place)
    for places in groups.values():
        # Pools of like size, so that little is padded.
        places.sort(key=lambda place: len(ready[place].pool))
        for start in range(0, len(places), TOGETHER):
            yield places[start : start + TOGETHER]


def _is_plain(ready: Ready) -> bool:
    """Say whether nothing but relevance and content decides the page."""
    knobs = ready.knobs
    return (
        knobs.mmr_lambda not in (None, 1.0)
        and knobs.mmr_similarity == "embedding"
        and ready.pool.world.has_content
        and not (knobs.brand_cap or knobs.category_cap or len(ready.pins))
        and ready.limit > 0
        and bool(ready.outcome.visible.any())
    )


def _choose_together(ready: Sequence[Ready]) -> Iterable[Choice]:
    best = [
        leading(
            each.pool,
            each.outcome,
            each.pins,
            limit=max(each.knobs.mmr_pool, each.limit),
        )
        for each in ready
    ]
    tradeoff = ready[0].knobs.mmr_lambda
    assert tradeoff is not None
    pages = diversify_many(
        [each.outcome.scores[rows] for each, rows in zip(ready, best, strict=True)],
        [
            each.pool.world.select(each.pool.rows[rows]).content
            for each, rows in zip(ready, best, strict=True)
        ],
        limits=[each.limit for each in ready],
        tradeoff=tradeoff,
    )
    return [
        Choice(leading=rows, caps=(), page=page)
        for rows, page in zip(best, pages, strict=True)
    ]


def diversify_many(
    scores: Sequence[F64],
    vectors: Sequence[F32],
    *,
    limits: Sequence[int],
    tradeoff: float,
) -> list[Page]:
    """Choose pages as :func:`~ranking.core.diversify.diversify` does, without caps.

    Parameters
    ----------
    scores : sequence of arrays of shape (n_u,)
        At least 0, descending, at least one a user.
    vectors : sequence of arrays of shape (n_u, d)
        Quantised, so that products are exact in whichever order they are summed.
    limits : sequence of int
        Most picks of each user.
    tradeoff : float
        In [0, 1).
    """
    table = _Table(scores, vectors, tradeoff=tradeoff)
    picks, nearest = [], []
    for _ in range(max(min(len(s), n) for s, n in zip(scores, limits, strict=True))):
        chosen, distance = table.take_best()
        picks.append(chosen)
        nearest.append(distance)
    taken, near = np.stack(picks, axis=1), np.stack(nearest, axis=1)
    pages = []
    for line, (own, limit) in enumerate(zip(scores, limits, strict=True)):
        m = min(len(own), limit)
        pages.append(Page(picks=taken[line, :m], nearest=near[line, :m]))
    return pages


class _Table:
    """What is still to be had, a line for each user."""

    def __init__(
        self, scores: Sequence[F64], vectors: Sequence[F32], *, tradeoff: float
    ) -> None:
        shape = (len(scores), max(map(len, scores)))
        self._open = np.full(shape, -np.inf)
        self._vectors = np.zeros((*shape, vectors[0].shape[1]), dtype=np.float32)
        for line, (own, of_items) in enumerate(zip(scores, vectors, strict=True)):
            largest = own[0] if own[0] > 0 else 1.0
            self._open[line, : len(own)] = tradeoff * (own / largest)
            self._vectors[line, : len(own)] = of_items
        self._distaste = 1.0 - tradeoff
        self._nearest = np.zeros(shape, dtype=np.float32)
        self._value = self._open.copy()
        self._lines = np.arange(shape[0])

    def take_best(self) -> tuple[Rows, F64]:
        """Take each user's best; who has none left gets any again."""
        best = self._value.argmax(axis=1)
        nearest, worth = self._nearest, self._value
        distance = nearest[self._lines, best].astype(np.float64)
        self._open[self._lines, best] = -np.inf
        chosen = self._vectors[self._lines, best]
        alike = np.matmul(self._vectors, chosen[:, :, np.newaxis])[:, :, 0]
        np.maximum(nearest, alike, out=nearest)
        against(nearest, distaste=self._distaste, out=worth)
        np.subtract(self._open, worth, out=worth)
        return best, distance
