"""Items that point where the user's history points: learned taste and content."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..columns import F32, F64, Rows
from ..eligibility import is_among
from ..search import Scan, fold_in, scan
from ..strongest import reaching
from ..vectors import quantised
from ..world import Selection
from .draw import Case, Draw, Evidence, draw_best

SPARE = 64
"""How many more than asked are looked at first, as some will not stand."""


@dataclass(frozen=True, slots=True)
class Directions:
    """Where one request's user points, and what lies there."""

    taste: Scan | None
    """One query: the user's factor. None without factors or history."""

    content: Scan | None
    """Queries: the whole history, then each recent item. None without content."""


def directions(case: Case) -> Directions:
    """Look where the user's recent items point."""
    return Directions(_taste(case), _content(case))


def _taste(case: Case) -> Scan | None:
    snapshot, recent = case.world.snapshot, case.shopper.recent
    if not len(snapshot.factors) or not len(recent.rows):
        return None
    factors = snapshot.factors.of(recent.rows)
    if not factors.any():
        return None
    user = fold_in(
        factors.astype(np.float64),
        recent.strengths,
        gram=snapshot.factor_gram,
        alpha=snapshot.factor_alpha,
    )
    query = quantised(user[np.newaxis])
    return scan(snapshot.factors, query, least=case.knobs.search_scan)


def _content(case: Case) -> Scan | None:
    world, recent = case.world, case.shopper.recent
    if not world.has_content or not len(recent.rows):
        return None
    vectors = world.select(recent.rows).content
    fading = 0.5 ** (recent.ages_days / case.knobs.profile_half_life_days)
    centre = (recent.strengths * fading) @ vectors.astype(np.float64)
    length = float(np.sqrt(centre @ centre))
    if not length > 0:
        return None
    whole = quantised(centre / length, longest=1.0)
    anchors = vectors[: case.knobs.embedding_anchors]
    queries = np.vstack((whole, anchors))
    return scan(world.snapshot.content, queries, least=case.knobs.search_scan)


def taste_scores(items: Selection, where: Directions) -> F64:
    """Return how well items suit the learned taste. Shape (m,); 0 for new items."""
    if where.taste is None:
        return np.zeros(len(items))
    products: F64 = where.taste.at(items.rows)[0].astype(np.float64)
    return np.maximum(products, 0.0)


def content_scores(items: Selection, where: Directions) -> tuple[F64, F64]:
    """Return cosines to the whole history, and to the likest recent item.

    Both of shape (m,), at least 0.
    """
    if where.content is None or not len(items):
        return np.zeros(len(items)), np.zeros(len(items))
    if items.has_changes:
        cosines = where.content.queries @ items.content.T
    else:
        cosines = where.content.at(items.rows)
    cosines = np.maximum(cosines, 0.0).astype(np.float64)
    return cosines[0], cosines[1:].max(axis=0)


def suited(case: Case, where: Directions) -> Draw:
    """Draw the items that suit the learned taste best."""
    limit = case.knobs.collaborative_fanout
    if where.taste is None or not limit:
        return Draw.nothing("collaborative")
    products = where.taste.products[0]
    near, places = _near(where.taste.rows, products, case=case, limit=limit)
    found = Evidence(near, products[places].astype(np.float64))
    return draw_best("collaborative", found, case=case, limit=limit)


def alike(case: Case, where: Directions) -> tuple[Draw, Draw]:
    """Draw the items likest in content: to the whole history, and to recent items."""
    if where.content is None:
        return Draw.nothing("content"), Draw.nothing("embedding")
    rows, cosines = where.content.rows, where.content.products
    whole, anchors = cosines[0], cosines[1:].max(axis=0)
    changed = content_scores(case.world.select(case.world.overlay.rows), where)
    limits = case.knobs.content_fanout, case.knobs.embedding_fanout
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
        like = of_changed > 0
        near = np.concatenate((near[same], changed[like]))
        scores = np.concatenate((scores[same], of_changed[like]))
    return draw_best(source, Evidence(near, scores), case=case, limit=limit)


def _near(
    rows: Rows | None, scores: F32, *, case: Case, limit: int
) -> tuple[Rows, Rows]:
    """Return so many of the best rows that ``limit`` of them stand, if there are.

    Returns
    -------
    near : array of shape (m,)
        Rows with a score above 0. All that reach the score of the last are
        among them.
    places : array of shape (m,)
        Where their scores stand in ``scores``.
    """
    wanted = limit + SPARE
    while True:
        places = reaching(scores, wanted)
        places = places[scores[places] > 0]
        near = places if rows is None else rows[places]
        if len(places) < wanted or wanted >= len(scores):
            return near, places
        drops = case.eligibility.standing(case.world.select(near))
        if np.count_nonzero(drops == 0) >= limit:
            return near, places
        wanted *= 8
