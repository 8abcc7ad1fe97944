"""Choose which items get a fixed place on the page.

Rules pin in order of precedence, each its items in the order in which it names
them, or the best-scored candidates that it matches. Places count from 1. Of
two pins on one place the later takes the next free one; a pin without a place
takes the first free one. What is left over is told, with the reason.
"""

from __future__ import annotations

from itertools import count, repeat

import numpy as np
from numpy.typing import NDArray

from .apply import Ruling
from .offers import Offer, Offering, Reserve
from .rule import TargetType
from .types import NO_PINS, Candidates, Outcome, Pins, Unpinned

type Flags = NDArray[np.bool_]
type I64 = NDArray[np.int64]

PINNED = "pinned_by_other"
BEYOND_PAGE = "beyond_page"
NO_SLOT = "no_slot_left"

RULES_AT_ONCE = 256
MOST_TOLD = 50
"""Pins left over that are told one by one."""


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
    if not len(groups.pins):
        return NO_PINS
    acting = groups.pins[ruling.is_open.take(groups.group.take(groups.pins))]
    acting = acting[_promising(ruling, outcome, acting)]
    if not len(acting):
        return NO_PINS
    page = _Page(k=k, most=most)
    for start in range(0, len(acting), RULES_AT_ONCE):
        some = acting[start : start + RULES_AT_ONCE]
        offering = Offering(ruling, candidates, outcome, reserve=reserve, rules=some)
        for turn, rule in enumerate(some.tolist()):
            _pin(page, rule, offering, turn=turn)
        if page.is_full and len(page.left) >= MOST_TOLD:
            break
    return page.pins()


def _promising(ruling: Ruling, outcome: Outcome, acting: I64) -> Flags:
    """Say which rules have anything to pin, or something to tell."""
    groups, named = ruling.groups, ruling.index.named
    group = groups.group.take(acting)
    known = np.zeros(len(groups.reading.targets), dtype=np.bool_)
    known[named.owners[named.codes >= 0]] = True
    is_named = np.zeros(len(known), dtype=np.bool_)
    is_named[named.owners] = True
    has_met = np.zeros(len(groups.target), dtype=np.bool_)
    if outcome.ruled is not None:
        has_met[outcome.ruled.hits.of_places(outcome.visible)] = True
    target = groups.target.take(group)
    promising = known.take(target) | has_met.take(group)
    waiting = is_named.take(target) & ~promising
    told: Flags = promising | (waiting & (waiting.cumsum() <= MOST_TOLD))
    return told


def _pin(page: _Page, rule: int, offering: Offering, *, turn: int) -> None:
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
