"""What a source brings: its best eligible items, with their scores."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from ..columns import F64, NO_ROWS, WIDEST, Rows
from ..eligibility import DropCodes, Eligibility
from ..knobs import Knobs
from ..shopper import Shopper
from ..strongest import reaching
from ..world import World


class Case(Struct, frozen=True, kw_only=True):
    """All that the sources look at."""

    world: World
    eligibility: Eligibility
    shopper: Shopper
    knobs: Knobs


class Draw(Struct, frozen=True, kw_only=True):
    """The items of one source, best first, and those it had to leave out."""

    source: str
    rows: Rows
    """Shape (d,). Without repeats."""

    scores: F64
    """Shape (d,). On the source's own scale, descending."""

    refused: Rows = NO_ROWS
    """Rows that would have been looked at but are not eligible."""

    drops: DropCodes | None = None
    """Why, for each refused row; None when there are none."""

    @classmethod
    def nothing(cls, source: str) -> Draw:
        """Return the draw of a source that has nothing to say."""
        return cls(source=source, rows=NO_ROWS, scores=np.empty(0))


class Evidence(Struct, frozen=True):
    """A signal about few items: a score for each, 0 for all others."""

    rows: Rows
    """Shape (e,). Without repeats."""

    scores: F64
    """Shape (e,). At least 0."""

    def at(self, rows: Rows, *, n: int) -> F64:
        """Return the scores of some rows, 0 where there is no evidence.

        Parameters
        ----------
        rows : array of shape (m,)
            Ascending, without repeats, in ``[0, n)``.
        n : int
        """
        if not len(self.rows) or not len(rows):
            return np.zeros(len(rows))
        if n <= WIDEST * len(self.rows):
            column = np.zeros(n)
            column[self.rows] = self.scores
            return column.take(rows)
        scores = np.zeros(len(rows))
        places = rows.searchsorted(self.rows)
        asked = rows.take(places, mode="clip") == self.rows
        scores[places[asked]] = self.scores[asked]
        return scores

    @classmethod
    def none(cls) -> Evidence:
        """Return evidence about nothing."""
        return cls(NO_ROWS, np.empty(0))


def draw_best(source: str, found: Evidence, *, case: Case, limit: int) -> Draw:
    """Draw the best of some items, leaving out what does not stand.

    Parameters
    ----------
    source : str
    found : Evidence
    case : Case
    limit : int
        The source's fan-out.

    Returns
    -------
    draw : Draw
        At most ``limit`` items by score, ties by id.
    """
    rows, scores = found.rows, found.scores
    if limit <= 0 or not len(rows):
        return Draw.nothing(source)
    items = case.world.select(rows)
    drops = case.eligibility.standing(items)
    refused, why = NO_ROWS, None
    if np.count_nonzero(drops):
        stands = drops == 0
        refused, why = rows[~stands], drops[~stands]
        rows, scores = rows[stands], scores[stands]
    if len(rows) > limit:
        near = reaching(scores, limit)
        rows, scores = rows.take(near), scores.take(near)
    if len(rows) != len(items):
        items = case.world.select(rows)
    best = np.lexsort((items.id_rank, -scores))[:limit]
    return Draw(
        source=source,
        rows=rows.take(best),
        scores=scores.take(best),
        refused=refused,
        drops=why,
    )
