"""What a user did lately, as one world understands it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from msgspec import Struct

from .columns import F64, I16, NO_ROWS, Flags, Rows, distinct
from .configuration import EventType
from .request import History
from .world import World

DAY_US = 86_400_000_000


class Trail(Struct, frozen=True, kw_only=True):
    """The events of a history whose items are known, newest first."""

    rows: Rows
    """Shape (m,). Rows of the items."""

    types: I16
    """Shape (m,). Event types."""

    weights: F64
    """Shape (m,). Weight of the type times value; 0 for inactive types."""

    half_lives: F64
    """Shape (m,). Of the event type, in days; NaN where it has none of its own."""

    ages_days: F64
    """Shape (m,). At least 0."""

    def __len__(self) -> int:
        return len(self.rows)

    def is_of(self, types: tuple[int, ...]) -> Flags:
        """Say which events are of some types. Shape (m,)."""
        found = np.zeros(len(self.rows), dtype=np.bool_)
        for kind in types:
            found |= self.types == kind
        return found


class Recent(Struct, frozen=True, kw_only=True):
    """The distinct items of a trail, the one with the newest event first."""

    rows: Rows
    """Shape (r,)."""

    ages_days: F64
    """Shape (r,). Age of the item's newest event, at least 0."""

    strengths: F64
    """Shape (r,). Sum of the weights of the item's events, in (0, 1]."""

    def within(self, days: float) -> Recent:
        """Return the items whose newest event is at most so many days old."""
        # Items are in order of age, so the fresh ones are the beginning.
        n_fresh = int(np.searchsorted(self.ages_days, days, side="right"))
        return Recent(
            rows=self.rows[:n_fresh],
            ages_days=self.ages_days[:n_fresh],
            strengths=self.strengths[:n_fresh],
        )


NO_TRAIL = Trail(
    rows=NO_ROWS,
    types=np.empty(0, dtype=np.int16),
    weights=np.empty(0),
    half_lives=np.empty(0),
    ages_days=np.empty(0),
)
NOTHING_RECENT = Recent(rows=NO_ROWS, ages_days=np.empty(0), strengths=np.empty(0))


def follow(
    world: World,
    history: History,
    *,
    event_types: Mapping[int, EventType],
    at_us: int,
) -> Trail:
    """Look up the events of a history."""
    if not len(history):
        return NO_TRAIL
    rows = world.rows_of_numbers(history.numbers)
    known = np.flatnonzero(rows >= 0)
    types = history.types[known]
    kinds = [event_types.get(number) for number in types.tolist()]
    weights = np.array([0.0 if kind is None else kind.weight for kind in kinds])
    half_lives = [np.nan if k is None else k.half_life_days or np.nan for k in kinds]
    return Trail(
        rows=rows[known],
        types=types,
        weights=weights * np.maximum(history.values[known], 0.0),
        half_lives=np.array(half_lives),
        ages_days=np.maximum(at_us - history.ts_us[known], 0) / DAY_US,
    )


def recent_items(trail: Trail) -> Recent:
    """Return the distinct items of a trail. Events without weight count nothing."""
    counted = np.flatnonzero(trail.weights > 0)
    if not len(counted):
        return NOTHING_RECENT
    rows, first, which = distinct(trail.rows[counted])
    strengths = np.minimum(np.bincount(which, trail.weights[counted]), 1.0)
    newest_first = np.argsort(first)
    return Recent(
        rows=rows[newest_first],
        ages_days=trail.ages_days[counted[first[newest_first]]],
        strengths=strengths[newest_first],
    )
