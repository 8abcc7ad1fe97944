"""Before and after: nothing is in both, and nothing later is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.core.moments import from_microseconds
from simulations.core.splits import (
    Events,
    Fold,
    Split,
    SplitError,
    folds_of,
)


def events_of(moments: list[int], *, users: list[int] | None = None) -> Events:
    n = len(moments)
    return Events(
        ids=np.arange(1, n + 1),
        users=np.array(users if users is not None else [1] * n),
        items=np.arange(n),
        types=np.full(n, 3, dtype=np.int16),
        values=np.ones(n),
        ts_us=np.array(sorted(moments), dtype=np.int64),
    )


def places(fold: Fold) -> tuple[list[int], list[int]]:
    return np.flatnonzero(fold.before).tolist(), np.flatnonzero(fold.after).tolist()


class TestByTime:
    def test_cuts_at_the_quantile_of_event_times(self) -> None:
        (fold,) = folds_of(events_of(list(range(9))), Split(quantile=0.75))

        assert fold.cut_us == 6
        assert places(fold) == ([0, 1, 2, 3, 4, 5, 6], [7, 8])

    def test_cuts_at_a_date(self) -> None:
        events = events_of([0, 1_000_000, 2_000_000])

        (fold,) = folds_of(events, Split(at=from_microseconds(1_000_000)))

        assert places(fold) == ([0, 1], [2])

    def test_each_window_ends_where_the_next_begins(self) -> None:
        split = Split(quantile=0.75, folds=3, step=0.25)

        folds = folds_of(events_of(list(range(9))), split)[1:]

        assert [places(fold)[1] for fold in folds] == [[5, 6], [7, 8]]

    def test_what_is_tuned_never_sees_what_is_held_back(self) -> None:
        split = Split(quantile=0.5, until_quantile=0.75)

        (fold,) = folds_of(events_of(list(range(9))), split)

        assert places(fold) == ([0, 1, 2, 3, 4], [5, 6])

    def test_says_why_it_cannot_be(self) -> None:
        with pytest.raises(SplitError, match="no events"):
            folds_of(events_of([]), Split())
        with pytest.raises(SplitError, match="0 after"):
            folds_of(events_of([5, 5, 5]), Split())
        with pytest.raises(SplitError, match="fewer folds"):
            folds_of(events_of([1, 2, 3]), Split(quantile=0.3, folds=4))


@given(
    st.lists(st.integers(0, 50), min_size=4, max_size=40),
    st.sampled_from(["time", "leave_last_out", "user_folds"]),
    st.data(),
)
def test_no_event_is_foretold_that_is_known(moments, kind, data) -> None:
    users = data.draw(st.lists(st.integers(1, 5), min_size=40, max_size=40))
    events = events_of(moments, users=users[: len(moments)])
    split = Split(kind=kind, quantile=0.5, folds=2 if kind == "user_folds" else 1)
    try:
        folds = folds_of(events, split)
    except SplitError:
        return

    for fold in folds:
        assert not (fold.before & fold.after).any()
        assert (events.ts_us[fold.before] <= fold.cut_us).all()
        for user in np.unique(events.users[fold.after]):
            mine = events.users == user
            first_after = events.ts_us[mine & fold.after].min()
            assert (events.ts_us[mine & fold.before] <= first_after).all()


def test_leaves_out_the_last_event_of_each_user() -> None:
    events = events_of([0, 1, 2, 3, 4, 5], users=[1, 2, 1, 2, 1, 2])

    (fold,) = folds_of(events, Split(kind="leave_last_out", quantile=0.5))

    assert places(fold) == ([0, 1, 2], [4, 5])


def test_withholds_each_user_once() -> None:
    events = events_of(list(range(40)), users=[n % 10 for n in range(40)])

    folds = folds_of(events, Split(kind="user_folds", quantile=0.5, folds=3))

    withheld = np.stack([fold.after for fold in folds]).sum(axis=0)
    assert withheld.tolist() == [0] * 20 + [1] * 20
