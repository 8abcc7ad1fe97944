from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, connections

from audit import spool
from audit.models import Decision, DecisionPrivate
from audit.operations import (
    drain_now,
    drop_expired,
    keep_partitions,
    make_partition,
)
from audit.operations.drain import Drainer
from audit.operations.partitions import TABLES, drop_partition, partition_days
from catalog.models import Namespace
from tests.factories.audit import make_record, new_decision_id
from tests.factories.tenants import make_namespace

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
    pytest.mark.usefixtures("spool_directory"),
]
DAY = date(2031, 5, 10)
ONE = timedelta(days=1)


@pytest.fixture(autouse=True)
def _no_partitions() -> Iterator[None]:
    _drop_all()
    yield
    _drop_all()


def _drop_all() -> None:
    for day in {day for table in TABLES for day in partition_days(table)}:
        assert drop_partition(day)


@pytest.fixture
def shop(spool_directory: Path) -> Namespace:
    return make_namespace()


def decide(shop: Namespace, *, day: date) -> None:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    spool.append(
        make_record(
            n_candidates=5,
            k=5,
            org_id=shop.org_id.bytes,
            namespace_id=shop.pk,
            decision_id=new_decision_id(at_ms=int(noon.timestamp() * 1000)),
        )
    )


def drain() -> int:
    return drain_now(clock=lambda: datetime(2031, 5, 10, tzinfo=UTC))


def rows_in(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def test_days_are_made_ahead_and_once() -> None:
    made = keep_partitions(today=DAY)

    assert made == [DAY, DAY + ONE, DAY + 2 * ONE, DAY + 3 * ONE]
    assert keep_partitions(today=DAY + ONE) == [DAY + 4 * ONE]
    assert partition_days("audit_decision") == partition_days("audit_decisionprivate")


def test_rows_go_to_their_day_by_their_id(shop: Namespace) -> None:
    make_partition(DAY)
    decide(shop, day=DAY)
    decide(shop, day=DAY + ONE)

    drain()

    assert rows_in("audit_decision_p20310510") == 1
    assert rows_in("audit_decisionprivate_p20310510") == 1
    assert rows_in("audit_decision_default") == 1


def test_rows_without_a_day_of_their_own_move_when_it_is_made(
    shop: Namespace,
) -> None:
    decide(shop, day=DAY - 9 * ONE)
    decide(shop, day=DAY)
    drain()

    assert DAY - 9 * ONE in keep_partitions(today=DAY)

    for table in TABLES:
        assert rows_in(f"{table}_default") == 0
        assert rows_in(f"{table}_p20310501") == 1
    assert Decision.unscoped.count() == DecisionPrivate.unscoped.count() == 2


def test_moved_rows_are_still_stored_once(shop: Namespace) -> None:
    decide(shop, day=DAY)
    spool.flush()
    (segment,) = spool.places.host_directory().glob("*.closed")
    data = segment.read_bytes()
    drain()
    make_partition(DAY)
    segment.write_bytes(data)

    assert drain() == 0
    assert Decision.unscoped.count() == 1


def test_the_drainer_makes_the_day_that_it_needs(shop: Namespace) -> None:
    decide(shop, day=DAY)
    spool.flush()

    drainer = Drainer(
        spool.places.host_directory(),
        clock=lambda: datetime(2031, 5, 10, tzinfo=UTC),
        makes_partitions=True,
    )

    assert drainer.drain() == 1
    assert rows_in("audit_decision_p20310510") == 1


def test_a_partition_has_the_indexes_and_storage_of_its_table() -> None:
    make_partition(DAY)

    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_index WHERE indrelid = %s::regclass",
            ["audit_decision_p20310510"],
        )
        (of_partition,) = cursor.fetchone()
        cursor.execute(
            "SELECT count(*) FROM pg_index WHERE indrelid = 'audit_decision'::regclass"
        )
        assert cursor.fetchone() == (of_partition,)
        cursor.execute(
            "SELECT attstorage FROM pg_attribute WHERE attname = 'trace'"
            " AND attrelid = 'audit_decision_p20310510'::regclass"
        )
        assert cursor.fetchone() == ("e",)


def test_a_busy_table_is_left_for_the_next_time(
    shop: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "audit.operations.partitions._PATIENCE", "SET LOCAL lock_timeout = '50ms'"
    )
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE audit_decision IN ACCESS SHARE MODE")
        cursor.execute("LOCK TABLE audit_decision_default IN ACCESS SHARE MODE")
        assert not make_partition(DAY)
        cursor.execute("ROLLBACK")

    assert make_partition(DAY)


class TestDroppingExpiredDecisions:
    def test_drops_whole_days_after_thirty(self, shop: Namespace) -> None:
        for day in (DAY - 31 * ONE, DAY - 30 * ONE, DAY):
            make_partition(day)
            decide(shop, day=day)
        drain()

        assert drop_expired(today=DAY) == [DAY - 31 * ONE]

        assert Decision.unscoped.count() == DecisionPrivate.unscoped.count() == 2
        assert partition_days("audit_decision") == {DAY - 30 * ONE, DAY}

    def test_keeps_for_each_namespace_as_long_as_it_says(self, shop: Namespace) -> None:
        brief = make_namespace("brief", switches={"keep_days": 7})
        lasting = make_namespace("lasting", switches={"keep_days": 60})
        for day in (DAY - 45 * ONE, DAY - 20 * ONE):
            make_partition(day)
            for namespace in (brief, shop, lasting):
                decide(namespace, day=day)
        drain()

        assert drop_expired(today=DAY) == []

        kept = Decision.unscoped.values_list("namespace__name", "decision_day")
        assert set(kept) == {
            ("shop", DAY - 20 * ONE),
            ("lasting", DAY - 20 * ONE),
            ("lasting", DAY - 45 * ONE),
        }
        assert DecisionPrivate.unscoped.count() == 3
