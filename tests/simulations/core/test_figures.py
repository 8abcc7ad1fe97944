"""Figures against numbers worked by hand, and properties of what is counted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.core.rule import Window
from simulations.core.figures import (
    Facts,
    Figures,
    figures_of,
    shifts_of_groups,
    shifts_of_items,
)
from simulations.core.judging import State, judge
from simulations.core.limits import GUARDRAILS, Limit
from simulations.core.metrics import exposure_ratio, p95_ms, popularity_bias
from simulations.core.moments import moment_of
from simulations.core.pages import Page, Pair, changed_positions, exposure, movement

DAY_US = 86_400_000_000
PAGES = st.lists(st.integers(0, 9), max_size=8, unique=True)


def page(*rows: int, leaks: int = 0, ms: float = 1.0) -> Page:
    return Page(
        rows=np.array(rows, dtype=np.int64), leaks=leaks, duration_ns=round(ms * 1e6)
    )


FACTS = Facts(
    rows=np.arange(5),
    long_tail=np.array([False, False, False, True, True]),
    brands=np.array([0, 0, 1, 1, -1]),
    categories=np.array([0, 1, 0, 1, 0]),
    popularity=np.array([0.9, 0.7, 0.5, 0.3, 0.1]),
    n_sellable=8,
)


class TestFigures:
    def test_are_what_they_come_to_by_hand(self) -> None:
        found = figures_of([page(0, 1, 3), page(0, leaks=1, ms=5), page()], FACTS)

        assert found == Figures(
            requests=3,
            positions=4,
            items=3,
            sellable=8,
            catalog_coverage=3 / 8,
            long_tail_share=1 / 4,
            # Brand 0 has 3 positions, brand 1 has 1: the mean is 2.
            brand_exposure_ratio=3 / 2,
            popularity_bias=found.popularity_bias,
            constraint_leaks=1,
            empty_share=1 / 3,
            p95_ms=5.0,
        )
        assert found.popularity_bias == pytest.approx((0.9 * 2 + 0.7 + 0.3) / 4)

    def test_of_nothing_are_unknown(self) -> None:
        found = figures_of([], FACTS)

        assert found.long_tail_share is None
        assert found.brand_exposure_ratio is None
        assert found.empty_share is None
        assert found.p95_ms is None

    def test_p95_is_the_nearest_rank(self) -> None:
        assert p95_ms([n * 1_000_000 for n in range(1, 101)]) == 95.0

    @given(st.lists(st.integers(0, 50), max_size=20))
    def test_the_ratio_of_exposures_is_at_least_1(self, counts: list[int]) -> None:
        ratio = exposure_ratio(counts)

        assert (ratio is None) == (not any(counts))
        assert ratio is None or ratio >= 1.0

    @given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 9)), min_size=1))
    def test_the_bias_lies_between_its_extremes(
        self, told: list[tuple[float, int]]
    ) -> None:
        shares, counts = zip(*told, strict=True)
        bias = popularity_bias(shares, counts)

        assert bias is not None
        assert min(shares) - 1e-9 <= bias <= max(shares) + 1e-9


class TestMovement:
    @given(PAGES, PAGES)
    def test_counts_as_a_slow_comparison_does(
        self, before: list[int], after: list[int]
    ) -> None:
        longest = max(len(before), len(after))
        padded = [each + [-1] * (longest - len(each)) for each in (before, after)]
        differ = [i + 1 for i, (a, b) in enumerate(zip(*padded, strict=True)) if a != b]

        assert changed_positions(page(*before).rows, page(*after).rows).tolist() == (
            differ
        )

    @given(st.lists(st.tuples(PAGES, PAGES), max_size=6))
    def test_adds_up(self, told: list[tuple[list[int], list[int]]]) -> None:
        found = movement([Pair(page(*one), page(*other)) for one, other in told])

        assert sum(found.by_position) == found.changed <= found.positions
        assert found.touched == sum(one != other for one, other in told)

    @given(st.lists(st.tuples(PAGES, PAGES), max_size=6))
    def test_what_some_gain_others_lose(
        self, told: list[tuple[list[int], list[int]]]
    ) -> None:
        before = exposure(page(*one) for one, _ in told)
        after = exposure(page(*other) for _, other in told)
        shifts = shifts_of_items(before, after, most=99)

        gained = sum(each.gain for each in (*shifts.gaining, *shifts.losing))
        assert gained == after.total - before.total
        assert all(each.gain > 0 for each in shifts.gaining)

    def test_names_the_most_first(self) -> None:
        found = shifts_of_groups(np.array([5, 5, 5, 0]), np.array([1, 9, 4, 0]), most=1)

        assert [(each.key, each.gain) for each in found.gaining] == [(1, 4)]
        assert [(each.key, each.gain) for each in found.losing] == [(0, -4)]
        assert (found.gaining_count, found.losing_count) == (1, 2)


class TestMoments:
    def window(self, since: int, until: int) -> tuple[Window, ...]:
        day = np.datetime64("1969-12-31T00:00:00", "us")
        start, end = ((day + np.timedelta64(n, "D")).item() for n in (since, until))
        return (Window(start=start, end=end),)

    def test_of_what_acts_already_is_now(self) -> None:
        found = moment_of([((),), (self.window(1, 3),)], now_us=5 * DAY_US)

        assert (found.at_us, found.acting, found.waiting) == (5 * DAY_US, 1, 1)

    def test_is_when_most_rules_act(self) -> None:
        extents = [(self.window(2, 4),), (self.window(8, 9),), (self.window(8, 9),)]

        found = moment_of(extents, now_us=0)

        assert (found.at_us, found.acting) == (7 * DAY_US, 2)

    def test_of_what_never_acts_again_is_now(self) -> None:
        found = moment_of([(self.window(2, 3),), ()], now_us=9 * DAY_US)

        assert (found.at_us, found.acting, found.waiting) == (9 * DAY_US, 0, 2)

    def test_of_an_ended_rule_is_when_it_would_have_acted(self) -> None:
        old, new = self.window(2, 9), self.window(6, 9)

        assert moment_of([(old, new)], now_us=0).at_us == DAY_US


class TestJudging:
    LIMITS = {
        "min_catalog_coverage": Limit(warn=0.7, stop=0.6),
        "max_constraint_leaks": Limit(stop=0),
        "min_segment_lift_ndcg": Limit(stop=0.1),
    }

    def figures(self, **changed: object) -> Figures:
        told = {
            "requests": 100,
            "positions": 2_000,
            "items": 80,
            "sellable": 100,
            "catalog_coverage": 0.8,
            "long_tail_share": 0.3,
            "brand_exposure_ratio": 1.2,
            "popularity_bias": 0.6,
            "constraint_leaks": 0,
            "empty_share": 0.0,
            "p95_ms": 2.0,
        }
        return Figures(**{**told, **changed})  # type: ignore[arg-type]

    def states(self, after: Figures | None, before: Figures | None = None) -> list[str]:
        return [each.state for each in judge(self.LIMITS, after=after, before=before)]

    def test_keeps_what_is_within(self) -> None:
        states = self.states(self.figures())

        assert states == [State.NOT_COMPUTED, State.PASS, State.PASS]

    def test_warns_before_it_stops(self) -> None:
        assert self.states(self.figures(catalog_coverage=0.65))[1] == State.WARN
        assert self.states(self.figures(catalog_coverage=0.55))[1] == State.STOP
        assert self.states(self.figures(catalog_coverage=0.6))[1] == State.WARN

    def test_does_not_blame_a_change_for_what_was_broken(self) -> None:
        before = self.figures(catalog_coverage=0.50)

        slightly = self.states(self.figures(catalog_coverage=0.48), before)
        clearly = self.states(self.figures(catalog_coverage=0.40), before)

        assert (slightly[1], clearly[1]) == (State.WARN, State.STOP)

    def test_has_no_patience_with_further_leaks(self) -> None:
        before = self.figures(constraint_leaks=2)

        assert self.states(self.figures(constraint_leaks=2), before)[2] == State.WARN
        assert self.states(self.figures(constraint_leaks=3), before)[2] == State.STOP

    def test_of_few_requests_only_breaks(self) -> None:
        few = self.figures(requests=5, constraint_leaks=1)

        assert self.states(few)[1:] == [State.NOT_COMPUTED, State.STOP]

    def test_of_few_positions_cannot_tell_the_coverage(self) -> None:
        thin = self.figures(catalog_coverage=0.2, positions=100, sellable=1_000)

        assert self.states(thin)[1] == State.NOT_COMPUTED

    def test_of_nothing_computes_nothing(self) -> None:
        assert set(self.states(None)) == {State.NOT_COMPUTED}

    @given(
        st.sampled_from([each for each in GUARDRAILS.values() if each.figure]),
        st.floats(0, 1),
        st.floats(0, 1),
    )
    def test_passes_exactly_what_is_within_both_limits(
        self, guardrail, value: float, stop: float
    ) -> None:
        figures = self.figures(**{guardrail.figure: value})
        [judged] = judge({guardrail.name: Limit(stop=stop)}, after=figures)

        within = value >= stop if guardrail.is_floor else value <= stop
        assert (judged.state == State.PASS) == within
