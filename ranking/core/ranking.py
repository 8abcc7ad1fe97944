"""A finished page, with all it takes to explain it later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rules.core.types import Outcome, Pins

from .choose import Choice
from .columns import F64, Rows
from .knobs import Knobs
from .pool import Pool
from .score import Scored


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """What :func:`~ranking.core.pipeline.arrange` made, and what it did.

    Positions are those of candidates in ``pool``.
    """

    pool: Pool
    knobs: Knobs
    scored: Scored
    outcome: Outcome
    """After the rules; ``outcome.scores`` decides the order."""

    pins: Pins
    choice: Choice
    """The choice for diversity."""

    places: Rows
    """Shape (m,). The answer: positions of candidates in the order shown."""

    propensities: F64
    """Shape (m,). Chance of each item to stand in its place; 1 unless explored."""

    explored: frozenset[int]
    """Positions that were drawn by chance."""

    counts: Mapping[str, int]
    """Policy counts by their names in the answer."""

    def __len__(self) -> int:
        return len(self.places)

    @property
    def scores(self) -> F64:
        """Scores of the items shown, shape (m,)."""
        shown: F64 = self.outcome.scores[self.places]
        return shown

    @property
    def item_ids(self) -> tuple[str, ...]:
        """External ids of the items shown."""
        rows = self.pool.rows[self.places].tolist()
        return tuple(self.pool.world.item_id(row) for row in rows)
