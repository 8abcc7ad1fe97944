"""Where an item would stand in the list of a visitor, by the engine that serves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audit.admin.trace_view import dropped_numbers
from audit.admin.waterfall import Why, explain
from audit.admin.words import drop
from catalog.models import Item
from ranking.core.ranking import Ranking
from ranking.serve.traces import trace_of

from .visitors import Visitor, ranked_for

PAGE = 24
_ALL = 10**9


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Its place among the first 24, or why it has none there."""

    surface: str
    audience: str
    k: int
    slot: int | None
    rank: int
    """Its rank by score; 0 when it was no candidate."""
    why: Why | None
    """How its score came about; of the best candidates only."""
    dropped: str
    """Why it was left out, in a sentence; "" when it was not."""

    @property
    def slot_words(self) -> str:
        return f"position {self.slot} of {self.k}"

    @property
    def sentence(self) -> str:
        if self.why is not None:
            return self.why.sentence
        if self.rank:
            return f"It ranks {self.rank} by score; the list ends at {self.k}."
        return self.dropped or (
            "No source proposed it: it was no candidate, so it was never scored."
        )


def standing_of(item: Item, visitor: Visitor) -> Standing:
    """Rank the visitor's list and look for the item."""
    answer = ranked_for(visitor, k=PAGE)
    trace = trace_of(answer)
    why = explain(trace, item.pk)
    rank = _rank_by_score(answer.ranking, item.pk)
    codes = dict(dropped_numbers(trace.drops, code="", most=_ALL))
    code = codes.get(item.pk)
    return Standing(
        surface=visitor.surface,
        audience=visitor.audience,
        k=len(trace.items.ids),
        slot=why.slot if why else None,
        rank=rank or 0,
        why=why,
        dropped="A rule hides it." if rank is None else drop(code) if code else "",
    )


def _rank_by_score(ranking: Ranking, number: int) -> int | None:
    """Return an item's rank, 0 if it was no candidate, None if a rule hides it."""
    (places,) = np.nonzero(ranking.pool.numbers == number)
    if not len(places):
        return 0
    scores, visible = ranking.outcome.scores, ranking.outcome.visible
    if not visible[places[0]]:
        return None
    return int(np.count_nonzero(visible & (scores > scores[places[0]]))) + 1
