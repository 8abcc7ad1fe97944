"""Reading over connections of our own."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from catalog.postgresql import pulse
from ranking.queries import history, round_trip
from ranking.queries.conversation import Statement
from tests.ranking.shops import Shop, item

FAR_AHEAD_US = 4_000_000_000_000_000
WHO = Statement("SELECT current_setting('recsys.org_id')::text")
SLOW = Statement("SELECT pg_sleep(5)")
PID = Statement("SELECT pg_backend_pid()")
WRONG = Statement("SELECT nonsense")


def read_history(shop: Shop, user_id: str, *, until_us: int = FAR_AHEAD_US):
    asked = history.question(
        namespace_id=shop.namespace.pk, user_id=user_id, until_us=until_us
    )
    (answer,) = round_trip.ask([asked], org_id=shop.org_id, timeout_seconds=1)
    return history.read(answer)


class TestHistory:
    def test_has_the_newest_events_first(self, shop: Shop):
        shop.sell(item("a"), item("b"))
        start = datetime(2026, 11, 1, tzinfo=UTC)
        for n, item_id in enumerate("abab"):
            moment = (start + timedelta(hours=n)).isoformat()
            shop.record(("ana", item_id, "click"), ts=moment, value=n + 1)
        shop.record(("ben", "a", "view"))

        read = read_history(shop, "ana")

        assert read.values.tolist() == [4, 3, 2, 1]
        assert read.types.tolist() == [1, 1, 1, 1]
        assert read.numbers[0] == read.numbers[2] != read.numbers[1]
        newest = start + timedelta(hours=3)
        assert read.ts_us[0] == round(newest.timestamp() * 1e6)
        assert read.known

    def test_holds_fifty_events_at_most(self, shop):
        shop.record(*[("ana", f"i{n}", "view") for n in range(60)])

        assert len(read_history(shop, "ana")) == 50

    def test_ends_at_the_moment_that_is_asked_for(self, shop):
        shop.record(("ana", "a", "view"), ts="2026-11-01T00:00:00Z")
        shop.record(("ana", "b", "view"), ts="2026-11-02T00:00:00Z")
        until = datetime(2026, 11, 1, 12, tzinfo=UTC)

        read = read_history(shop, "ana", until_us=round(until.timestamp() * 1e6))

        assert len(read) == 1

    def test_has_the_traits_as_they_were_sent(self, shop):
        traits = {"orders": 4, "städte": ["Köln"], "nested": {"a": None}}
        shop.ask("/v1/users:upsert", users=[{"user_id": "ana", "traits": traits}])

        read = read_history(shop, "ana")

        assert read.traits == traits
        assert len(read) == 0

    def test_of_an_unknown_user_is_that_of_nobody(self, shop):
        shop.sell(item("a"))

        assert not read_history(shop, "nobody").known

    def test_of_another_org_is_not_read(self, shop):
        shop.record(("ana", "a", "view"))
        asked = history.question(
            namespace_id=shop.namespace.pk, user_id="ana", until_us=FAR_AHEAD_US
        )

        (answer,) = round_trip.ask([asked], org_id=uuid4(), timeout_seconds=1)

        assert not history.read(answer).known


class TestAsk:
    def test_tells_the_database_the_org_until_the_answer_and_no_longer(self, shop):
        (answer,) = round_trip.ask([(WHO, ())], org_id=shop.org_id, timeout_seconds=1)
        (other,) = round_trip.ask([(WHO, ())], org_id=uuid4(), timeout_seconds=1)

        assert answer.get_value(0, 0) == str(shop.org_id).encode()
        assert other.get_value(0, 0) != answer.get_value(0, 0)

    def test_ends_in_time_and_the_next_one_is_answered(self, shop):
        started = time.monotonic()

        with pytest.raises(round_trip.UnansweredError):
            round_trip.ask([(SLOW, ())], org_id=shop.org_id, timeout_seconds=0.05)

        assert time.monotonic() - started < 1
        (answer,) = round_trip.ask([(WHO, ())], org_id=shop.org_id, timeout_seconds=1)
        assert answer.ntuples == 1

    def test_shows_a_wrong_statement_for_what_it_is(self, shop):
        with pytest.raises(psycopg.errors.UndefinedColumn):
            round_trip.ask([(WRONG, ())], org_id=shop.org_id, timeout_seconds=1)

        (answer,) = round_trip.ask([(WHO, ())], org_id=shop.org_id, timeout_seconds=1)
        assert answer.ntuples == 1

    def test_recovers_from_connections_that_were_cut(self, shop):
        (answer,) = round_trip.ask([(WHO, ())], org_id=shop.org_id, timeout_seconds=1)
        own = Statement("SELECT pg_terminate_backend(pg_backend_pid())")

        with pytest.raises(round_trip.UnansweredError):
            round_trip.ask([(own, ())], org_id=shop.org_id, timeout_seconds=1)

        time.sleep(round_trip.PAUSE_SECONDS)
        (answer,) = round_trip.ask([(WHO, ())], org_id=shop.org_id, timeout_seconds=1)
        assert answer.ntuples == 1

    def test_begins_anew_with_a_database_that_came_back(self, shop, monkeypatch):
        (before,) = round_trip.ask([(PID, ())], org_id=shop.org_id, timeout_seconds=1)
        monkeypatch.setattr(pulse, "_returns", pulse.returns() + 1)

        (after,) = round_trip.ask([(PID, ())], org_id=shop.org_id, timeout_seconds=1)

        assert before.get_value(0, 0) != after.get_value(0, 0)


def test_a_statement_that_was_cancelled_can_be_asked_again(shop: Shop):
    slow = (SLOW, ())

    for _ in range(3):
        with pytest.raises(round_trip.UnansweredError, match="slow"):
            round_trip.ask([slow], org_id=shop.org_id, timeout_seconds=0.3)

    (told,) = round_trip.ask([(WHO, ())], org_id=shop.org_id, timeout_seconds=2)
    assert told.get_value(0, 0) == str(shop.org_id).encode()
