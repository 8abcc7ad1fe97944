"""Pages that one request got, without a change and with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

type I64 = NDArray[np.int64]


class Page(Struct, frozen=True, kw_only=True):
    """One answer of the ranking."""

    rows: I64
    """Shape (m,). Rows of the world, best first."""

    leaks: int = 0
    """Items shown against the constraints of the request."""

    duration_ns: int = 0
    """How long the ranking took."""


class Pair(Struct, frozen=True):
    """The answers to one request."""

    before: Page
    """Without the change."""

    after: Page
    """With it."""


def changed_positions(before: I64, after: I64) -> I64:
    """Return the positions, from 1, that show another item, or none any more.

    Examples
    --------
    >>> changed_positions(np.array([7, 8, 9]), np.array([7, 9])).tolist()
    [2, 3]
    """
    shared = min(len(before), len(after))
    others = np.flatnonzero(before[:shared] != after[:shared]) + 1
    beyond = np.arange(shared + 1, max(len(before), len(after)) + 1)
    return np.concatenate((others, beyond))


class Movement(Struct, frozen=True, kw_only=True):
    """How much of what is shown a change alters."""

    requests: int
    touched: int
    """Requests of whose page at least one position changes."""

    positions: int
    """Positions shown: of each request the longer of its two pages."""

    changed: int
    """Positions that show another item, or none any more."""

    by_position: tuple[int, ...]
    """Entry i: of how many requests position i + 1 changes."""


def movement(pairs: Sequence[Pair]) -> Movement:
    """Count what changes, position by position."""
    changed = [changed_positions(each.before.rows, each.after.rows) for each in pairs]
    longest = [max(len(each.before.rows), len(each.after.rows)) for each in pairs]
    all_changed = np.concatenate(changed) if changed else np.empty(0, dtype=np.int64)
    counts = np.bincount(all_changed, minlength=max(longest, default=0) + 1)[1:]
    return Movement(
        requests=len(pairs),
        touched=sum(len(each) > 0 for each in changed),
        positions=sum(longest),
        changed=len(all_changed),
        by_position=tuple(counts.tolist()),
    )


class Exposure(Struct, frozen=True):
    """How often each of some items is shown."""

    rows: I64
    """Shape (n,). Ascending, without repeats."""

    counts: I64
    """Shape (n,). Positions that the item takes over all pages."""

    @property
    def total(self) -> int:
        """Positions filled."""
        return int(self.counts.sum())


def exposure(pages: Iterable[Page]) -> Exposure:
    """Count how often items are shown.

    Examples
    --------
    >>> shown = exposure([Page(rows=np.array([4, 2])), Page(rows=np.array([4]))])
    >>> shown.rows.tolist(), shown.counts.tolist()
    ([2, 4], [1, 2])
    """
    shown = [page.rows for page in pages]
    if not shown:
        nothing: I64 = np.empty(0, dtype=np.int64)
        return Exposure(nothing, nothing)
    rows, counts = np.unique(np.concatenate(shown), return_counts=True)
    return Exposure(rows, counts)
