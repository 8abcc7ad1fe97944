"""Choose who gets onto the page: the best, unlike each other, and a few by chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rules.core.types import Outcome, Pins

from .caps import PREFIX_SEPARATOR, Cap, begins_with, make_caps
from .columns import Rows
from .diversify import Diversity, Likeness, Page, by_content, by_tags, diversify
from .knobs import Knobs
from .pool import Pool
from .strongest import strongest
from .world import Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The choice for diversity, and among whom it was made."""

    leading: Rows
    """Shape (p,). Positions in the pool: the best unpinned by score, ties by id,
    then the pinned ones."""

    caps: tuple[Cap, ...]
    """Caps that applied, with the values of ``leading``."""

    page: Page
    """Its picks are positions in ``leading``."""


def choose(
    pool: Pool, outcome: Outcome, pins: Pins, *, knobs: Knobs, limit: int
) -> Choice:
    """Choose at most ``limit`` unpinned candidates.

    The choice is made among the ``mmr_pool`` best by score, which takes a
    fraction of the time of choosing among all and rarely another item. When
    caps leave the page short, all candidates take part.
    """
    width = max(knobs.mmr_pool, limit)
    while True:
        best = leading(pool, outcome, pins, limit=width)
        choice = _choose_among(best, pool, outcome, pins, knobs=knobs, limit=limit)
        if not choice.page.is_short or len(best) < width:
            return choice
        width = len(pool) + 1


def leading(pool: Pool, outcome: Outcome, pins: Pins, *, limit: int) -> Rows:
    """Return the positions of the best visible candidates that are not pinned.

    Best first, ties by id, at most ``limit``.
    """
    unpinned = outcome.visible.copy()
    unpinned[pins.positions] = False
    free = np.flatnonzero(unpinned)
    return free[strongest(outcome.scores[free], pool.id_rank[free], limit=limit)]


def _choose_among(
    best: Rows, pool: Pool, outcome: Outcome, pins: Pins, *, knobs: Knobs, limit: int
) -> Choice:
    leading = np.concatenate((best, pins.positions))
    items = pool.world.select(pool.rows[leading])
    caps = make_caps(items, knobs=knobs, constraints=pool.request.constraints)
    page = diversify(
        outcome.scores[leading],
        likeness=_likeness(items, knobs=knobs),
        wanted=Diversity(
            limit=min(limit, len(best)),
            tradeoff=knobs.mmr_lambda,
            caps=caps,
            is_strict=knobs.caps_strict,
            pinned=range(len(best), len(leading)),
        ),
    )
    return Choice(leading=leading, caps=caps, page=page)


def _likeness(items: Selection, *, knobs: Knobs) -> Likeness | None:
    if knobs.mmr_lambda is None or knobs.mmr_lambda == 1.0:
        return None
    if knobs.mmr_similarity == "embedding" and items.world.has_content:
        return by_content(items.content)
    codes, owner = items.tags()
    names_kind = np.zeros(len(codes), dtype=np.bool_)
    for prefix in (*knobs.brand_tag_prefixes, *knobs.category_tag_prefixes):
        beginning = prefix.lower() + PREFIX_SEPARATOR
        names_kind |= begins_with(codes, items.world.tags, beginning)
    free = ~names_kind
    return by_tags(codes[free], owner[free], n=len(items))


def in_order(choice: Choice, outcome: Outcome, *, pool: Pool, knobs: Knobs) -> Rows:
    """Return the chosen candidates in the order in which they are shown."""
    chosen = choice.leading[choice.page.picks]
    if knobs.mmr_order == "mmr":
        return chosen
    scores, ranks = outcome.scores[chosen], pool.id_rank[chosen]
    return chosen[strongest(scores, ranks, limit=len(chosen))]


def urn(pool: Pool, outcome: Outcome, *, taken: Rows, depth: int) -> Rows:
    """Return who takes part in a draw, best first.

    The ``depth`` best candidates that are not shown, and those that the
    exploration source brought.
    """
    free = outcome.visible.copy()
    free[taken] = False
    places = np.flatnonzero(free)
    best = strongest(outcome.scores[places], pool.id_rank[places], limit=len(places))
    invited = np.arange(len(best)) < depth
    if "exploration" in pool.sources:
        line = pool.source_ranks[pool.sources.index("exploration")]
        invited |= line[places[best]] > 0
    return places[best[invited]]
