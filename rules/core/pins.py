"""Choose which items get a fixed place on the page.

Rules pin in order of precedence, each its items in the order in which it names
them, or the best-scored candidates that it matches. Places count from 1. Of
two pins on one place the later takes the next free one; a pin without a place
takes the first free one. What is left over is told, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, count, repeat
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from .apply import Ruling
from .effects import rule_at
from .lists import spread
from .rule import Rule, TargetType
from .types import NO_PINS, Candidates, Outcome, Pins, Rows, Unpinned

type Flags = NDArray[np.bool_]
type I64 = NDArray[np.int64]

UNKNOWN = "unknown_item"
BLOCKED = "rule_block"
FILTERED = "rule_filter"
PINNED = "pinned_by_other"
BEYOND_PAGE = "beyond_page"
NO_SLOT = "no_slot_left"

MOST_TOLD = 50
"""Pins left over that are told one by one."""

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


class _Page:
    """The places taken so far."""

    def __init__(self, *, k: int, most: int) -> None:
        self.k = k
        self.most = most
        self.taken: dict[int, int] = {}
        self.pinned: dict[int, int] = {}
        self.chosen: list[tuple[int, Offer, int]] = []
        self.left: list[Unpinned] = []

    @property
    def is_full(self) -> bool:
        return len(self.chosen) >= min(self.most, self.k)

    def take(self, rule: int, offer: Offer) -> bool:
        """Pin an item, or note why not."""
        refusal, winner = offer.refusal, None
        wanted = offer.position or 1
        slot = next(slot for slot in count(wanted) if slot not in self.taken)
        if not refusal and offer.row in self.pinned:
            refusal, winner = PINNED, self.pinned[offer.row]
        elif not refusal and self.is_full:
            refusal = NO_SLOT
        elif not refusal and slot > self.k:
            refusal, winner = BEYOND_PAGE, self.taken.get(wanted)
        if refusal:
            self.leave(rule, offer._replace(refusal=refusal), winner=winner)
            return False
        self.taken[slot] = rule
        self.pinned[offer.row] = rule
        self.chosen.append((rule, offer, slot))
        return True

    def leave(self, rule: int, offer: Offer, *, winner: int | None = None) -> None:
        """Note a pin that is left over."""
        if len(self.left) < MOST_TOLD:
            told = (offer.item_id, offer.refusal, offer.position, winner)
            self.left.append(Unpinned(rule, *told))

    def pins(self) -> Pins:
        """Return the pins in order of their places."""
        if not self.chosen:
            return Pins(
                rows=NO_PINS.rows,
                positions=NO_PINS.positions,
                slots=NO_PINS.slots,
                rules=NO_PINS.rules,
                wanted=NO_PINS.wanted,
                unpinned=tuple(self.left),
            )
        lines = sorted(
            (slot, offer.row, offer.place, rule, offer.position or 0)
            for rule, offer, slot in self.chosen
        )
        slots, rows, places, rules, wanted = np.array(lines, dtype=np.int64).T
        return Pins(
            rows=rows,
            positions=places,
            slots=slots,
            rules=rules,
            wanted=wanted,
            unpinned=tuple(self.left),
        )


def choose_pins(
    ruling: Ruling,
    candidates: Candidates,
    outcome: Outcome,
    *,
    reserve: Reserve,
    k: int,
    most: int,
) -> Pins:
    """Choose the pins of a page.

    Parameters
    ----------
    ruling : Ruling
    candidates : Candidates
        n candidates, rows ascending.
    outcome : Outcome
        From :func:`~rules.core.apply.apply_rules`.
    reserve : Reserve
    k : int
        Length of the page.
    most : int
        Most pins that it may have.
    """
    groups = ruling.groups
    acting = groups.pins[ruling.is_open.take(groups.group.take(groups.pins))]
    if not len(acting):
        return NO_PINS
    offering = _Offering(ruling, candidates, outcome, reserve=reserve, rules=acting)
    page = _Page(k=k, most=most)
    for turn, rule in enumerate(acting.tolist()):
        _pin(page, rule, offering, turn=turn)
        if page.is_full and len(page.left) >= MOST_TOLD:
            break
    return page.pins()


def _pin(page: _Page, rule: int, offering: _Offering, *, turn: int) -> None:
    content = offering.rule(rule)
    if page.is_full:
        page.leave(rule, Offer(None, -1, -1, NO_SLOT, None))
    elif content.target.type is TargetType.ITEM:
        n_pinned = 0
        for offer in offering.named(rule, turn=turn):
            n_pinned += page.take(rule, offer)
            if n_pinned == content.max_pins:
                return
    else:
        best = (o for o in offering.best(rule) if o.row not in page.pinned)
        most = content.max_pins or len(content.positions) or page.k
        positions = (*content.positions[:most], *repeat(None, page.k))[:most]
        for position, offer in zip(positions, best, strict=False):
            page.take(rule, offer._replace(position=position))
            if page.is_full:
                return


class _Offering:
    """What each rule would pin, found out when it is asked for."""

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
