"""What reports read in SQL, under the column names of the old contract."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import numpy as np
import psycopg
import pytest
from django.db import connection

from audit import spool
from audit.api.answers import detail_of
from audit.core.columns import Columns
from audit.core.record import DecisionRecord
from audit.core.reports import brief_report
from audit.models import Decision
from audit.operations import drain_now
from audit.queries.decisions import item_ids_of, numbers_in, open_trace_of
from catalog.models import Item, Namespace
from catalog.tenancy import org_scope
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


def decide_in_full(shop: Namespace, **request: Any) -> DecisionRecord:
    """A decision with diversity and a cap, whose items the catalog knows."""
    record = make_record(
        org_id=shop.org_id.bytes, namespace_id=shop.pk, k=3, n_candidates=5
    )
    items = record.trace.items
    seen: dict[str, list[float]] = {
        "mmr.pick_index": [1, np.nan, 2],
        "mmr.relevance": [0.5, np.nan, 0.25],
        "mmr.max_sim": [0, np.nan, 0.125],
        "mmr.penalty": [0, np.nan, 0.0625],
        "cap.brand": [2, np.nan, 3],
    }
    columns = {name: np.array(values, np.float32) for name, values in seen.items()}
    items = msgspec.structs.replace(
        items, columns=Columns({**items.columns, **columns})
    )
    asked = {**record.trace.request, **request}
    trace = msgspec.structs.replace(record.trace, items=items, request=asked)
    numbers = record.trace.candidates["number"].tolist()
    for number in numbers:
        name = f"sku-{number}"
        Item.unscoped.create(
            pk=number,
            org_id=shop.org_id,
            namespace=shop,
            item_id=name,
            created_at=NOW,
            updated_at=NOW,
        )
    return msgspec.structs.replace(record, trace=trace)


def told(shop: Namespace) -> dict[str, Any]:
    names, [row] = read(shop.org_id)
    found = dict(zip(names, row, strict=True))
    for name in ("constraints", "candidates_pre", "mmr_info", "caps"):
        if found[name] is not None:
            found[name] = msgspec.json.decode(found[name])
    return found


def test_the_view_tells_of_a_trace_what_an_export_tells(shop: Namespace) -> None:
    asked = {"include_tags_any": ["sale"], "price_max": 9.5}
    record = decide_in_full(shop, constraints=asked)
    spool.append(record)
    drain_now(clock=lambda: NOW)
    with org_scope(shop.org_id):
        decision = Decision.objects.get()
        trace = open_trace_of(decision)
        assert trace is not None
        ids = item_ids_of(numbers_in(trace))
    detail = detail_of(decision, trace, ids=ids, namespace=shop.name)

    row = told(shop)

    assert row["constraints"] == asked == detail.constraints
    assert [each["item_id"] for each in row["candidates_pre"]] == [
        each.item_id for each in detail.candidates_pre
    ]
    assert [each["score"] for each in row["candidates_pre"]] == pytest.approx(
        [each.score for each in detail.candidates_pre], abs=1e-3
    )
    assert row["mmr_info"] == detail.mmr_info
    assert row["mmr_info"][1] == {
        "item_id": record.trace.items.ids[2],
        "pick_index": 2,
        "relevance": 0.25,
        "max_sim": 0.125,
        "penalty": 0.0625,
        "brand_cap_hit": True,
    }
    assert row["caps"] == detail.caps
    assert sorted(each["brand"] for each in row["caps"].values()) == [2, 3]


def test_without_a_trace_the_view_still_tells_constraints_and_caps(
    shop: Namespace,
) -> None:
    record = decide_in_full(shop)
    columns = record.trace.items.columns
    report = brief_report(
        constraints={"price_max": 5}, caps={"brand": columns["cap.brand"]}
    )
    numbers = columns["number"].tolist()
    spool.append_bare(record.header, numbers, report=report)
    drain_now(clock=lambda: NOW)

    row = told(shop)

    assert row["constraints"] == {"price_max": 5}
    assert row["caps"] == {
        record.trace.items.ids[0]: {"brand": 2},
        record.trace.items.ids[2]: {"brand": 3},
    }
    assert (row["candidates_pre"], row["mmr_info"]) == (None, None)


def test_what_asked_for_nothing_special_has_nothing_there(shop: Namespace) -> None:
    header = decide_in_full(shop).header
    spool.append_bare(header, [1, 2])
    drain_now(clock=lambda: NOW)

    row = told(shop)

    named = ("constraints", "candidates_pre", "mmr_info", "caps")
    assert [row[name] for name in named] == [None] * 4


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
