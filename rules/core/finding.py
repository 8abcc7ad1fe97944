"""Groups of rules by what a candidate has: its row, or a code of a dictionary."""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from .groups import Groups
from .lists import spread
from .lookup import Pairs

type Flags = NDArray[np.bool_]
type I64 = NDArray[np.int64]


class Lists(Struct, frozen=True, eq=False):
    """Groups by code, or by row."""

    codes: I64
    """Shape (c,). Ascending, without repeats."""

    slots: NDArray[np.int32] | None
    """Place in ``codes``, from 1, of each code one further; None: search for it."""

    starts: I64
    """Shape (c + 1,). Code i has ``groups[starts[i]:starts[i + 1]]``."""

    groups: I64

    @property
    def is_single(self) -> bool:
        """Whether there is one group by each code."""
        return len(self.groups) == len(self.codes)

    def hits(self, codes: NDArray[Any]) -> tuple[I64, I64]:
        """Return pairs of a place in ``codes`` and a group that is found there."""
        if self.slots is None:
            places = self.codes.searchsorted(codes)
            found = (self.codes.take(places, mode="clip") == codes).nonzero()[0]
            lists = places.take(found)
        else:
            slots = self.slots.take(codes + 1, mode="clip")
            found = slots.nonzero()[0]
            lists = slots.take(found).astype(np.int64) - 1
        if self.is_single:
            return found, self.groups.take(lists)
        begins = self.starts.take(lists)
        counts = self.starts.take(lists + 1) - begins
        members = spread(begins, counts)
        return found.repeat(counts), self.groups.take(members)


def make_lists(groups: Groups, pairs: Pairs, *, chosen: Flags, is_dense: bool) -> Lists:
    """Return where some of the groups are found in one table."""
    # Groups of one target are neighbours.
    low = groups.target.searchsorted(pairs.owners)
    counts = groups.target.searchsorted(pairs.owners, side="right") - low
    member = spread(low, counts)
    wanted = chosen.take(member)
    codes = pairs.codes.repeat(counts)[wanted]
    keys = np.unique(codes * len(groups.target) + member[wanted])
    codes, first = np.unique(keys // len(groups.target), return_index=True)
    slots = None
    if is_dense:
        slots = np.zeros(int(codes.max(initial=-1)) + 3, dtype=np.int32)
        slots[codes + 1] = np.arange(1, len(codes) + 1)
    return Lists(codes, slots, np.append(first, len(keys)), keys % len(groups.target))


class Launches(Struct, frozen=True, eq=False, kw_only=True):
    """Items that a BOOST lifts whether or not they are candidates.

    The rows that are lifted by most come first.
    """

    rows: I64
    """Shape (l,). Without repeats."""

    starts: I64
    """Shape (l,). Row i is lifted by ``groups[starts[i]:starts[i + 1]]``, the
    last one by all that follow."""

    groups: I64


def make_launches(groups: Groups, items: Lists) -> Launches:
    """Return the items that BOOSTs name, by how much they are lifted."""
    steps = groups.steps
    lifting = np.flatnonzero(steps.has_lifts.take(items.groups))
    group = items.groups[lifting]
    rows = items.codes.repeat(np.diff(items.starts))[lifting]
    gains = np.add.reduceat(np.append(steps.lift_values, 0.0), steps.lift_starts[:-1])
    ascending, starts = np.unique(rows, return_index=True)
    reach = np.add.reduceat(gains.take(group), starts) if len(starts) else np.empty(0)
    by_reach = (-reach).argsort(kind="stable")
    counts = np.diff(np.append(starts, len(rows)))
    taken = counts[by_reach]
    member = spread(starts[by_reach], taken)
    return Launches(
        rows=ascending[by_reach],
        starts=taken.cumsum() - taken,
        groups=group[member],
    )
