"""How sure a figure is: the users drawn again and again, as others might have come.

The bootstrap over users (Efron, Annals of Statistics 7, 1979; percentile intervals as
in Efron and Tibshirani, An Introduction to the Bootstrap, 1993, 13). Whole users are
drawn, with all their rows of all folds, as what one user does hangs together.
"""

from __future__ import annotations

from functools import cached_property
from typing import Self

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

type F64 = NDArray[np.float64]
type I64 = NDArray[np.int64]
type Flags = NDArray[np.bool_]

LOW, HIGH = 2.5, 97.5
_NORMAL_95 = 1.959963984540054


class Figure(Struct, frozen=True, kw_only=True):
    """A figure with the interval that would hold it in 95 of 100 such samples."""

    value: float | None
    """None: not computed, which is never 0."""

    low: float | None = None
    high: float | None = None
    n: int = 0
    """Users it was measured on."""

    @property
    def is_known(self) -> bool:
        """Whether it was computed."""
        return self.value is not None


UNKNOWN = Figure(value=None)


class Resample:
    """Draws of the users behind some rows.

    Parameters
    ----------
    users : array of shape (rows,)
        Whose each row is.
    draws : int
    seed : int
        Equal seeds, equal draws.
    """

    def __init__(self, users: I64, *, draws: int, seed: int) -> None:
        distinct, self._row_user = np.unique(users, return_inverse=True)
        self.n_users = len(distinct)
        self._draws, self._seed = draws, seed

    @cached_property
    def weights(self) -> F64:
        """How often each row is drawn, shape (draws, rows)."""
        rng = np.random.default_rng(self._seed)
        shares = np.full(self.n_users, 1.0 / max(self.n_users, 1))
        times = rng.multinomial(self.n_users, shares, size=self._draws)
        weights: F64 = times.astype(np.float64)[:, self._row_user]
        return weights

    def mean(self, values: F64) -> Figure:
        """Return the mean of a column with its percentile interval.

        Parameters
        ----------
        values : array of shape (rows,)
            NaN where there is nothing to tell; such rows take no part.
        """
        return self.means(values[:, np.newaxis])[0]

    def means(self, columns: F64) -> list[Figure]:
        """Return the mean of each column of an array of shape (rows, c)."""
        known = np.isfinite(columns)
        return _figures(
            _mean(columns, known), self._drawn(columns, known), n=self._users_of(known)
        )

    def relatives(self, ours: F64, theirs: F64) -> list[Figure]:
        """Return ``mean(ours) / mean(theirs) - 1`` of pairs of columns.

        On the rows that both have; not computed where theirs is 0.

        Parameters
        ----------
        ours, theirs : arrays of shape (rows, c)
        """
        known = np.isfinite(ours) & np.isfinite(theirs)
        below = _mean(theirs, known)
        with np.errstate(divide="ignore", invalid="ignore"):
            values = _mean(ours, known) / below - 1.0
            drawn = self._drawn(ours, known) / self._drawn(theirs, known) - 1.0
        values[~(below > 0)] = np.nan
        drawn[~np.isfinite(drawn)] = np.nan
        return _figures(values, drawn, n=self._users_of(known))

    def spread(
        self, value: float, drawn: F64, *, within: tuple[float, float]
    ) -> Figure:
        """Return a figure of all lists together, ± 1.96 standard errors.

        A draw repeats users, so that it shows fewer distinct items than the sample
        itself: its percentiles would lie beside the figure. Its spread is right.

        Parameters
        ----------
        value : float
        drawn : array of shape (draws,)
            The same figure of each draw.
        within : pair of float
            Least and largest value that the figure can have; the interval ends there.
        """
        if not np.isfinite(value):
            return UNKNOWN
        finite = drawn[np.isfinite(drawn)]
        error = _NORMAL_95 * float(finite.std(ddof=1)) if len(finite) > 1 else 0.0
        least, most = within
        return Figure(
            value=value,
            low=max(value - error, least),
            high=min(value + error, most),
            n=self.n_users,
        )

    def only(self, rows: NDArray[np.bool_]) -> Self:
        """Return the draws as far as some rows go: the same draws of the same users."""
        part = object.__new__(type(self))
        part.__dict__.update(
            _row_user=self._row_user[rows],
            _draws=self._draws,
            _seed=self._seed,
            n_users=len(np.unique(self._row_user[rows])),
            weights=self.weights[:, rows],
        )
        return part

    def _drawn(self, columns: F64, known: Flags) -> F64:
        """Return the mean of each column in each draw. Shape (draws, c)."""
        # Most columns are known of everybody: their rows need no counting.
        partly = ~known.all(axis=0)
        rows = np.repeat(self.weights.sum(axis=1)[:, np.newaxis], len(partly), axis=1)
        rows[:, partly] = self.weights @ known[:, partly].astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            means: F64 = (self.weights @ np.where(known, columns, 0.0)) / rows
        return means

    def _users_of(self, known: Flags) -> I64:
        """Return how many users each column has. Shape (c,)."""
        users = np.full(known.shape[1], self.n_users, dtype=np.int64)
        for column in np.flatnonzero(~known.all(axis=0)).tolist():
            users[column] = len(np.unique(self._row_user[known[:, column]]))
        return users


def _mean(columns: F64, known: Flags) -> F64:
    with np.errstate(divide="ignore", invalid="ignore"):
        means: F64 = np.where(known, columns, 0.0).sum(axis=0) / known.sum(axis=0)
    return means


def _figures(values: F64, drawn: F64, *, n: I64) -> list[Figure]:
    """Return figures with percentile intervals; draws without any row are left out."""
    lows, highs = _percentiles(drawn)
    return [
        Figure(value=value, low=low, high=high, n=users)
        if np.isfinite(value) and np.isfinite(low)
        else UNKNOWN
        for value, low, high, users in zip(
            values.tolist(), lows.tolist(), highs.tolist(), n.tolist(), strict=True
        )
    ]


def _percentiles(drawn: F64) -> F64:
    """Return both ends of the interval of each column, NaN without any draw."""
    ends: F64 = np.full((2, drawn.shape[1]), np.nan)
    whole = np.isfinite(drawn).all(axis=0)
    ends[:, whole] = np.percentile(drawn[:, whole], [LOW, HIGH], axis=0)
    for column in np.flatnonzero(~whole).tolist():
        finite = drawn[np.isfinite(drawn[:, column]), column]
        if len(finite):
            ends[:, column] = np.percentile(finite, [LOW, HIGH])
    return ends
