"""What rules do to candidates, in an order that is the same for every request.

1. **Eligibility** came before: whatever is not available, sold out, outside of
   the request's constraints, excluded or already bought is no candidate, and no
   rule brings it back (but for a PIN that says ``even_if_unavailable``, and
   that only past stock and availability).
2. **BLOCK and FILTER**: a blocked item is out, whatever else names it. Of
   several FILTERs all must name it.
3. **BOOST and BURY** (:mod:`rules.core.steps`), rule by rule in order of
   precedence. An eligible item that a BOOST names by its id joins the
   candidates with score 0.
4. **Pins are chosen** (:mod:`rules.core.pins`).
5. **Diversity and caps** choose among the others, with the pins as already
   selected, and 6. pins are **placed** and the others fill the free places
   (:mod:`ranking.core.pipeline`).

Precedence is priority, the highest first, then creation, the earliest first,
then the id.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from .boosting import boost
from .gates import Asker
from .groups import Groups
from .index import Index
from .lists import is_among
from .rounding import rounded
from .types import NO_HITS, Candidates, Hits, Outcome, Rows, Ruled, Scores

type Flags = NDArray[np.bool_]


class Ruling(Struct, frozen=True, kw_only=True):
    """The rules that act on one request, ready to meet its candidates."""

    groups: Groups
    index: Index
    is_open: Flags
    """Shape (g,). Groups whose rules act."""

    is_held: Flags
    """Shape (g,). Groups that would, if this user were not held out."""

    has_held: bool
    clock_us: int
    """The moment of the ranking, from which ages are counted."""

    @property
    def n_launches(self) -> int:
        """How many items a BOOST names."""
        return len(self.index.launches.rows)

    @property
    def filtered_rows(self) -> Rows:
        """Rows of the items that a FILTER names one by one."""
        lists = self.index.items
        asking = (self.groups.filters & self.is_open).take(lists.groups)
        rows = lists.codes.repeat(np.diff(lists.starts))
        return np.unique(rows[asking])

    def match(self, items: Candidates) -> Hits:
        """Say which items belong to which groups that act."""
        return self.index.match(items, wanted=self.is_open, at_us=self.clock_us)

    def hides(self, items: Candidates) -> Flags:
        """Say which items a BLOCK or a FILTER hides. Shape (n,)."""
        index = self.index.hiding
        if index is None or not len(items):
            return np.zeros(len(items), dtype=np.bool_)
        hits = index.match(items, wanted=self.is_open, at_us=self.clock_us)
        blocked, filtered = _hidden(self, hits, n=len(items))
        return blocked | filtered


def rule_on(index: Index, *, asker: Asker, at_us: int, clock_us: int) -> Ruling:
    """Return the rules that act on a request.

    Parameters
    ----------
    index : Index
        Of the rules of the request's surface, in the request's catalog.
    asker : Asker
    at_us : int
        The instant of the wall clock.
    clock_us : int
        The moment of the ranking.
    """
    groups = index.groups
    if len(groups.gates) == 1:
        return Ruling(
            groups=groups,
            index=index,
            is_open=groups.all_open,
            is_held=~groups.all_open,
            has_held=False,
            clock_us=clock_us,
        )
    passed, held = groups.gates.open(asker, at_us=at_us, clock_us=clock_us)
    is_held = held.take(groups.gate)
    return Ruling(
        groups=groups,
        index=index,
        is_open=passed.take(groups.gate),
        is_held=is_held,
        has_held=bool(is_held.any()),
        clock_us=clock_us,
    )


def launched(ruling: Ruling, rows: Rows, *, start: int, limit: int) -> Rows:
    """Return the rows that a BOOST lifts and that are no candidates.

    Those that are lifted by most come first. They may be ineligible.

    Parameters
    ----------
    ruling : Ruling
    rows : array of shape (n,)
        The candidates.
    start, limit : int
        How many lifted items are passed over, and how many looked at.
    """
    launches = ruling.index.launches
    head = launches.rows[start : start + limit]
    if not len(head):
        return head
    wanted = np.ones(len(head), dtype=np.bool_)
    if len(ruling.groups.gates) > 1:
        acting = ruling.is_open.take(launches.groups)
        wanted = np.logical_or.reduceat(acting, launches.starts)[start : start + limit]
    return head[wanted & ~is_among(head, rows)]


def apply_rules(
    ruling: Ruling,
    candidates: Candidates,
    scores: Scores,
    *,
    k: int,
    is_launched: Flags,
) -> Outcome:
    """Apply BLOCK and FILTER, then BOOST and BURY.

    Parameters
    ----------
    ruling : Ruling
    candidates : Candidates
        n eligible candidates, with those that rules launched.
    scores : array of shape (n,)
        At least 0, rounded. Left unchanged.
    k : int
        Length of the page.
    is_launched : array of shape (n,)
        Those that are candidates only because of a rule. Their score is 0, and
        says nothing about who would have been shown.
    """
    hits = ruling.match(candidates)
    blocked, filtered = _hidden(ruling, hits, n=len(scores))
    visible = ~(blocked | filtered)
    floor = _last_shown(scores[visible & ~is_launched], k)
    touched = np.zeros(len(scores), dtype=np.bool_)
    touched[hits.of(ruling.groups.bends)] = True
    boosted = scores
    if touched.any():
        bent = boost(ruling.groups.steps, hits, scores=scores, floor=floor)
        boosted = np.where(touched, rounded(bent), scores)
    return Outcome(
        scores=boosted,
        visible=visible,
        ruled=Ruled(
            groups=ruling.groups,
            hits=hits,
            held=_held(ruling, candidates),
            before=scores,
            floor=floor,
            blocked=blocked,
            filtered=filtered,
            touched=touched & visible,
        ),
    )


def _held(ruling: Ruling, candidates: Candidates) -> Hits:
    """Return what rules would have met that this user is held out of."""
    if not ruling.has_held:
        return NO_HITS
    return ruling.index.match(candidates, wanted=ruling.is_held, at_us=ruling.clock_us)


def _hidden(ruling: Ruling, hits: Hits, *, n: int) -> tuple[Flags, Flags]:
    """Say what is blocked, and what lacks the name of a FILTER."""
    groups = ruling.groups
    blocked, filtered = np.zeros((2, n), dtype=np.bool_)
    if groups.has_blocks:
        blocked[hits.of(groups.blocks)] = True
    if groups.has_filters:
        asking = groups.filters & ruling.is_open
        named = np.bincount(hits.of(asking), minlength=n)
        filtered = named < np.count_nonzero(asking)
    return blocked, filtered


def _last_shown(scores: Scores, k: int) -> float:
    """Return the score at place k, or of the last one when there are fewer."""
    if not len(scores):
        return 0.0
    cut = max(len(scores) - k, 0)
    return float(np.partition(scores, cut)[cut])
