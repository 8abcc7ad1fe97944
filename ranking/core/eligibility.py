"""Which items a request may show at all, and why others may not."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from . import snapshot
from .columns import I32, NO_ROWS, Flags, Rows, distinct
from .knobs import Knobs
from .request import Constraints
from .trail import DAY_US, Trail
from .world import Selection, World

type DropCodes = NDArray[np.uint8]
"""A :class:`Drop` for each item, 0 for an eligible one."""


class Drop(IntEnum):
    """Why an item is not eligible. Of several reasons the lowest is given."""

    NONE = 0
    UNAVAILABLE = snapshot.UNAVAILABLE
    OUT_OF_STOCK = snapshot.OUT_OF_STOCK
    INCLUDE_TAGS = 3
    PRICE_MISSING = 4
    PRICE_BELOW_MIN = 5
    PRICE_ABOVE_MAX = 6
    STALE_ITEM = 7
    EXPLICIT_EXCLUDE = 8
    ALREADY_BOUGHT = 9
    UNLISTED = snapshot.UNLISTED
    RULE_BLOCK = 11
    RULE_FILTER = 12

    @property
    def code(self) -> str:
        """The name in traces and answers.

        >>> Drop.OUT_OF_STOCK.code
        'out_of_stock'
        """
        return self.name.lower()


NO_LIMITS = (None, None, None)

STANDING_DROPS = (Drop.UNAVAILABLE, Drop.OUT_OF_STOCK)
"""What a PIN may overlook that says so."""

CONSTRAINT_DROPS = (
    Drop.INCLUDE_TAGS,
    Drop.PRICE_MISSING,
    Drop.PRICE_BELOW_MIN,
    Drop.PRICE_ABOVE_MAX,
    Drop.STALE_ITEM,
)


class Eligibility(Struct, frozen=True, kw_only=True):
    """The conditions of one request, ready to be asked about any item.

    ``standing`` is asked while candidates are drawn, so that a narrow set is
    not starved; ``exclusion`` about those drawn.
    """

    constraints: Constraints
    wanted_tags: I32 | None
    """Codes of the tags of which an item needs one; None when any item will do."""

    excluded: Rows
    """Rows that the request excludes, ascending."""

    bought: Rows
    """Rows that the user has already bought, ascending."""

    is_narrow: bool
    """Whether the request says what an item must be."""

    shown_again: Rows = NO_ROWS
    """Rows that the user has already bought and that may be shown, ascending."""

    def standing(self, items: Selection) -> DropCodes:
        """Say which items are available and within the constraints. Shape (m,)."""
        drops: DropCodes = items.attribute("standing")
        if self.is_narrow:
            self._mark_constraints(drops, items)
        return drops

    def _mark_constraints(self, drops: DropCodes, items: Selection) -> None:
        if self.wanted_tags is not None:
            _mark(drops, ~carries_any(items, self.wanted_tags), Drop.INCLUDE_TAGS)
        self._mark_prices(drops, items)
        if self.constraints.created_after_us is not None:
            created = items.attribute("created_us")
            stale = created <= self.constraints.created_after_us
            _mark(drops, stale, Drop.STALE_ITEM)

    def _mark_prices(self, drops: DropCodes, items: Selection) -> None:
        low, high = self.constraints.price_min, self.constraints.price_max
        if low is None and high is None:
            return
        price = items.attribute("price")
        _mark(drops, np.isnan(price), Drop.PRICE_MISSING)
        if low is not None:
            _mark(drops, price < low, Drop.PRICE_BELOW_MIN)
        if high is not None:
            _mark(drops, price > high, Drop.PRICE_ABOVE_MAX)

    def exclusion(self, items: Selection) -> DropCodes:
        """Say which items the request or the user's purchases exclude. Shape (m,)."""
        drops = np.zeros(len(items), dtype=np.uint8)
        if len(self.excluded):
            _mark(drops, is_among(items.rows, self.excluded), Drop.EXPLICIT_EXCLUDE)
        if len(self.bought):
            _mark(drops, is_among(items.rows, self.bought), Drop.ALREADY_BOUGHT)
        return drops

    def all(self, items: Selection) -> DropCodes:
        """Say which items are not eligible, for any reason. Shape (m,)."""
        drops = self.standing(items)
        return np.where(drops == 0, self.exclusion(items), drops)

    def beyond_stock(self, items: Selection) -> DropCodes:
        """Say which items are not eligible, whatever their stock. Shape (m,)."""
        drops = np.zeros(len(items), dtype=np.uint8)
        if self.is_narrow:
            self._mark_constraints(drops, items)
        return np.where(drops == 0, self.exclusion(items), drops)


def _mark(drops: DropCodes, where: Flags, drop: Drop) -> None:
    drops[where & (drops == 0)] = drop


def is_among(rows: Rows, wanted: Rows) -> Flags:
    """Say which rows are among others, which are ascending.

    >>> is_among(np.array([3, 1, 9]), np.array([1, 3])).tolist()
    [True, True, False]
    """
    if not len(wanted):
        return np.zeros(len(rows), dtype=np.bool_)
    places = wanted.searchsorted(rows)
    found: Flags = wanted.take(places, mode="clip") == rows
    return found


def carries_any(items: Selection, wanted: I32) -> Flags:
    """Say which items carry at least one of some tags. Shape (m,)."""
    codes, owner = items.tags()
    hit = codes == wanted[0] if len(wanted) == 1 else np.isin(codes, wanted)
    carries = np.zeros(len(items), dtype=np.bool_)
    carries[owner[hit]] = True
    return carries


def make_eligibility(
    world: World, *, constraints: Constraints, bought: Rows
) -> Eligibility:
    """Look up what a request's constraints mean in a world."""
    wanted = [tag.strip().lower() for tag in constraints.include_tags_any]
    codes = {world.tags.code(tag) for tag in wanted if tag} - {-1}
    excluded = {world.row_of_id(item_id) for item_id in constraints.exclude_item_ids}
    limits = (constraints.price_min, constraints.price_max)
    return Eligibility(
        constraints=constraints,
        wanted_tags=np.array(sorted(codes), dtype=np.int32) if any(wanted) else None,
        excluded=np.array(sorted(excluded - {-1}), dtype=np.int64),
        bought=bought,
        is_narrow=any(wanted) or (*limits, constraints.created_after_us) != NO_LIMITS,
    )


def already_bought(
    world: World, trail: Trail, *, user_row: int, knobs: Knobs, at_us: int
) -> Rows:
    """Return the rows that count as already bought, ascending.

    Both what the trail shows and, for purchases older than it, what the
    snapshot remembers count. Only the excluded event types do; with an empty
    list of types every event counts.
    """
    if not knobs.rule_exclude_events:
        return NO_ROWS
    counts = trail.ages_days <= knobs.purchased_window_days
    if knobs.exclude_event_types:
        counts &= trail.is_of(knobs.exclude_event_types)
    rows = trail.rows[counts]
    older, days = world.snapshot.bought.of(user_row)
    if len(older):
        since_us = at_us - int(knobs.purchased_window_days * DAY_US)
        remembered = older[(days.astype(np.float64) + 1) * DAY_US > since_us]
        rows = np.concatenate((rows, remembered))
    return distinct(rows)[0]
