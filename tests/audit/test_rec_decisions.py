"""What reports read in SQL, under the column names of the old contract."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection

from audit import spool
from audit.operations import drain_now
from catalog.models import Item, Namespace
from tests.factories.audit import make_record
from tests.factories.tenants import make_namespace
from tests.support.template import url

NOW = datetime.now(UTC)
COLUMNS = [
    *("decision_id", "org_id", "ts", "namespace", "surface", "request_id"),
    *("user_hash", "k", "constraints", "effective_config", "bandit"),
    *("candidates_pre", "final_items", "mmr_info", "caps", "extras"),
]


@pytest.fixture
def shop(db: None, spool_directory: Path) -> Namespace:
    return make_namespace()


def decide(shop: Namespace) -> Any:
    record = make_record(org_id=shop.org_id.bytes, namespace_id=shop.pk, k=2)
    spool.append(record)
    drain_now(clock=lambda: NOW)
    return record


def read(org_id: UUID | None) -> tuple[list[str], list[tuple[Any, ...]]]:
    with connection.cursor() as cursor:
        said = "" if org_id is None else str(org_id)
        cursor.execute("SELECT set_config('recsys.org_id', %s, true)", [said])
        cursor.execute("SELECT * FROM rec_decisions")
        return [column.name for column in cursor.description], cursor.fetchall()


def test_the_view_has_the_old_columns_in_their_order(shop: Namespace) -> None:
    record = decide(shop)
    number = int(record.trace.items.columns["number"][0])
    Item.unscoped.create(
        pk=number,
        org_id=shop.org_id,
        namespace=shop,
        item_id="mug",
        created_at=NOW,
        updated_at=NOW,
    )

    names, [row] = read(shop.org_id)

    told = dict(zip(names, row, strict=True))
    assert names[: len(COLUMNS)] == COLUMNS
    assert told["namespace"] == shop.name
    assert told["user_hash"] == record.header.user_hash.hex()
    assert "mug" in str(told["final_items"])
    assert "duration_ms" in str(told["extras"])


def test_nobody_sees_the_rows_of_others_nor_any_without_saying_whose(
    shop: Namespace,
) -> None:
    decide(shop)
    other = make_namespace("other")

    assert read(other.org_id)[1] == []
    assert read(None)[1] == []


@pytest.mark.django_db(transaction=True)
def test_the_report_role_reads_and_changes_nothing(
    spool_directory: Path, settings: Any
) -> None:
    shop = make_namespace()
    decide(shop)
    database = settings.DATABASES["default"]["NAME"]
    with psycopg.connect(url("read_url", database=database)) as reports:
        reports.execute(
            "SELECT set_config('recsys.org_id', %s, true)", [str(shop.org_id)]
        )
        found = reports.execute("SELECT k FROM rec_decisions").fetchall()
        assert found == [(2,)]
        with pytest.raises(psycopg.errors.Error):
            reports.execute("DELETE FROM rec_decisions")
