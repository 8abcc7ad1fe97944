"""What BOOST and BURY do to scores, in order of precedence, for many at once.

A rule multiplies the score, or, on ITEM targets, lifts it: the score grows by
``value * max(score, floor)``, where the floor is the last score that would have
been shown. Each group keeps the products of its factors up to each of its
rules, so that the factors between two lifts are one division away and a group
of a thousand rules costs as much as one.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from .lists import spread

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


def boost(steps: Steps, *, scores: F64, floor: float, places: I64, groups: I64) -> F64:
    """Apply the steps of the groups that candidates belong to.

    Parameters
    ----------
    steps : Steps
    scores : array of shape (n,)
        At least 0.
    floor : float
        The last score that would have been shown.
    places, groups : arrays of shape (h,)
        Which candidate belongs to which group, candidates ascending, without
        repeats.

    Returns
    -------
    boosted : array of shape (n,)
        Not rounded.

    Examples
    --------
    One rule adds a quarter, the next lifts by 1; the first is group 0:

    >>> none = np.nan
    >>> steps = make_steps(
    ...     np.array([0, 1], dtype=np.int32),
    ...     n_groups=2,
    ...     factors=np.array([1.25, none]),
    ...     lifts=np.array([none, 1.0]),
    ... )
    >>> both, first = np.array([0, 0]), np.array([0, 1])
    >>> scores = np.array([0.4])
    >>> boost(steps, scores=scores, floor=0.2, places=both, groups=first).tolist()
    [1.0]
    """
    multiplied = steps.has_factors.take(groups)
    lifted = steps.has_lifts.take(groups)
    factors = _Factors(steps, places[multiplied], groups[multiplied])
    boosted = scores.copy()
    if not lifted.any():
        boosted *= factors.of_all(len(scores))
        return boosted.clip(0.0, MOST)
    lists = groups[lifted]
    counts = steps.lift_starts.take(lists + 1) - steps.lift_starts.take(lists)
    owners = places[lifted].repeat(counts)
    found = spread(steps.lift_starts.take(lists), counts)
    orders = steps.lift_orders.take(found)
    by_turn = np.lexsort((orders, owners))
    owners, orders = owners[by_turn], orders[by_turn]
    values = steps.lift_values.take(found)[by_turn]
    before, rest = factors.between(owners, orders, n=len(scores))
    turns = np.arange(len(owners)) - owners.searchsorted(owners)
    for turn in range(int(turns.max()) + 1):
        now = (turns == turn).nonzero()[0]
        who = owners[now]
        score = boosted[who] * before[now]
        gained = values[now] * np.maximum(score, floor)
        # With nothing to compare with, the value itself is what is gained.
        boosted[who] = score + np.where(gained > 0, gained, values[now])
    boosted *= rest
    return boosted.clip(0.0, MOST)


class _Factors:
    """The factors of candidates, by candidate."""

    def __init__(self, steps: Steps, places: I64, groups: I64) -> None:
        self._steps = steps
        self._places = places
        self._groups = groups
        self._begins = steps.starts.take(groups) + groups
        self._ends = steps.starts.take(groups + 1) + groups

    def of_all(self, n: int) -> F64:
        """Return the product of all factors of each candidate. Shape (n,)."""
        return self._product(self._begins, self._ends, self._places, n)

    def between(self, owners: I64, orders: I64, *, n: int) -> tuple[F64, F64]:
        """Return the products of the factors that act between lifts.

        Parameters
        ----------
        owners, orders : arrays of shape (l,)
            The candidate and the order of each lift, ascending.
        n : int
            Number of candidates.

        Returns
        -------
        before : array of shape (l,)
            Of the factors between the candidate's lift before and this one.
        rest : array of shape (n,)
            Of the factors after the candidate's last lift.
        """
        steps = self._steps
        first = self._places.searchsorted(owners)
        counts = self._places.searchsorted(owners, side="right") - first
        # Every factor group of a lift's candidate, lift by lift.
        lift = np.arange(len(owners)).repeat(counts)
        member = spread(first, counts)
        groups = self._groups.take(member)
        keys = groups * steps.n_orders + orders.take(lift)
        ends = steps.keys.searchsorted(keys) + groups
        begins = self._begins.take(member)
        follows = np.zeros(len(owners), dtype=np.bool_)
        follows[1:] = owners[1:] == owners[:-1]
        # A candidate's lifts have the same groups in the same sequence.
        earlier = (np.arange(len(member)) - counts.take(lift))[follows.take(lift)]
        begins[follows.take(lift)] = ends[earlier]
        before = self._product(begins, ends, lift, len(owners))
        rest_begins = self._begins.copy()
        last = np.ones(len(owners), dtype=np.bool_)
        last[:-1] = ~follows[1:]
        ending = last.take(lift)
        rest_begins[member[ending]] = ends[ending]
        return before, self._product(rest_begins, self._ends, self._places, n)

    def _product(self, begins: I64, ends: I64, owners: I64, n: int) -> F64:
        products, zeros = self._steps.products, self._steps.zeros
        ratios = products.take(ends) / products.take(begins)
        ratios[zeros.take(ends) != zeros.take(begins)] = 0.0
        result = np.ones(n)
        with np.errstate(over="ignore", invalid="ignore"):
            np.multiply.at(result, owners, ratios)
        return np.nan_to_num(result, copy=False, posinf=MOST)
