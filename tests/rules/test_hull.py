from __future__ import annotations

from datetime import datetime
from typing import Any

import hypothesis.strategies as st
from hypothesis import assume, given

from rules.core.hull import hull, meet_in_time, overlap_within
from rules.core.rule import Window
from rules.core.windows import instant_us, is_in_force
from tests.rules.contents import local


class TestHull:
    moments = st.datetimes(local(2020, 1, 1), local(2030, 1, 1))

    @given(st.lists(st.tuples(moments, moments), min_size=1, max_size=4), moments)
    def test_holds_every_moment_in_force(self, pairs: Any, moment: datetime) -> None:
        windows = tuple(
            Window(start=min(pair), end=max(pair), zone="Europe/Berlin")
            for pair in pairs
            if pair[0] != pair[1]
        )
        at_us = instant_us(moment, "UTC")
        bounds = hull(windows)

        if windows and is_in_force(windows, at_us=at_us):
            assert bounds.start_us is not None
            assert bounds.end_us is not None
            assert bounds.start_us <= at_us < bounds.end_us

    @given(st.tuples(moments, moments, moments, moments))
    def test_rules_meet_when_their_windows_do(
        self, edges: tuple[datetime, ...]
    ) -> None:
        a, b, c, d = edges
        assume(a != b and c != d)
        one = (Window(start=min(a, b), end=max(a, b)),)
        other = (Window(start=min(c, d), end=max(c, d)),)

        do_meet = max(min(a, b), min(c, d)) < min(max(a, b), max(c, d))

        assert meet_in_time(one, other, at_us=0) == do_meet
        assert (overlap_within((*one, *other)) is not None) == do_meet

    def test_an_endless_recurrence_has_no_end(self) -> None:
        window = Window(
            start=local(2026, 3, 6, 9),
            end=local(2026, 3, 6, 17),
            recurrence="FREQ=WEEKLY",
        )

        bounds = hull((window,))

        assert bounds.end_us is None
        assert bounds.has_gaps

    def test_a_counted_recurrence_ends_with_its_last(self) -> None:
        window = Window(
            start=local(2026, 3, 6, 9),
            end=local(2026, 3, 6, 17),
            recurrence="FREQ=WEEKLY;COUNT=2",
        )

        assert hull((window,)).end_us == instant_us(local(2026, 3, 13, 17), "UTC")
