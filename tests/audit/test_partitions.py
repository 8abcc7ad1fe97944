from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from audit import archive, spool
from audit.core.integrity import row_digest
from audit.models import AuditBatch, Decision, DecisionPrivate
from audit.operations import (
    drain_now,
    keep_partitions,
    make_partition,
)
from audit.operations.archiving import archive_day
from audit.operations.drain import Drainer
from audit.operations.partitions import TABLES, drop_partition, partition_days
from audit.operations.retention import drop_expired
from audit.queries import envelope_of
from audit.queries.verifying import verify
from catalog.models import Namespace
from catalog.tenancy import org_scope
from tests.factories.audit import make_record, new_decision_id
from tests.factories.tenants import make_namespace

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
    pytest.mark.usefixtures("spool_directory"),
]
DAY = date(2031, 5, 10)
ONE = timedelta(days=1)
NOON = datetime(2031, 5, 10, 12, tzinfo=UTC)


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
    assert rows_in("audit_decision_p20310501") == 1
    assert rows_in("audit_decisionprivate_p20310501") == 1
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

        assert drop_expired(at=NOON) == [DAY - 31 * ONE]

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

        assert drop_expired(at=NOON) == []

        kept = Decision.unscoped.values_list("namespace__name", "decision_day")
        assert set(kept) == {
            ("shop", DAY - 20 * ONE),
            ("lasting", DAY - 20 * ONE),
            ("lasting", DAY - 45 * ONE),
        }
        assert DecisionPrivate.unscoped.count() == 3

    def test_leaves_a_chain_that_still_vouches(self, shop: Namespace) -> None:
        for age in (40, 31, 3):
            make_partition(DAY - age * ONE)
            decide(shop, day=DAY - age * ONE)
            drain()
        # Without a partition of its own.
        decide(shop, day=DAY - 50 * ONE)
        drain()

        drop_expired(at=NOON)
        drop_expired(at=NOON + ONE)

        assert verify(shop.org_id).faults == []
        assert Decision.unscoped.count() == 1
        with org_scope(shop.org_id):
            bare = AuditBatch.objects.filter(rows=None).values_list("number", flat=True)
            assert sorted(bare) == [1, 2, 4]
            last_one = Decision.objects.get()
            Decision.objects.filter(decision_id=last_one.decision_id).delete()
        (fault,) = verify(shop.org_id).faults
        assert fault.decision_id == last_one.decision_id


class TestArchiving:
    def test_keeps_what_is_dropped_but_nothing_personal(self, shop: Namespace) -> None:
        make_partition(DAY - 31 * ONE)
        decide(shop, day=DAY - 31 * ONE)
        drain()
        decision = Decision.unscoped.get()

        drop_expired(at=NOON)

        (row,) = archived_rows(shop, DAY - 31 * ONE)
        assert row["decision_id"] == str(decision.decision_id)
        assert row["items"] == decision.items
        assert bytes(row["trace"]) == bytes(decision.trace or b"")
        assert row["row_digest"] == row_digest(envelope_of(decision)).hex()
        assert not {"user_hash", "content"} & row.keys()

    def test_adds_what_comes_late_and_nothing_twice(self, shop: Namespace) -> None:
        for _ in range(2):
            decide(shop, day=DAY - 31 * ONE)
            drain()
            archive_day(shop, DAY - 31 * ONE)
            archive_day(shop, DAY - 31 * ONE)
        stored = Decision.unscoped.values_list("decision_id", flat=True)

        rows = archived_rows(shop, DAY - 31 * ONE)

        assert sorted(row["decision_id"] for row in rows) == sorted(map(str, stored))

    def test_of_a_namespace_that_keeps_less_is_done_too(self, shop: Namespace) -> None:
        brief = make_namespace("brief", switches={"keep_days": 7})
        decide(brief, day=DAY - 20 * ONE)
        drain()

        drop_expired(at=NOON)

        assert len(archived_rows(brief, DAY - 20 * ONE)) == 1

    def test_can_be_switched_off(self, shop: Namespace, settings: Any) -> None:
        settings.AUDIT_ARCHIVE = "off"
        make_partition(DAY - 31 * ONE)
        decide(shop, day=DAY - 31 * ONE)
        drain()

        assert drop_expired(at=NOON) == [DAY - 31 * ONE]
        settings.AUDIT_ARCHIVE = ""
        assert archived_rows(shop, DAY - 31 * ONE) == []

    def test_goes_to_any_place_that_a_url_names(
        self, shop: Namespace, tmp_path: Path, settings: Any
    ) -> None:
        settings.AUDIT_ARCHIVE = f"file://{tmp_path}/elsewhere"
        decide(shop, day=DAY)
        drain()

        archive_day(shop, DAY)

        assert len(list((tmp_path / "elsewhere").rglob("*.parquet"))) == 1

    def test_that_fails_drops_nothing(
        self, shop: Namespace, tmp_path: Path, settings: Any
    ) -> None:
        (tmp_path / "taken").write_text("not a folder")
        settings.AUDIT_ARCHIVE = str(tmp_path / "taken")
        make_partition(DAY - 31 * ONE)
        decide(shop, day=DAY - 31 * ONE)
        drain()

        with pytest.raises(OSError, match="taken"):
            drop_expired(at=NOON)

        assert Decision.unscoped.count() == 1


def archived_rows(shop: Namespace, day: date) -> list[dict[str, Any]]:
    table = archive.read_day(archive.folder_of(shop.org_id, shop.pk), day)
    return sorted(table.to_pylist(), key=lambda row: row["decision_id"])
