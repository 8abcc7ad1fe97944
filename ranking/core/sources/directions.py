"""Items that point where the user's history points: learned taste and content."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..columns import F32, F64, NO_ROWS, Rows
from ..eligibility import is_among
from ..search import fold_in, products
from ..vectors import quantised
from ..world import Selection
from .draw import Case, Draw, Evidence, draw_best

SPARE = 64
"""How many more than asked are compared exactly, as the search is not exact."""

DECIMALS = 9


@dataclass(frozen=True, slots=True)
class Directions:
    """Where one request's user points."""

    taste: F64
    """Shape (1, d), or (0, d) without factors or history."""

    content: F32
    """Shape (1 + a, c): the whole history, then each recent item; or (0, c).

    Quantised.
    """


def directions(case: Case) -> Directions:
    """Read the user's directions from the recent items."""
    return Directions(_taste(case), _content(case))


def _taste(case: Case) -> F64:
    snapshot, recent = case.world.snapshot, case.shopper.recent
    nowhere = np.empty((0, snapshot.factors.dimension))
    if not len(snapshot.factors) or not len(recent.rows):
        return nowhere
    factors = snapshot.factors.of(recent.rows)
    if not factors.any():
        return nowhere
    return fold_in(
        factors.astype(np.float64),
        recent.strengths,
        gram=snapshot.factor_gram,
        alpha=snapshot.factor_alpha,
    )[np.newaxis]


def _content(case: Case) -> F32:
    world, recent = case.world, case.shopper.recent
    nowhere = np.empty((0, world.snapshot.content.dimension), dtype=np.float32)
    if not world.has_content or not len(recent.rows):
        return nowhere
    vectors = world.select(recent.rows).content
    fading = 0.5 ** (recent.ages_days / case.knobs.profile_half_life_days)
    centre = (recent.strengths * fading) @ vectors.astype(np.float64)
    length = float(np.sqrt(centre @ centre))
    if not length > 0:
        return nowhere
    anchors = vectors[: case.knobs.embedding_anchors]
    return np.vstack((quantised(centre / length), anchors))


def taste_scores(items: Selection, where: Directions) -> F64:
    """Return how well items suit the learned taste. Shape (m,); 0 for new items."""
    if not len(where.taste):
        return np.zeros(len(items))
    factors = items.world.snapshot.factors.of(items.rows)
    suits = (factors.astype(np.float64) @ where.taste.T)[:, 0]
    # Rounded, so that the order of summation does not tell twins apart.
    return np.round(np.maximum(suits, 0.0), DECIMALS)


def content_scores(items: Selection, where: Directions) -> tuple[F64, F64]:
    """Return cosines to the whole history, and to the likest recent item.

    Both of shape (m,), at least 0.
    """
    if not len(where.content) or not len(items):
        return np.zeros(len(items)), np.zeros(len(items))
    cosines = np.maximum(where.content @ items.content.T, 0.0).astype(np.float64)
    return cosines[0], cosines[1:].max(axis=0)


def suited(case: Case, where: Directions) -> Draw:
    """Draw the items that suit the learned taste best."""
    limit, factors = case.knobs.collaborative_fanout, case.world.snapshot.factors
    if not limit or not len(where.taste):
        return Draw.nothing("collaborative")
    taste = where.taste.astype(np.float32)
    rows, scores = products(factors, taste, scan=case.knobs.search_scan)
    near, _ = _near(rows, scores[0], case=case, limit=limit)
    suits = taste_scores(case.world.select(near), where)
    return _drawn("collaborative", near, suits, case=case, limit=limit)


def alike(case: Case, where: Directions) -> tuple[Draw, Draw]:
    """Draw the items likest in content: to the whole history, and to recent items."""
    knobs, content = case.knobs, case.world.snapshot.content
    if not len(where.content):
        return Draw.nothing("content"), Draw.nothing("embedding")
    rows, cosines = products(content, where.content, scan=knobs.search_scan)
    whole, anchors = cosines[0], cosines[1:].max(axis=0)
    changed = content_scores(case.world.select(case.world.overlay.rows), where)
    limits = knobs.content_fanout, knobs.embedding_fanout
    return (
        _alike("content", (rows, whole, changed[0]), case=case, limit=limits[0]),
        _alike("embedding", (rows, anchors, changed[1]), case=case, limit=limits[1]),
    )


def _alike(
    source: str, found: tuple[Rows | None, F32, F64], *, case: Case, limit: int
) -> Draw:
    """Draw by cosines to the snapshot's items, and to those changed since."""
    rows, cosines, of_changed = found
    if not limit:
        return Draw.nothing(source)
    near, places = _near(rows, cosines, case=case, limit=limit)
    scores = cosines[places].astype(np.float64)
    changed = case.world.overlay.rows
    if len(changed):
        same = ~is_among(near, changed)
        near = np.concatenate((near[same], changed))
        scores = np.concatenate((scores[same], of_changed))
        order = np.argsort(near)
        near, scores = near[order], scores[order]
    return _drawn(source, near, scores, case=case, limit=limit)


def _drawn(source: str, rows: Rows, scores: F64, *, case: Case, limit: int) -> Draw:
    positive = scores > 0
    found = Evidence(rows[positive], scores[positive])
    return draw_best(source, found, case=case, limit=limit)


def _near(
    rows: Rows | None, scores: F32, *, case: Case, limit: int
) -> tuple[Rows, Rows]:
    """Return so many of the best rows that ``limit`` of them stand, if there are.

    Returns
    -------
    near : array of shape (m,)
        Rows, ascending. All that reach the score of the last are among them.
    places : array of shape (m,)
        Where their scores stand in ``scores``.
    """
    if not len(scores):
        return NO_ROWS, NO_ROWS
    wanted = limit + SPARE
    while True:
        wanted = min(wanted, len(scores))
        least = np.partition(scores, len(scores) - wanted)[len(scores) - wanted]
        places = np.flatnonzero((scores >= least) & (scores > 0))
        near = places if rows is None else rows[places]
        drops = case.eligibility.standing(case.world.select(near))
        if np.count_nonzero(drops == 0) >= limit or len(places) < wanted:
            break
        if wanted == len(scores):
            break
        wanted *= 8
    if rows is None:
        return near, places
    order = np.argsort(near)
    return near[order], places[order]
