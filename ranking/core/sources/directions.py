"""Items that point where the user's history points: learned taste and content."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from ..columns import F32, F64, Rows
from ..eligibility import is_among
from ..search import Scan, fold_in, scan
from ..strongest import reaching
from ..vectors import quantised
from ..world import Selection
from .draw import Case, Draw, Evidence, draw_best

SPARE = 64
"""How many more than asked are looked at first, as some will not stand."""


class Directions(Struct, frozen=True):
    """Where one request's user points, and what lies there."""

    taste: Scan | None
    """One query: the user's factor. None without factors or history."""

    content: Scan | None
    """Queries: the whole history, then each recent item. None without content."""

    likest: F32
    """Shape (m,). Of the products with recent items, the highest of each item."""


def directions(case: Case) -> Directions:
    """Look where the user's recent items point."""
    content = _content(case)
    likest = np.empty(0, np.float32) if content is None else _highest(content.products)
    return Directions(_taste(case), content, likest)


def _highest(products: F32) -> F32:
    """Return the highest product with a recent item, of each item. Shape (m,)."""
    highest: F32 = np.maximum.reduce(products[1:])
    return highest


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
    world, recent = case.world, case.shopper.anchors
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
    return _above_zero(where.taste.at(items.rows)[0])


def content_scores(items: Selection, where: Directions) -> tuple[F64, F64]:
    """Return cosines to the whole history, and to the likest recent item.

    Both of shape (m,), at least 0.
    """
    if where.content is None or not len(items):
        return np.zeros(len(items)), np.zeros(len(items))
    if items.has_changes:
        cosines = where.content.queries @ items.content.T
        whole, likest = cosines[0], _highest(cosines)
    elif where.content.rows is None:
        whole = where.content.products[0].take(items.rows)
        likest = where.likest.take(items.rows)
    else:
        cosines = where.content.at(items.rows)
        whole, likest = cosines[0], _highest(cosines)
    return _above_zero(whole), _above_zero(likest)


def _above_zero(products: F32) -> F64:
    return np.maximum(products, np.float32(0)).astype(np.float64)


def suited(case: Case, where: Directions) -> Draw:
    """Draw the items that suit the learned taste best."""
    if where.taste is None:
        return Draw.nothing("collaborative")
    found = Found(where.taste.rows, where.taste.products[0])
    limit = case.knobs.collaborative_fanout
    return found.draw("collaborative", case=case, limit=limit)


def alike(case: Case, where: Directions) -> tuple[Draw, Draw]:
    """Draw the items likest in content: to the whole history, and to recent items."""
    if where.content is None:
        return Draw.nothing("content"), Draw.nothing("embedding")
    rows, knobs = where.content.rows, case.knobs
    changed = content_scores(case.world.select(case.world.overlay.rows), where)
    whole = Found(rows, where.content.products[0], changed[0])
    likest = Found(rows, where.likest, changed[1])
    return (
        whole.draw("content", case=case, limit=knobs.content_fanout),
        likest.draw("embedding", case=case, limit=knobs.embedding_fanout),
    )


class Found(Struct, frozen=True):
    """Scores of items that were compared."""

    rows: Rows | None
    """Shape (m,). None for all of the snapshot, in order."""

    scores: F32
    """Shape (m,)."""

    of_changed: F64 | None = None
    """Scores of the overlay's items, where they differ from the snapshot's."""

    def draw(self, source: str, *, case: Case, limit: int) -> Draw:
        """Draw the best of them that stand, and whose score is above 0."""
        if not limit:
            return Draw.nothing(source)
        wanted = limit + SPARE
        while True:
            places = reaching(self.scores, wanted)
            drawn = draw_best(
                source, self._evidence(places, case=case), case=case, limit=limit
            )
            if len(drawn.rows) >= limit or wanted >= len(self.scores):
                return drawn
            wanted *= 8

    def _evidence(self, places: Rows, *, case: Case) -> Evidence:
        scores = self.scores.take(places).astype(np.float64)
        positive = scores > 0
        if np.count_nonzero(positive) < len(places):
            places, scores = places[positive], scores[positive]
        rows = places if self.rows is None else self.rows.take(places)
        changed = case.world.overlay.rows
        if self.of_changed is None or not len(changed):
            return Evidence(rows, scores)
        same, like = ~is_among(rows, changed), self.of_changed > 0
        return Evidence(
            np.concatenate((rows[same], changed[like])),
            np.concatenate((scores[same], self.of_changed[like])),
        )
