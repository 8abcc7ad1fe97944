from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from ranking.operations.build_policy import Pending, is_due
from tests.clock import NOON

SECOND = timedelta(seconds=1)


def pending(**details):
    quiet = Pending(
        first_at=NOON,
        last_at=NOON,
        events_changed=True,
        events=1000,
        has_build=True,
        last_ended_at=None,
        last_seconds=1.0,
        last_failed=False,
    )
    return dataclasses.replace(quiet, **details)


class TestIsDue:
    @pytest.mark.parametrize(("seconds", "due"), [(1.9, False), (2, True)])
    def test_waits_two_seconds_after_a_burst(self, seconds, due):
        assert is_due(pending(), at=NOON + seconds * SECOND) is due

    @pytest.mark.parametrize(("seconds", "due"), [(29, False), (30, True)])
    def test_waits_thirty_seconds_while_it_goes_on(self, seconds, due):
        at = NOON + seconds * SECOND

        assert is_due(pending(last_at=at), at=at) is due

    @pytest.mark.parametrize(("seconds", "due"), [(29, False), (30, True)])
    def test_lets_changed_items_alone_wait(self, seconds, due):
        items = pending(events_changed=False)

        assert is_due(items, at=NOON + seconds * SECOND) is due

    def test_does_not_let_the_first_items_wait(self):
        first = pending(events_changed=False, has_build=False)

        assert is_due(first, at=NOON + 2 * SECOND)

    @pytest.mark.parametrize(("minutes", "due"), [(9, False), (10, True)])
    def test_gives_large_namespaces_a_rest(self, minutes, due):
        large = pending(events=10**7, last_seconds=60.0, last_ended_at=NOON)

        assert is_due(large, at=NOON + timedelta(minutes=minutes)) is due

    def test_does_not_build_half_an_import(self):
        importing = pending(
            events=500_000, has_build=False, last_at=NOON + 100 * SECOND
        )

        assert not is_due(importing, at=NOON + 101 * SECOND)
        assert is_due(importing, at=NOON + 102 * SECOND)

    def test_tries_the_same_data_again_after_five_minutes(self):
        failed = pending(last_failed=True, last_ended_at=NOON + 4 * SECOND)

        assert not is_due(failed, at=NOON + timedelta(minutes=4))
        assert is_due(failed, at=NOON + timedelta(minutes=6))

    def test_tries_new_data_at_once(self):
        failed = pending(
            last_failed=True, last_ended_at=NOON, last_at=NOON + 5 * SECOND
        )

        assert is_due(failed, at=NOON + 7 * SECOND)
