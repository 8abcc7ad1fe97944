from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import given

from rules.core.recurrence import RecurrenceError, check_start, occurrences, parse
from rules.core.rule import Window
from rules.core.windows import (
    CHUNK_US,
    DAY_US,
    edges,
    instant_us,
    is_in_force,
    local_time,
    next_edge,
    spans,
)
from tests.support.examples import examples

BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"
ZONES = ("UTC", BERLIN, NEW_YORK, LORD_HOWE, "Asia/Kolkata")
HOUR_US = 3_600_000_000


def wall(*moment):
    return datetime(*moment)  # noqa: DTZ001 (what a clock on a wall shows)


def us(*moment, zone="UTC"):
    local = datetime(*moment, tzinfo=ZoneInfo(zone))
    return round(local.timestamp() * 1e6)


def seen(windows, moments, zone):
    """Return which of some wall times of 2026, in instants, lie in the windows."""
    return [is_in_force(windows, at_us=us(2026, *m, zone=zone)) for m in moments]


class TestInstant:
    @pytest.mark.parametrize(
        ("zone", "local", "utc"),
        [
            # Spring: 02:00 becomes 03:00, and what is skipped is read as before it.
            (BERLIN, (2026, 3, 29, 1, 59), (2026, 3, 29, 0, 59)),
            (BERLIN, (2026, 3, 29, 2, 0), (2026, 3, 29, 1, 0)),
            (BERLIN, (2026, 3, 29, 2, 30), (2026, 3, 29, 1, 30)),
            (BERLIN, (2026, 3, 29, 3, 0), (2026, 3, 29, 1, 0)),
            # Autumn: 03:00 becomes 02:00 again, and what comes twice is the first.
            (BERLIN, (2026, 10, 25, 2, 0), (2026, 10, 25, 0, 0)),
            (BERLIN, (2026, 10, 25, 2, 59), (2026, 10, 25, 0, 59)),
            (BERLIN, (2026, 10, 25, 3, 0), (2026, 10, 25, 2, 0)),
            # Half an hour of daylight saving.
            (LORD_HOWE, (2026, 10, 4, 2, 15), (2026, 10, 3, 15, 45)),
        ],
    )
    def test_reads_wall_clocks_as_rfc_5545_does(self, zone, local, utc):
        assert instant_us(wall(*local), zone) == us(*utc)

    @given(
        st.datetimes(wall(1990, 1, 1), wall(2199, 1, 1)),
        st.sampled_from(ZONES),
    )
    def test_leads_back_to_the_wall_clock_unless_that_skips_it(self, local, zone):
        at_us = instant_us(local, zone)

        there = local.replace(tzinfo=ZoneInfo(zone))
        exists = there.astimezone(UTC).astimezone(ZoneInfo(zone)) == there
        exists &= (
            there.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            == local
        )
        assert not exists or local_time(at_us, zone) == local


class TestOneWindow:
    def test_begins_with_its_first_instant_and_ends_before_its_last(self):
        black_friday = Window(
            start=wall(2026, 11, 27),
            end=wall(2026, 11, 28),
            zone=BERLIN,
        )
        start, end = us(2026, 11, 26, 23), us(2026, 11, 27, 23)

        asked = [start - 1, start, end - 1, end]

        windows = (black_friday,)
        assert [is_in_force(windows, at_us=at) for at in asked] == [
            False,
            True,
            True,
            False,
        ]
        assert next_edge(windows, after_us=start - 1) == start
        assert next_edge(windows, after_us=start) == end
        assert next_edge(windows, after_us=end) is None

    def test_may_be_open_at_either_end(self):
        noon = wall(2026, 3, 2, 12)
        assert is_in_force((Window(end=noon),), at_us=-(10**18))
        assert is_in_force((Window(start=noon),), at_us=10**18)

    def test_lasts_an_hour_less_in_the_night_when_clocks_are_put_forward(self):
        night = Window(
            start=wall(2026, 3, 29, 0),
            end=wall(2026, 3, 29, 6),
            zone=BERLIN,
        )

        [span] = spans((night,), since_us=us(2026, 3, 28), until_us=us(2026, 3, 30))

        assert span.end_us - span.start_us == 5 * HOUR_US

    def test_that_lies_in_the_skipped_hour_moves_behind_it(self):
        skipped = Window(
            start=wall(2026, 3, 29, 2, 10),
            end=wall(2026, 3, 29, 2, 40),
            zone=BERLIN,
        )

        found = seen(
            (skipped,), [(3, 29, 3, 5), (3, 29, 3, 10), (3, 29, 3, 40)], BERLIN
        )

        assert found == [False, True, False]


class TestRecurrence:
    def test_keeps_the_wall_clock_over_both_changes(self):
        daily = Window(
            start=wall(2026, 1, 5, 9),
            end=wall(2026, 1, 5, 17),
            zone=BERLIN,
            recurrence="FREQ=DAILY",
        )
        days = [(3, 28), (3, 29), (3, 30), (10, 24), (10, 25), (10, 26)]

        for day in days:
            moments = [(*day, 8, 59), (*day, 9), (*day, 16, 59), (*day, 17)]
            assert seen((daily,), moments, BERLIN) == [False, True, True, False]

    def test_of_a_night_shift_crosses_both_changes(self):
        nightly = Window(
            start=wall(2026, 3, 1, 22),
            end=wall(2026, 3, 2, 6),
            zone=BERLIN,
            recurrence="FREQ=DAILY",
        )

        def length(day, month):
            [span] = spans(
                (nightly,),
                since_us=us(2026, month, day, 18, zone=BERLIN),
                until_us=us(2026, month, day, 18, zone=BERLIN) + 17 * HOUR_US,
            )
            return (span.end_us - span.start_us) // HOUR_US

        assert (length(28, 3), length(29, 3), length(24, 10)) == (7, 8, 9)

    def test_ends_with_its_count_and_its_until(self):
        start = wall(2026, 3, 6, 9)
        far = wall(2030, 1, 1)

        def days(rule):
            return [m.day for m in occurrences(rule, start=start, until=far)]

        assert days("FREQ=WEEKLY;COUNT=3") == [6, 13, 20]
        assert days("RRULE:FREQ=WEEKLY;UNTIL=20260320T085959Z") == [6, 13]
        assert days("FREQ=WEEKLY;UNTIL=20260320") == [6, 13, 20]

    def test_tells_the_next_edge_of_a_sparse_one(self):
        leap_day = Window(
            start=wall(2024, 2, 29),
            end=wall(2024, 3, 1),
            recurrence="FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
        )

        assert next_edge((leap_day,), after_us=us(2024, 3, 1)) == us(2028, 2, 29)

    def test_that_is_over_has_no_next_edge(self):
        over = Window(
            start=wall(2024, 2, 29),
            end=wall(2024, 3, 1),
            recurrence="FREQ=DAILY;COUNT=5",
        )

        assert next_edge((over,), after_us=us(2024, 3, 5)) is None

    def test_without_a_break_is_one_stretch(self):
        always = Window(
            start=wall(2026, 1, 1),
            end=wall(2026, 1, 2),
            zone=BERLIN,
            recurrence="FREQ=DAILY;COUNT=200",
        )
        start = us(2026, 1, 1, zone=BERLIN)

        assert next_edge((always,), after_us=start) == us(2026, 7, 20, zone=BERLIN)

    @pytest.mark.parametrize(
        ("rule", "fault"),
        [
            ("FREQ=HOURLY", "FREQ must be one of"),
            ("FREQ=DAILY;INTERVAL=0", "INTERVAL takes numbers from 1"),
            ("FREQ=DAILY;BYSECOND=1", "BYSECOND is not taken"),
            ("FREQ=DAILY;COUNT=2;UNTIL=20260101", "exclude each other"),
            ("FREQ=WEEKLY;BYDAY=XX", "BYDAY takes days"),
            ("FREQ=DAILY;UNTIL=soon", "UNTIL must be like"),
            ("FREQ=DAILY\nDTSTART:20200101", "FREQ must be one of"),
            ("FREQ=DAILY;BYMONTH=13", "BYMONTH takes numbers from 1 to 12"),
            ("FREQ=DAILY;FREQ=DAILY", "twice"),
            ("FREQ=WEEKLY;BYSETPOS=3", "BYSETPOS needs"),
            ("", "FREQ must be one of"),
        ],
    )
    def test_refuses_what_it_cannot_follow(self, rule, fault):
        with pytest.raises(RecurrenceError, match=fault):
            parse(rule)

    @pytest.mark.parametrize(
        "rule",
        [
            "FREQ=WEEKLY;BYDAY=FR",
            "FREQ=MONTHLY;BYDAY=2MO",
            "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=DAILY;UNTIL=20250101",
        ],
    )
    def test_refuses_one_that_does_not_begin_with_its_start(self, rule):
        first_monday = wall(2026, 3, 2, 9)

        with pytest.raises(RecurrenceError, match="never falls on Monday 2 March"):
            check_start(rule, start=first_monday)


@st.composite
def recurring(draw):
    zone = draw(st.sampled_from(ZONES))
    # Around the days on which clocks change in some of the zones.
    day = draw(st.sampled_from((wall(2026, 3, 27), wall(2026, 10, 23))))
    start = day + timedelta(minutes=15 * draw(st.integers(0, 95)))
    lasts = timedelta(minutes=15 * draw(st.integers(1, 200)))
    rule = draw(
        st.sampled_from(
            (None, "FREQ=DAILY", "FREQ=DAILY;INTERVAL=2", "FREQ=DAILY;COUNT=3")
        )
    )
    return Window(start=start, end=start + lasts, zone=zone, recurrence=rule)


def holds_by_the_day(window, at_us):
    """Say the same by trying every day, with the rules of the standard library."""
    days = {None: [0], "FREQ=DAILY": range(-400, 400), "FREQ=DAILY;COUNT=3": range(3)}
    days["FREQ=DAILY;INTERVAL=2"] = range(0, 400, 2)
    zone = ZoneInfo(window.zone)
    for day in days[window.recurrence]:
        if day < 0:
            continue
        start = (window.start + timedelta(days=day)).replace(tzinfo=zone).timestamp()
        end = (window.end + timedelta(days=day)).replace(tzinfo=zone).timestamp()
        if start * 1e6 <= at_us < end * 1e6:
            return True
    return False


class TestManyWindows:
    @examples(100)
    @given(st.lists(recurring(), max_size=3), st.integers(0, 900))
    def test_are_open_when_any_is(self, windows, quarter):
        at_us = us(2026, 3, 26) + quarter * HOUR_US // 4
        expected = not windows or any(holds_by_the_day(w, at_us) for w in windows)

        assert is_in_force(tuple(windows), at_us=at_us) == expected

    @examples(30)
    @given(st.lists(recurring(), min_size=1, max_size=3), st.integers(0, 900))
    def test_change_at_their_edges_and_nowhere_else(self, windows, quarter):
        windows = tuple(windows)
        since = us(2026, 10, 22) + quarter * HOUR_US // 4
        until = since + 4 * DAY_US

        found = edges(windows, after_us=since, until_us=until)

        for edge in found:
            before = is_in_force(windows, at_us=edge - 1)
            assert before != is_in_force(windows, at_us=edge)
        state = is_in_force(windows, at_us=since)
        for at_us in range(since, until, HOUR_US):
            passed = sum(edge <= at_us for edge in found)
            assert is_in_force(windows, at_us=at_us) == (state ^ (passed % 2 == 1))
        upcoming = next_edge(windows, after_us=since)
        assert upcoming == found[0] if found else upcoming is None or upcoming > until

    @given(st.lists(recurring(), max_size=2), st.integers(-3, 3))
    def test_do_not_depend_on_how_a_stretch_is_cut(self, windows, shift):
        middle = us(2026, 3, 28) // CHUNK_US * CHUNK_US + shift * HOUR_US
        since, until = middle - 80 * DAY_US, middle + 80 * DAY_US
        windows = tuple(windows)

        whole = spans(windows, since_us=since, until_us=until)
        halves = [
            *spans(windows, since_us=since, until_us=middle),
            *spans(windows, since_us=middle, until_us=until),
        ]

        def length(parts):
            return sum(end - start for start, end in parts)

        assert length(whole) == length(halves)
