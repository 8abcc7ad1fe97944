"""Dashboards and alerts ask for nothing that /metrics does not tell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import msgspec
import pytest
import yaml
from django.conf import settings
from django.test import Client
from django.utils import timezone

from audit.core import codec
from audit.operations import store_decisions
from catalog.models import Item, Namespace
from ranking.models import BuildState, SignalBuild
from tests.factories.audit import make_record, new_decision_id
from tests.factories.tenants import make_namespace
from tests.support.live_platform import LivePlatform
from tests.support.load import post

OPERATIONS = Path(settings.BASE_DIR) / "docs" / "operations"
DASHBOARDS = sorted((OPERATIONS / "grafana").glob("*.json"))
_STRING = re.compile(r'"[^"]*"')
_SELECTOR = re.compile(r"\{[^}]*\}")
_RANGE = re.compile(r"\[[^\]]*\]")
_GROUPING = re.compile(
    r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)"
)
_FUNCTION = re.compile(r"\b[a-z_]+\s*(?=\()")
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_WORDS = {"by", "and", "or", "unless", "offset", "bool", "group_left", "group_right"}


def names_in(expression: str) -> set[str]:
    """The names of metrics in an expression of PromQL."""
    bare = expression
    for what in (_STRING, _SELECTOR, _RANGE, _GROUPING, _FUNCTION):
        bare = what.sub(" ", bare)
    bare = re.sub(r"\boffset\s+\w+", " ", bare)
    bare = re.sub(r"\b\d[\w.]*", " ", bare)
    return set(_NAME.findall(bare)) - _WORDS


def panels() -> Iterator[tuple[str, str, str]]:
    for path in DASHBOARDS:
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel["targets"]:
                yield path.stem, panel["title"], target["expr"]


def alerts() -> list[dict[str, Any]]:
    told = yaml.safe_load((OPERATIONS / "alerts.yml").read_text())
    return [rule for group in told["groups"] for rule in group["rules"]]


@pytest.fixture
def served(client: Client, db: None) -> set[str]:
    """Every name that Prometheus gets from the desk."""
    return names_served(client)


def names_served(client: Client) -> set[str]:
    names = set()
    for line in client.get("/metrics").content.decode().splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            endings = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
            names |= {name + ending for ending in endings}
    return names


def test_names_are_found_in_expressions() -> None:
    expression = (
        'histogram_quantile(0.9, sum by (le, a) (rate(one_bucket{x="y_z"}[5m])))'
        " / ignoring(b) group_left sum(two_total offset 1h) > 0.5 and three == 1"
    )

    assert names_in(expression) == {"one_bucket", "two_total", "three"}


def test_every_panel_asks_for_what_is_served(served: set[str]) -> None:
    unknown = {
        (board, title): sorted(names_in(expression) - served)
        for board, title, expression in panels()
        if not names_in(expression) <= served or not names_in(expression)
    }

    assert unknown == {}
    assert len(DASHBOARDS) == 3


def test_every_alert_asks_for_what_is_served_and_says_what_to_do(
    served: set[str],
) -> None:
    for rule in alerts():
        assert names_in(rule["expr"]), rule["alert"]
        assert names_in(rule["expr"]) <= served, rule["alert"]
        assert rule["expr"].count("(") == rule["expr"].count(")")
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"].keys() == {"summary", "look"}
    assert len({rule["alert"] for rule in alerts()}) == len(alerts()) > 10


def test_ids_of_panels_and_boards_are_their_own() -> None:
    boards = [json.loads(path.read_text()) for path in DASHBOARDS]

    assert len({board["uid"] for board in boards}) == len(boards)
    for board in boards:
        ids = [panel["id"] for panel in board["panels"]]
        assert len(set(ids)) == len(ids)


def value_of(client: Client, sample: str) -> float:
    lines = client.get("/metrics").content.decode().splitlines()
    (found,) = [line for line in lines if line.startswith(sample)]
    return float(found.rsplit(" ", 1)[1])


@pytest.mark.django_db
def test_ages_and_coverage_are_told_by_namespace(client: Client) -> None:
    shop = make_namespace("told")
    at = timezone.now()
    SignalBuild.unscoped.create(
        org_id=shop.org_id,
        namespace=shop,
        state=BuildState.LIVE,
        as_of=at,
        created_at=at - timedelta(hours=2),
        live_since=at - timedelta(hours=1),
    )
    numbers = [
        Item.unscoped.create(
            org_id=shop.org_id,
            namespace=shop,
            item_id=f"i{n}",
            created_at=at,
            updated_at=at,
        ).pk
        for n in range(4)
    ]
    answer(shop, numbers[:1], at=at)
    labels = f'{{namespace="told",org="{shop.org_id}"}}'

    assert 3_600 <= value_of(client, f"recsys_snapshot_age_seconds{labels}") < 7_200
    assert 7_200 <= value_of(client, f"recsys_signal_age_seconds{labels}") < 10_000
    assert value_of(client, f"recsys_served_items_share{labels}") == 0.25
    assert value_of(client, "recsys_database_up") == 1
    assert value_of(client, 'recsys_queue_messages{queue="bulk"}') >= 0


def answer(shop: Namespace, numbers: list[int], *, at: datetime) -> None:
    """Store a decision about these items."""
    record = make_record(
        n_candidates=5,
        k=2,
        org_id=shop.org_id.bytes,
        namespace_id=shop.pk,
        decision_id=new_decision_id(at_ms=int(at.timestamp() * 1000)),
    )
    envelope = codec.open_envelope(codec.encode(record))
    store_decisions([msgspec.structs.replace(envelope, items=tuple(numbers))], at=at)


@pytest.mark.processes
def test_the_desk_tells_what_the_other_processes_counted(
    live_platform: LivePlatform,
) -> None:
    shop = {"namespace": "counted", "items": [{"item_id": "a"}]}
    assert post(live_platform.desk, "/v1/items:upsert", shop).status == 202
    for _ in range(20):
        post(live_platform.serve, "/v1/recommendations", {"namespace": "counted"})

    told = urlopen(f"{live_platform.desk}/metrics").read().decode()

    (line,) = re.findall(
        r'^recsys_ranking_seconds_count\{route="recommendations"\} (\S+)$', told, re.M
    )
    assert float(line) >= 20
    assert "audit_spool_bytes" in told
    assert "policy_alerts" in told
