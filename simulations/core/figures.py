"""The figures of one side of a replay that guardrails set limits to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from .metrics import (
    catalog_coverage,
    exposure_ratio,
    p95_ms,
    popularity_bias,
    share,
)
from .pages import I64, Exposure, Page, exposure

type Flags = NDArray[np.bool_]


class Facts(Struct, frozen=True, kw_only=True):
    """What is known of the items that pages show; entry i of each is the same item."""

    rows: I64
    """Shape (n,). Ascending, without repeats: all rows on the pages, at least."""

    long_tail: Flags
    brands: I64
    """Codes, -1 for none."""

    categories: I64
    popularity: NDArray[np.float64]
    """Percentile in the catalog."""

    n_sellable: int
    """Items of the catalog that can be shown."""

    def places(self, rows: I64) -> I64:
        """Return where rows stand in the columns."""
        return self.rows.searchsorted(rows)


class Figures(Struct, frozen=True, kw_only=True):
    """What many pages come to; None where nothing was shown."""

    requests: int
    positions: int
    """Positions filled."""

    items: int
    """Distinct items shown."""

    sellable: int
    catalog_coverage: float | None
    long_tail_share: float | None
    brand_exposure_ratio: float | None
    popularity_bias: float | None
    constraint_leaks: int
    empty_share: float | None
    p95_ms: float | None


def figures_of(pages: Sequence[Page], facts: Facts) -> Figures:
    """Return the figures of pages."""
    shown = exposure(pages)
    places = facts.places(shown.rows)
    tail = int(shown.counts[facts.long_tail[places]].sum())
    return Figures(
        requests=len(pages),
        positions=shown.total,
        items=len(shown.rows),
        sellable=facts.n_sellable,
        catalog_coverage=catalog_coverage(len(shown.rows), facts.n_sellable),
        long_tail_share=share(tail, shown.total),
        brand_exposure_ratio=exposure_ratio(by_group(shown, facts.brands[places])),
        popularity_bias=popularity_bias(facts.popularity[places], shown.counts),
        constraint_leaks=sum(page.leaks for page in pages),
        empty_share=share(sum(not len(page.rows) for page in pages), len(pages)),
        p95_ms=p95_ms([page.duration_ns for page in pages]),
    )


def by_group(shown: Exposure, codes: I64, *, n_groups: int = 0) -> I64:
    """Return how many positions each group of items takes, without those of none."""
    known = codes >= 0
    counts = np.bincount(codes[known], shown.counts[known], minlength=n_groups)
    return counts.astype(np.int64)


class Shift(Struct, frozen=True):
    """How often something is shown without a change and with it."""

    key: int
    """Row of an item, code of a brand or category."""

    before: int
    after: int

    @property
    def gain(self) -> int:
        """Positions gained; negative: lost."""
        return self.after - self.before


class Shifts(Struct, frozen=True):
    """Who gains and who loses most."""

    gaining: tuple[Shift, ...]
    """The most first; equal ones by key."""

    losing: tuple[Shift, ...]
    gaining_count: int
    losing_count: int


def shifts_of_items(before: Exposure, after: Exposure, *, most: int) -> Shifts:
    """Return which items gain and lose positions, at most so many of each.

    Examples
    --------
    >>> one = Exposure(np.array([1, 2]), np.array([5, 5]))
    >>> two = Exposure(np.array([2, 3]), np.array([4, 6]))
    >>> [(each.key, each.gain) for each in shifts_of_items(one, two, most=9).losing]
    [(1, -5), (2, -1)]
    """
    keys = np.union1d(before.rows, after.rows)
    counts = np.zeros((2, len(keys)), dtype=np.int64)
    for line, side in enumerate((before, after)):
        counts[line, keys.searchsorted(side.rows)] = side.counts
    return _shifts(keys, counts[0], counts[1], most=most)


def shifts_of_groups(before: I64, after: I64, *, most: int) -> Shifts:
    """Return which groups gain and lose positions; entry i is group i of both."""
    return _shifts(np.arange(len(before)), before, after, most=most)


def _shifts(keys: I64, before: I64, after: I64, *, most: int) -> Shifts:
    gains = after - before
    up = np.flatnonzero(gains > 0)
    down = np.flatnonzero(gains < 0)

    def told(places: I64) -> tuple[Shift, ...]:
        columns = (keys[places], before[places], after[places])
        return tuple(map(Shift, *(column.tolist() for column in columns)))

    first_up = up[np.argsort(-gains[up], kind="stable")][:most]
    first_down = down[np.argsort(gains[down], kind="stable")][:most]
    return Shifts(told(first_up), told(first_down), len(up), len(down))
