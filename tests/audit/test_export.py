"""Decisions leave as NDJSON and as Parquet, whole, and never all in memory."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow.parquet as pq
import pytest
from django.test import Client

from audit import spool
from audit.api.export_rows import COLUMNS
from audit.core.record import DecisionRecord
from audit.operations import drain_now
from audit.queries import decision_export
from catalog.models import Namespace
from tests.factories.audit import make_record, new_decision_id
from tests.factories.tenants import make_namespace

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spool_directory")]
NOW = datetime.now(UTC)
# Of one day, whatever the time is now: pieces end with their day.
BEGAN = datetime.combine(NOW - timedelta(days=2), time(1), UTC)
REFERENCE = (
    *("decision_id", "org_id", "ts", "namespace", "surface", "request_id"),
    *("user_hash", "k", "constraints", "effective_config", "bandit"),
    *("candidates_pre", "final_items", "mmr_info", "caps", "extras"),
)


@pytest.fixture
def shop(spool_directory: Path) -> Namespace:
    return make_namespace()


def decide(shop: Namespace, count: int, **header: Any) -> list[DecisionRecord]:
    made = []
    for number in range(count):
        at = BEGAN + number * timedelta(minutes=7)
        record = make_record(
            seed=number,
            org_id=shop.org_id.bytes,
            namespace_id=shop.pk,
            decision_id=new_decision_id(at_ms=int(at.timestamp() * 1000)),
            n_candidates=20,
            **header,
        )
        spool.append(record)
        made.append(record)
    drain_now(clock=lambda: NOW)
    return made


def export(client: Client, shop: Namespace, **query: Any) -> Iterator[bytes]:
    response = client.get(
        "/v1/audit/decisions:export",
        {"namespace": shop.name, **query},
        headers={"X-Org-ID": str(shop.org_id)},
    )
    assert response.status_code == 200, response.content
    assert response.streaming
    return iter(response.streaming_content)  # type: ignore[attr-defined]


def ids(records: list[DecisionRecord]) -> list[str]:
    return [str(UUID(bytes=record.header.decision_id)) for record in records]


def test_ndjson_tells_each_decision_on_a_line_oldest_first(
    client: Client, shop: Namespace
) -> None:
    records = decide(shop, 110)

    lines = b"".join(export(client, shop)).splitlines()

    rows = [json.loads(line) for line in lines]
    assert [row["decision_id"] for row in rows] == ids(records)
    assert tuple(rows[0])[: len(REFERENCE)] == REFERENCE
    assert tuple(rows[0]) == COLUMNS
    first = records[0]
    assert [item["item_id"] for item in rows[0]["final_items"]] == first.trace.items.ids
    assert len(rows[0]["candidates_pre"]) == 20
    assert rows[0]["user_hash"] == (first.header.user_hash or b"").hex()
    assert "traits" not in lines[0].decode()


def test_parquet_holds_the_same_in_row_groups(client: Client, shop: Namespace) -> None:
    records = decide(shop, 30)

    table = pq.read_table(io.BytesIO(b"".join(export(client, shop, format="parquet"))))

    assert table.column_names == list(COLUMNS)
    assert table["decision_id"].to_pylist() == ids(records)
    row = table.slice(0, 1).to_pylist()[0]
    assert row["has_trace"]
    items = json.loads(row["final_items"])
    assert [item["item_id"] for item in items] == records[0].trace.items.ids


@pytest.mark.parametrize("form", ["ndjson", "parquet"])
def test_an_export_of_nothing_is_a_whole_file(
    client: Client, shop: Namespace, form: str
) -> None:
    content = b"".join(export(client, shop, format=form, surface="nowhere"))

    if form == "ndjson":
        assert content == b""
    else:
        assert pq.read_table(io.BytesIO(content)).num_rows == 0


def test_filters_are_those_of_the_list(client: Client, shop: Namespace) -> None:
    decide(shop, 2)
    wanted = decide(shop, 1, surface="cart", segment="vip")

    lines = b"".join(export(client, shop, surface="cart", segment_id="vip"))

    assert [json.loads(line)["decision_id"] for line in lines.splitlines()] == ids(
        wanted
    )


def test_others_see_nothing_of_it(client: Client, shop: Namespace) -> None:
    decide(shop, 1)
    other = make_namespace(shop.name)

    assert b"".join(export(client, other)) == b""


def test_a_format_that_is_none_is_refused(client: Client, shop: Namespace) -> None:
    answer = client.get(
        "/v1/audit/decisions:export",
        {"namespace": shop.name, "format": "xlsx"},
        headers={"X-Org-ID": str(shop.org_id)},
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_format")


def test_as_much_is_in_memory_as_a_piece_holds(
    client: Client, shop: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decision_export, "PIECE", 10)
    decide(shop, 80)
    stream = export(client, shop)
    next(stream)
    tracemalloc.start()
    pieces = [(len(piece), piece.count(b"\n")) for piece in stream]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert sum(lines for _, lines in pieces) == 80 - 10
    assert max(lines for _, lines in pieces) == 10
    assert peak < 8 * max(size for size, _ in pieces) + 2**20
