"""What a source brings: its best eligible items, with their scores."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..columns import F64, NO_ROWS, Rows
from ..eligibility import DropCodes, Eligibility
from ..knobs import Knobs
from ..shopper import Shopper
from ..strongest import reaching, strongest
from ..world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that the sources look at."""

    world: World
    eligibility: Eligibility
    shopper: Shopper
    knobs: Knobs


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """The items of one source, best first, and those it had to leave out."""

    source: str
    rows: Rows
    """Shape (d,). Without repeats."""

    scores: F64
    """Shape (d,). On the source's own scale, descending."""

    refused: Rows = field(default_factory=lambda: NO_ROWS)
    """Rows that would have been looked at but are not eligible."""

    drops: DropCodes | None = None
    """Why, for each refused row; None when there are none."""

    @classmethod
    def nothing(cls, source: str) -> Draw:
        """Return the draw of a source that has nothing to say."""
        return cls(source=source, rows=NO_ROWS, scores=np.empty(0))


@dataclass(frozen=True, slots=True)
class Evidence:
    """A signal about few items: a score for each, 0 for all others."""

    rows: Rows
    """Shape (e,). Without repeats."""

    scores: F64
    """Shape (e,). At least 0."""

    def at(self, rows: Rows) -> F64:
        """Return the scores of some rows, 0 where there is no evidence.

        Parameters
        ----------
        rows : array of shape (m,)
            Ascending, without repeats.
        """
        scores = np.zeros(len(rows))
        if not len(self.rows) or not len(rows):
            return scores
        places = np.searchsorted(rows, self.rows)
        places[places == len(rows)] = 0
        asked = rows[places] == self.rows
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
    drops = case.eligibility.standing(case.world.select(rows))
    refused, why = NO_ROWS, None
    if drops.any():
        stands = drops == 0
        refused, why = rows[~stands], drops[~stands]
        rows, scores = rows[stands], scores[stands]
    near = reaching(scores, limit)
    rows, scores = rows[near], scores[near]
    best = strongest(scores, case.world.select(rows).id_rank, limit=limit)
    return Draw(
        source=source, rows=rows[best], scores=scores[best], refused=refused, drops=why
    )
