"""Figures of many days: read as far as there is time, and then on from there."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from recsys_site.today.days import StillCountingError, kept

TODAY = date(2026, 3, 2)
DAYS = [TODAY - timedelta(days=age) for age in range(4, -1, -1)]


def test_go_on_where_they_stopped() -> None:
    read: list[date] = []

    def figure(day: date) -> int:
        read.append(day)
        return day.day

    def ask(*, most: int) -> list[int]:
        until = len(read) + most
        return kept(
            DAYS,
            figure,
            key=("test", id(read)),
            today=TODAY,
            is_late=lambda: len(read) >= until,
        )

    with pytest.raises(StillCountingError) as counting:
        ask(most=2)
    assert counting.value.days_left == 3
    assert ask(most=3) == [day.day for day in DAYS]
    assert read == DAYS
    assert ask(most=0)[-1] == TODAY.day
    assert read[-1] == TODAY
    assert len(read) == 6


def test_come_to_an_end_however_slow_they_are() -> None:
    days = DAYS[:-1]
    calls = 0

    while True:
        calls += 1
        try:
            kept(days, str, key=("slow", id(days)), today=TODAY, is_late=lambda: True)
        except StillCountingError:
            continue
        break

    assert calls == len(days)
