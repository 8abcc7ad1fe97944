"""Months of events get partitions of their own; nothing is lost on the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, connections

from catalog.core.wire import EventIn
from catalog.models import Event, EventKey, Namespace
from catalog.operations import partitions, store_events
from catalog.tenancy import org_scope
from tests.clock import NOON
from tests.factories.tenants import make_namespace

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def shop() -> Iterator[Namespace]:
    yield make_namespace()
    with connections["owner"].cursor() as cursor:
        for name in partition_names() - {"catalog_event_default"}:
            cursor.execute(f"DROP TABLE {name}")


def partition_names() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'catalog_event'::regclass"
        )
        return {name for (name,) in cursor.fetchall()}


def in_default() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM catalog_event_default")
        return int(cursor.fetchone()[0])


def send(shop: Namespace, *moments: datetime) -> None:
    events = [
        EventIn(user_id="u", item_id="i", type=0, ts=ts, source_event_id=ts.isoformat())
        for ts in moments
    ]
    with org_scope(shop.org_id):
        store_events(shop, events, at=NOON)


def test_rows_move_out_of_default_into_their_months(shop: Namespace) -> None:
    moments = [datetime(2025, month, 1, tzinfo=UTC) for month in (1, 1, 2)]
    moments[1] += timedelta(days=30, hours=23, minutes=59)
    send(shop, *moments)
    assert in_default() == 3

    made = partitions.empty_default_partition(at=NOON)

    assert made[:2] == [date(2025, 1, 1), date(2025, 2, 1)]
    assert in_default() == 0
    assert {"catalog_event_2025_01", "catalog_event_2025_02"} <= partition_names()
    with org_scope(shop.org_id):
        assert sorted(Event.objects.values_list("ts", flat=True)) == moments


def test_coming_months_are_made_before_they_come(shop: Namespace) -> None:
    made = partitions.empty_default_partition(at=NOON)

    assert made == [date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)]
    send(shop, NOON)
    assert in_default() == 0


def test_asking_again_makes_nothing(shop: Namespace) -> None:
    first = date(2024, 11, 15)

    assert len(partitions.ensure_event_partitions(first, date(2025, 2, 1))) == 4
    assert partitions.ensure_event_partitions(first, date(2025, 2, 1)) == []


def test_keys_are_forgotten_after_400_days(shop: Namespace) -> None:
    send(shop, NOON)

    assert partitions.prune_event_keys(at=NOON + timedelta(days=400)) == 0
    assert partitions.prune_event_keys(at=NOON + timedelta(days=401)) == 1
    with org_scope(shop.org_id):
        assert not EventKey.objects.exists()
