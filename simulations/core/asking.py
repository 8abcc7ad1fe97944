"""Who is asked about, what is known of them, and what they then chose."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from ranking.core.request import HISTORY_LIMIT, History

from .splits import Events, Fold

type F64 = NDArray[np.float64]
type I64 = NDArray[np.int64]
type Flags = NDArray[np.bool_]


class Held(Struct, frozen=True, kw_only=True):
    """The users of a fold; row u of everything is the same one."""

    users: I64
    """Shape (u,). User numbers, ascending."""

    known: csr_matrix
    """Shape (u, n). Sum of the type weights of the user's events before."""

    chosen: csr_matrix
    """Shape (u, n). Relevance of what the user chose after."""

    events_before: I64
    """Shape (u,). How many events of the user are known."""

    def __len__(self) -> int:
        return len(self.users)

    def take(self, which: I64) -> Held:
        """Return some of the users."""
        return Held(
            users=self.users[which],
            known=self.known[which],
            chosen=self.chosen[which],
            events_before=self.events_before[which],
        )


def amounts(
    events: Events, weights: dict[int, float], *, users: I64, numbers: I64
) -> csr_matrix:
    """Return the sum of type weights by user and item. Shape (u, n).

    Events of types without a weight, of other users and of other items count nothing.

    Parameters
    ----------
    events : Events
    weights : dict
        Weight by event type.
    users, numbers : arrays
        Ascending numbers of users and items, those of the rows and columns.
    """
    line = _places(users, events.users)
    column = _places(numbers, events.items)
    weight = np.zeros(len(events))
    for kind, value in weights.items():
        weight[events.types == kind] = value
    counted = (line >= 0) & (column >= 0) & (weight > 0)
    matrix = csr_matrix(
        (weight[counted], (line[counted], column[counted])),
        shape=(len(users), len(numbers)),
    )
    matrix.sum_duplicates()
    return matrix


def held_out(
    events: Events, fold: Fold, *, weights: dict[int, float], numbers: I64
) -> Held:
    """Return everybody who chose any known item after the cut.

    Parameters
    ----------
    events : Events
    fold : Fold
    weights : dict
        Weight by event type.
    numbers : array of shape (n,)
        Ascending item numbers of the world at the cut.
    """
    after = events.take(fold.after)
    users = np.unique(after.users)
    chosen = amounts(after, weights, users=users, numbers=numbers)
    before = events.take(fold.before)
    line = _places(users, before.users)
    counts = np.bincount(line[line >= 0], minlength=len(users))
    return Held(
        users=users,
        known=amounts(before, weights, users=users, numbers=numbers),
        chosen=chosen,
        events_before=counts.astype(np.int64),
    )


def without(chosen: csr_matrix, excluded: csr_matrix) -> csr_matrix:
    """Return what is relevant and may be recommended.

    >>> chosen = csr_matrix(np.array([[1.0, 2.0]]))
    >>> without(chosen, csr_matrix(np.array([[0.0, 1.0]]))).toarray().tolist()
    [[1.0, 0.0]]
    """
    binary = csr_matrix(excluded, copy=True)
    binary.data = np.ones(len(binary.data))
    left = csr_matrix(chosen - chosen.multiply(binary))
    left.eliminate_zeros()
    left.sort_indices()
    return left


class Histories:
    """The newest events of each user up to the cut, as serving would read them."""

    def __init__(self, events: Events, fold: Fold) -> None:
        before = events.take(fold.before)
        keys = (before.ids, before.values, before.types, before.items, before.ts_us)
        # As `ranking.queries.history` has the database sort them.
        order = np.lexsort((*(-each for each in keys), before.users))
        self._events = before.take(order)

    def of(
        self,
        users: I64,
        *,
        traits: Sequence[dict[str, object]],
    ) -> list[History]:
        """Return the histories of users.

        Parameters
        ----------
        users : array of shape (u,)
            User numbers.
        traits : sequence of u dicts
        """
        starts = self._events.users.searchsorted(users, side="left")
        ends = self._events.users.searchsorted(users, side="right")
        ends = np.minimum(ends, starts + HISTORY_LIMIT)
        return [
            self._history(slice(start, end), user=user, traits=facts)
            for start, end, user, facts in zip(
                starts.tolist(), ends.tolist(), users.tolist(), traits, strict=True
            )
        ]

    def _history(self, span: slice, *, user: int, traits: dict[str, object]) -> History:
        events = self._events
        return History(
            event_ids=events.ids[span],
            numbers=events.items[span],
            types=events.types[span],
            values=events.values[span],
            ts_us=events.ts_us[span],
            user_number=user,
            known=True,
            traits=traits,
        )


def _places(ascending: I64, wanted: I64) -> I64:
    """Return where numbers stand in an ascending list, -1 for those that do not."""
    if not len(ascending):
        return np.full(len(wanted), -1, dtype=np.int64)
    found = ascending.searchsorted(wanted)
    found[found == len(ascending)] = 0
    return np.where(ascending[found] == wanted, found, -1)
