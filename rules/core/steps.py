"""What BOOST and BURY of a group of rules come to, worked out before any request.

Each group keeps the products of its factors up to each of its rules, so that
the factors between two lifts are one division away, and a group of a thousand
rules costs a request as much as one.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

type F64 = NDArray[np.float64]
type I32 = NDArray[np.int32]
type I64 = NDArray[np.int64]
type Flags = NDArray[np.bool_]

LONG = 64
MOST = 1e18
"""No product of one group's factors grows beyond it, and no score."""


class Steps(Struct, frozen=True, kw_only=True):
    """The factors and lifts of all groups.

    Orders are places in the set of rules; lower ones act first.
    """

    n_orders: int
    has_factors: Flags
    """Shape (g,)."""

    starts: I64
    """Shape (g + 1,). Where the factors of each group start."""

    keys: I64
    """Shape (f,). ``group * n_orders + order`` of each factor, ascending."""

    products: F64
    """Shape (f + g,). Of each group 1, then the product of its first factor, of
    its first two … Factors of 0 are left out."""

    zeros: I64
    """Shape (f + g,). How many factors of 0 come up to each; only differences
    within a group mean anything."""

    totals: F64
    """Shape (g,). Product of all factors of each group, 1 without any."""

    has_lifts: Flags
    """Shape (g,)."""

    lift_starts: I64
    """Shape (g + 1,)."""

    lift_orders: I64
    lift_values: F64
    """Shape (l,). Above 0."""


def make_steps(groups: I32, *, n_groups: int, factors: F64, lifts: F64) -> Steps:
    """Arrange the steps of rules by group.

    Parameters
    ----------
    groups : array of shape (n,)
        The group of each rule, in order of precedence.
    n_groups : int
    factors, lifts : arrays of shape (n,)
        NaN where a rule has none.
    """
    has_factor = np.flatnonzero(~np.isnan(factors))
    by_group = has_factor[groups[has_factor].argsort(kind="stable")]
    of_group = groups[by_group].astype(np.int64)
    starts = _starts(of_group, n_groups)
    taken = factors[by_group]
    # The place of each group's 1 comes before those of its factors.
    firsts = np.arange(len(by_group)) + of_group
    products = np.ones(len(by_group) + n_groups)
    products[firsts + 1] = np.where(taken == 0, 1.0, taken)
    _multiply_up(products, starts + np.arange(n_groups + 1))
    zeros = np.zeros(len(products), dtype=np.int64)
    zeros[firsts + 1] = taken == 0
    zeros = zeros.cumsum()
    ends = starts[1:] + np.arange(n_groups)
    has_zero = zeros[ends] != zeros[starts[:-1] + np.arange(n_groups)]
    has_lift = np.flatnonzero(~np.isnan(lifts))
    lifting = has_lift[groups[has_lift].argsort(kind="stable")]
    lift_starts = _starts(groups[lifting], n_groups)
    return Steps(
        n_orders=len(groups),
        has_factors=np.diff(starts) > 0,
        starts=starts,
        keys=of_group * len(groups) + by_group,
        products=products,
        zeros=zeros,
        totals=np.where(has_zero, 0.0, products[ends]),
        has_lifts=np.diff(lift_starts) > 0,
        lift_starts=lift_starts,
        lift_orders=lifting,
        lift_values=lifts[lifting],
    )


def _multiply_up(products: F64, starts: I64) -> None:
    """Replace the factors of each list by the products up to each, in place.

    Long lists are few, and short ones are multiplied side by side.
    """
    sizes = np.diff(starts)
    for begin, size in zip(
        starts[:-1][sizes > LONG].tolist(), sizes[sizes > LONG].tolist(), strict=True
    ):
        own = products[begin : begin + size]
        own[:] = own.cumprod().clip(1 / MOST, MOST)
    for depth in range(1, min(int(sizes.max(initial=0)), LONG)):
        places = starts[:-1][(sizes > depth) & (sizes <= LONG)] + depth
        products[places] *= products[places - 1]
    products.clip(1 / MOST, MOST, out=products)


def _starts(groups: NDArray[np.integer], n_groups: int) -> I64:
    counts = np.bincount(groups, minlength=n_groups)
    return np.concatenate(([0], counts.cumsum())).astype(np.int64)
