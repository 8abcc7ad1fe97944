"""Let BOOST and BURY act on scores, in order of precedence, on many at once.

A rule multiplies the score, or, where it names the item, lifts it: the score
grows by ``value * max(score, floor)``, where the floor is the last score that
would have been shown.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .lists import spread
from .steps import MOST, Steps
from .types import Hits

type F64 = NDArray[np.float64]
type I64 = NDArray[np.int64]


def boost(steps: Steps, hits: Hits, *, scores: F64, floor: float) -> F64:
    """Apply the steps of the groups that candidates belong to.

    Parameters
    ----------
    steps : Steps
    hits : Hits
    scores : array of shape (n,)
        At least 0.
    floor : float
        The last score that would have been shown.

    Returns
    -------
    boosted : array of shape (n,)
        Not rounded.

    Examples
    --------
    One rule adds a quarter, the next lifts by 1:

    >>> from rules.core.steps import make_steps
    >>> none = np.nan
    >>> steps = make_steps(
    ...     np.array([0, 1], dtype=np.int32),
    ...     n_groups=2,
    ...     factors=np.array([1.25, none]),
    ...     lifts=np.array([none, 1.0]),
    ... )
    >>> hits = Hits(np.array([0, 0]), np.array([0, 1]))
    >>> boost(steps, hits, scores=np.array([0.4]), floor=0.2).tolist()
    [1.0]
    """
    factors = _product(steps.totals.take(hits.groups), hits.places, n=len(scores))
    boosted = scores * factors
    if len(steps.lift_values):
        lifted = hits.of(steps.has_lifts)
        if len(lifted):
            _lift(boosted, steps, hits, lifted, scores=scores, floor=floor)
    return np.minimum(boosted, MOST)


def _product(factors: F64, owners: I64, *, n: int) -> F64:
    """Return the product of the factors of each of n owners."""
    result = np.ones(n)
    with np.errstate(over="ignore", invalid="ignore"):
        np.multiply.at(result, owners, factors)
        is_usual = math.isfinite(result.sum())
    # Only what outgrows every number, times nothing, is not a number.
    return result if is_usual else np.nan_to_num(result, posinf=MOST)


def _lift(
    boosted: F64, steps: Steps, hits: Hits, lifted: I64, *, scores: F64, floor: float
) -> None:
    """Put in place the scores of those candidates that any rule lifts."""
    is_lifted = np.zeros(len(scores), dtype=np.bool_)
    is_lifted[lifted] = True
    who = is_lifted.nonzero()[0]
    theirs = hits.where(is_lifted.take(hits.places))
    order = theirs.places.argsort(kind="stable")
    chain = _Chain(
        steps,
        owners=who.searchsorted(theirs.places.take(order)),
        groups=theirs.groups.take(order),
        n=len(who),
    )
    boosted[who] = chain.follow(scores.take(who), floor=floor)


class _Chain:
    """The lifts of some candidates, and the factors before, between and after them.

    Parameters
    ----------
    owners : array of shape (h,)
        Which candidate belongs to each of ``groups``, ascending.
    """

    def __init__(self, steps: Steps, *, owners: I64, groups: I64, n: int) -> None:
        self._steps = steps
        self._owners = owners
        self._groups = groups
        self._n = n
        lifts = steps.has_lifts.take(groups).nonzero()[0]
        lists = groups.take(lifts)
        begins = steps.lift_starts.take(lists)
        counts = steps.lift_starts.take(lists + 1) - begins
        found = spread(begins, counts)
        who = owners.take(lifts).repeat(counts)
        orders = steps.lift_orders.take(found)
        turns = np.lexsort((orders, who))
        self._who = who.take(turns)
        self._orders = orders.take(turns)
        self._values = steps.lift_values.take(found.take(turns))

    def follow(self, scores: F64, *, floor: float) -> F64:
        """Return the scores after all lifts and factors, in their order."""
        before, after = self._between()
        lifted = scores.copy()
        turns = np.arange(len(self._who)) - self._who.searchsorted(self._who)
        for turn in range(int(turns.max()) + 1):
            now = (turns == turn).nonzero()[0]
            who = self._who.take(now)
            score = lifted.take(who) * before.take(now)
            value = self._values.take(now)
            gained = value * np.maximum(score, floor)
            # With nothing to compare with, the value itself is what is gained.
            lifted[who] = score + np.where(gained > 0, gained, value)
        return lifted * after

    def _between(self) -> tuple[F64, F64]:
        """Return the products of the factors that act between lifts.

        Returns
        -------
        before : array of shape (l,)
            Of the factors between the candidate's lift before and this one.
        after : array of shape (n,)
            Of the factors after the candidate's last lift.
        """
        steps, who = self._steps, self._who
        first = self._owners.searchsorted(who)
        counts = self._owners.searchsorted(who, side="right") - first
        # Every group of a lift's candidate, lift by lift.
        lift = np.arange(len(who)).repeat(counts)
        member = spread(first, counts)
        groups = self._groups.take(member)
        keys = groups * steps.n_orders + self._orders.take(lift)
        ends = steps.keys.searchsorted(keys) + groups
        begins = steps.starts.take(groups) + groups
        follows = np.zeros(len(who), dtype=np.bool_)
        follows[1:] = who[1:] == who[:-1]
        # A candidate's lifts have the same groups in the same sequence.
        again = follows.take(lift)
        begins[again] = ends[(np.arange(len(member)) - counts.take(lift))[again]]
        before = _product(self._ratios(begins, ends), lift, n=len(who))
        is_last = np.append(~follows[1:], True).take(lift)
        rest = groups[is_last]
        last = self._ratios(ends[is_last], steps.starts.take(rest + 1) + rest)
        return before, _product(last, who.take(lift[is_last]), n=self._n)

    def _ratios(self, begins: I64, ends: I64) -> F64:
        """Return the products of the factors from one place to another."""
        products, zeros = self._steps.products, self._steps.zeros
        ratios = products.take(ends) / products.take(begins)
        ratios[zeros.take(ends) != zeros.take(begins)] = 0.0
        return ratios
