"""Items that the caller brought to be ranked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..request import Prefetched
from .draw import Case, Draw


def prefetched(case: Case, items: Sequence[Prefetched]) -> Draw:
    """Draw the caller's items in the caller's order, without repeats.

    An item without a score has 0; one that the catalog does not know is skipped.
    """
    sent: dict[int, float] = {}
    for item in items:
        sent.setdefault(case.world.row_of_id(item.item_id), max(item.score or 0.0, 0.0))
    sent.pop(-1, None)
    rows = np.fromiter(sent, dtype=np.int64, count=len(sent))
    scores = np.fromiter(sent.values(), dtype=np.float64, count=len(sent))
    drops = case.eligibility.standing(case.world.select(rows))
    return Draw(
        source="prefetched",
        rows=rows[drops == 0],
        scores=scores[drops == 0],
        refused=rows[drops > 0],
        drops=drops[drops > 0],
    )


def are_scored(items: Sequence[Prefetched]) -> bool:
    """Say whether the caller sent any score."""
    return any(item.score is not None for item in items)
