"""Items like one item: by content, by learned factors, by who chooses both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rules.core.rounding import rounded

from .columns import F32, F64, NO_ROWS, Rows
from .eligibility import make_eligibility
from .request import Constraints
from .search import scan
from .sources.draw import Evidence
from .strongest import strongest
from .vectors import Vectors
from .world import Selection, World

SCAN = 20_000
"""How many vectors a search compares at least in a large catalog."""

SPARE = 4
"""Times ``k``: so many neighbours each signal brings, as some are not available."""

REASONS = ("embedding_similarity", "collaborative", "co_visitation")


@dataclass(frozen=True, slots=True)
class SimilarItem:
    """An item like another."""

    item_id: str
    score: float
    """Mean of the three signals, each between 0 and 1; at most 1."""

    reasons: tuple[str, ...]
    """The signals that name it, strongest first."""


def similar_items(world: World, row: int, *, k: int) -> list[SimilarItem]:
    """Return the available items most like one, best first, ties by id.

    Parameters
    ----------
    world : World
    row : int
        Row of the item in question; it need not be available itself.
    k : int

    Returns
    -------
    items : list of SimilarItem
        At most ``k``, without the item itself; empty when nothing is similar.
    """
    rows = _candidates(world, row, wanted=k * SPARE)
    if not len(rows):
        return []
    items = world.select(rows)
    scores = _scores(items, row)
    total = rounded(scores.mean(axis=0))
    best = strongest(total, items.id_rank, limit=k)
    return [
        SimilarItem(
            world.item_id(int(rows[i])), float(total[i]), _reasons(scores[:, i])
        )
        for i in best[total[best] > 0].tolist()
    ]


def _reasons(scores: F64) -> tuple[str, ...]:
    order = sorted(range(len(REASONS)), key=lambda i: (-scores[i], i))
    return tuple(REASONS[i] for i in order if scores[i] > 0)


def _candidates(world: World, row: int, *, wanted: int) -> Rows:
    one = np.array([row])
    near = [
        _nearest(world.snapshot.content, world.select(one).content, wanted=wanted),
        _nearest(world.snapshot.factors, world.snapshot.factors.of(one), wanted=wanted),
        world.snapshot.covisitation.of(row)[0].astype(np.int64),
        world.overlay.rows,
    ]
    rows = np.unique(np.concatenate(near))
    rows = rows[rows != row]
    eligibility = make_eligibility(world, constraints=Constraints(), bought=NO_ROWS)
    standing: Rows = rows[eligibility.standing(world.select(rows)) == 0]
    return standing


def _nearest(vectors: Vectors, query: F32, *, wanted: int) -> Rows:
    if not len(vectors) or not query.any():
        return NO_ROWS
    found = scan(vectors, query, least=SCAN)
    scores = found.products[0]
    wanted = min(wanted, len(scores))
    least = np.partition(scores, -wanted)[-wanted]
    places = np.flatnonzero((scores >= least) & (scores > 0))
    near: Rows = places if found.rows is None else found.rows[places]
    return near


def _scores(items: Selection, row: int) -> F64:
    """Return cosines of content and factors, and co-visitation, shape (3, n)."""
    world, one = items.world, np.array([row])
    content = items.content @ world.select(one).content[0]
    factors = world.snapshot.factors
    cosines = _cosines(
        factors.of(items.rows).astype(np.float64), factors.of(one)[0].astype(np.float64)
    )
    neighbours, strengths = world.snapshot.covisitation.of(row)
    order = np.argsort(neighbours)
    known = Evidence(
        neighbours[order].astype(np.int64), strengths[order].astype(np.float64)
    )
    together = known.at(items.rows, n=len(world))
    largest = together.max(initial=0.0)
    if largest > 0:
        together /= largest
    scores: F64 = np.maximum(np.array([content, cosines, together]), 0.0)
    return scores


def _cosines(vectors: F64, query: F64) -> F64:
    lengths = np.sqrt((vectors**2).sum(axis=1) * (query @ query))
    cosines = np.zeros(len(vectors))
    np.divide(vectors @ query, lengths, out=cosines, where=lengths > 0)
    return cosines
