"""Which items rules would pin, and why some of them may not be."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from .apply import Ruling
from .effects import rule_at
from .lists import spread
from .rule import Rule
from .types import Candidates, Outcome, Rows

type Flags = NDArray[np.bool_]
type I64 = NDArray[np.int64]

UNKNOWN = "unknown_item"
BLOCKED = "rule_block"
FILTERED = "rule_filter"

AT_ONCE = 128
"""Items whose eligibility is asked together."""


class Reserve(Protocol):
    """Items that are no candidates, and may be pinned nevertheless."""

    def refusals(self, rows: Rows, *, even_if_unavailable: Flags) -> list[str]:
        """Say why items may not be shown, the empty text where they may.

        Parameters
        ----------
        rows : array of shape (m,)
        even_if_unavailable : array of shape (m,)
            Where stock and availability do not matter.
        """

    def hidden(self, rows: Rows) -> Flags:
        """Say which of them rules hide. Shape (m,)."""


class Offer(NamedTuple):
    """An item that a rule would pin."""

    item_id: str | None
    row: int
    """Row of the catalog; below 0 for an unknown item."""

    place: int
    """Place among the candidates; -1 for none of them."""

    refusal: str
    position: int | None


class Offering:
    """What each rule would pin, found out when it is asked for.

    Parameters
    ----------
    ruling : Ruling
    candidates : Candidates
    outcome : Outcome
    reserve : Reserve
    rules : array of shape (r,)
        Places of PINs in the groups, in order.
    """

    def __init__(
        self,
        ruling: Ruling,
        candidates: Candidates,
        outcome: Outcome,
        *,
        reserve: Reserve,
        rules: I64,
    ) -> None:
        self._ruling = ruling
        self._candidates = candidates
        self._outcome = outcome
        self._reserve = reserve
        self._read(rules)

    def rule(self, place: int) -> Rule:
        """Return a rule by its place in the groups."""
        return rule_at(self._ruling.groups, place)

    def _read(self, rules: I64) -> None:
        """Line up the items that rules name, in the order of the rules."""
        groups, named = self._ruling.groups, self._ruling.index.named
        targets = groups.target.take(groups.group.take(rules))
        begins = named.owners.searchsorted(targets)
        counts = named.owners.searchsorted(targets, side="right") - begins
        self._first = counts.cumsum() - counts
        self._rows = named.codes.take(spread(begins, counts))
        even_if = groups.reading.columns.even_if.take(groups.rules.take(rules))
        self._even_if = even_if.repeat(counts)
        self._places: list[int] = []
        self._refusals: list[str] = []

    def named(self, place: int, *, turn: int) -> Iterator[Offer]:
        """Return the items that a rule names, in its order."""
        rule = self.rule(place)
        first = int(self._first[turn])
        wanted = chain(rule.positions, repeat(None))
        for i, (item_id, position) in enumerate(
            zip(rule.target.values, wanted, strict=False)
        ):
            while len(self._places) <= first + i:
                self._ask_further()
            yield Offer(
                item_id,
                int(self._rows[first + i]),
                self._places[first + i],
                self._refusals[first + i],
                position,
            )

    def _ask_further(self) -> None:
        """Find out about the next items, many at once."""
        begin = len(self._places)
        rows = self._rows[begin : begin + AT_ONCE]
        own = self._candidates.rows
        places = own.searchsorted(rows)
        known = own.take(places, mode="clip") == rows if len(own) else rows < -1
        places = np.where(known, places, -1)
        refusals = np.full(len(rows), "", dtype=object)
        refusals[rows < 0] = UNKNOWN
        for flags, reason in (
            (self._hidden("blocked"), BLOCKED),
            (self._hidden("filtered"), FILTERED),
        ):
            refusals[known & flags.take(places)] = reason
        apart = np.flatnonzero(~known & (rows >= 0))
        if len(apart):
            even_if = self._even_if[begin : begin + AT_ONCE][apart]
            told = self._reserve.refusals(rows[apart], even_if_unavailable=even_if)
            refusals[apart] = told
            hidden = self._reserve.hidden(rows[apart])
            refusals[apart[hidden & (refusals[apart] == "")]] = BLOCKED
        self._places += places.tolist()
        self._refusals += refusals.tolist()

    def _hidden(self, why: str) -> Flags:
        ruled = self._outcome.ruled
        nothing = np.zeros(max(len(self._candidates), 1), dtype=np.bool_)
        if ruled is None or not len(self._candidates):
            return nothing
        flags: Flags = getattr(ruled, why)
        return flags

    def best(self, place: int) -> Iterator[Offer]:
        """Return the candidates that a rule matches, the best first."""
        outcome, ruled = self._outcome, self._outcome.ruled
        if ruled is None:
            return
        group = self._ruling.groups.group[place]
        matched = ruled.hits.places[ruled.hits.groups == group]
        matched = matched[outcome.visible.take(matched)]
        ranks = self._candidates.id_rank.take(matched)
        by_score = np.lexsort((ranks, -outcome.scores.take(matched)))
        for position in matched[by_score].tolist():
            row = int(self._candidates.rows[position])
            yield Offer(None, row, position, "", None)
