"""The candidates of one request, with every source's say in its own column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Self

import numpy as np
from msgspec import Struct
from msgspec.structs import astuple, replace
from numpy.typing import NDArray

from .columns import F64, I32, I64, NO_ROWS, Rows, distinct, united
from .eligibility import Drop, DropCodes, Eligibility, is_among
from .knobs import Knobs
from .layers import Resolved
from .request import Request
from .shopper import Shopper
from .sources.draw import Draw
from .world import Selection, World

SOURCE_FANOUTS = {
    "popularity": "popularity_fanout",
    "category_popularity": "category_fanout",
    "segment_popularity": "segment_fanout",
    "starter": "category_fanout",
    "co_visitation": "covis_fanout",
    "collaborative": "collaborative_fanout",
    "ease": "ease_fanout",
    "content": "content_fanout",
    "embedding": "embedding_fanout",
    "session": "session_fanout",
    "repeat": "repeat_fanout",
    "exploration": "exploration_fanout",
}
"""Source → the knob that limits it. Others bring what they are asked for."""


class Signals(Struct, frozen=True):
    """What is known of each candidate; each column on its own scale, shape (n,).

    All are at least 0, and 0 where there is nothing to say.
    """

    popularity: F64
    co_visitation: F64
    collaborative: F64
    ease: F64
    content: F64
    embedding: F64
    session: F64
    repeat: F64
    overlap: F64
    """Share of the user's tastes that the item's tags cover, in [0, 1]."""

    def take(self, places: Rows) -> Self:
        """Return the columns of some candidates."""
        return type(self)(*[column.take(places) for column in astuple(self)])


class Drops(Struct, frozen=True, kw_only=True):
    """Candidates that were dropped, each with the first reason."""

    rows: Rows
    codes: DropCodes

    def counts(self) -> list[int]:
        """Return how many were dropped for each reason, by its number."""
        found: list[int] = np.bincount(self.codes, minlength=len(Drop)).tolist()
        return found


NO_DROPS = Drops(rows=NO_ROWS, codes=np.empty(0, dtype=np.uint8))


class Pool(Struct, frozen=True, kw_only=True):
    """Eligible candidates; row i of every column is the same one.

    A pool gathered at the largest fan-outs serves all smaller ones
    (:meth:`narrowed`).
    """

    request: Request
    world: World
    eligibility: Eligibility
    shopper: Shopper
    resolved: Resolved
    """The knobs with which this was gathered."""

    items: Selection
    """Attributes of the candidates."""

    numbers: I64
    id_rank: F64
    signals: Signals
    sources: tuple[str, ...]
    source_scores: F64
    """Shape (s, n). What each source gave, on its own scale."""

    source_ranks: I32
    """Shape (s, n). Place within the source from 1; 0 = not brought by it."""

    drops: Drops
    counts: Mapping[str, int]
    """Policy counts up to here, by their names in the answer."""

    durations_ns: Mapping[str, int]
    """Time spent by each source, as the caller's clock told it."""

    def __len__(self) -> int:
        return len(self.items)

    @property
    def rows(self) -> Rows:
        """Rows of the world, ascending."""
        return self.items.rows

    def source_counts(self) -> dict[str, int]:
        """Return how many candidates each source brought."""
        brought = np.count_nonzero(self.source_ranks, axis=1)
        return dict(zip(self.sources, brought.tolist(), strict=True))

    def narrowed(self, knobs: Knobs) -> Pool:
        """Return the pool as if gathered with smaller fan-outs."""
        if knobs is self.resolved.knobs:
            return self
        limits = _limits(self.sources, knobs)
        if np.array_equal(limits, _limits(self.sources, self.resolved.knobs)):
            return self
        ranks = self.source_ranks * (self.source_ranks <= limits[:, np.newaxis])
        return self.take(np.flatnonzero(ranks.any(axis=0)), ranks=ranks)

    def take(self, places: Rows, *, ranks: I32 | None = None) -> Pool:
        """Return the pool with some of its candidates."""
        ranks = self.source_ranks if ranks is None else ranks
        return replace(
            self,
            items=self.world.select(self.rows[places]),
            numbers=self.numbers.take(places),
            id_rank=self.id_rank.take(places),
            signals=self.signals.take(places),
            source_scores=self.source_scores.take(places, axis=1),
            source_ranks=ranks.take(places, axis=1),
        )


def _limits(sources: Sequence[str], knobs: Knobs) -> NDArray[np.int64]:
    most = np.iinfo(np.int64).max
    return np.array(
        [
            getattr(knobs, SOURCE_FANOUTS[source]) if source in SOURCE_FANOUTS else most
            for source in sources
        ],
        dtype=np.int64,
    )


class Merged(Struct, frozen=True):
    """The union of all draws."""

    rows: Rows
    """Shape (n,). Ascending, without repeats."""

    scores: F64
    """Shape (s, n)."""

    ranks: I32
    """Shape (s, n)."""

    excluded: Drops
    """Rows that some source brought but the request or the user excludes."""


type Exclusion = Callable[[Selection], DropCodes]


def merge(draws: Sequence[Draw], *, world: World, exclusion: Exclusion) -> Merged:
    """Merge draws without repeats, each source in a line of its own.

    Parameters
    ----------
    draws : sequence of Draw
    world : World
    exclusion : callable
        Says which rows are left out of the union, although they were drawn.
    """
    drawn = np.concatenate([draw.rows for draw in draws])
    rows, places = united(drawn, n=len(world))
    codes = exclusion(world.select(rows))
    stays = codes == 0
    n_out = np.count_nonzero(codes)
    sizes = [len(draw.rows) for draw in draws]
    lines = np.arange(len(draws)).repeat(sizes)
    scores = np.concatenate([draw.scores for draw in draws])
    ranks = np.concatenate([np.arange(1, size + 1) for size in sizes])
    if n_out:
        kept = stays.take(places)
        places = (stays.cumsum() - 1).take(places[kept])
        lines, scores, ranks = lines[kept], scores[kept], ranks[kept]
    shape = (len(draws), len(rows) - n_out)
    merged_scores = np.zeros(shape)
    merged_scores[lines, places] = scores
    merged_ranks = np.zeros(shape, dtype=np.int32)
    merged_ranks[lines, places] = ranks
    if not n_out:
        return Merged(rows, merged_scores, merged_ranks, NO_DROPS)
    excluded = Drops(rows=rows[~stays], codes=codes[~stays])
    return Merged(rows[stays], merged_scores, merged_ranks, excluded)


def refused(draws: Sequence[Draw], *, kept: Rows) -> Drops:
    """Return what the draws left out and no other source brought."""
    some = [draw for draw in draws if draw.drops is not None and len(draw.refused)]
    if not some:
        return NO_DROPS
    rows, first, _ = distinct(np.concatenate([draw.refused for draw in some]))
    codes = np.concatenate([draw.drops for draw in some if draw.drops is not None])
    alone = ~is_among(rows, kept)
    return Drops(rows=rows[alone], codes=codes[first][alone])
