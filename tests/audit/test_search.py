"""Finding decisions: every filter, page by page, however long each look takes."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from audit import spool
from audit.core.record import DecisionRecord
from audit.operations import drain_now
from audit.queries import DecisionFilter, list_decisions, with_window
from audit.queries.decision_search import Effort
from catalog.models import Item, Namespace
from catalog.tenancy import org_scope
from tests.factories.audit import make_record, new_decision_id
from tests.factories.tenants import make_namespace

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spool_directory")]
NOW = datetime.now(UTC)
DAY = timedelta(days=1)
RULES = [uuid4() for _ in range(3)]
ARMS = ("ranker/a", "ranker/b", "ranker", "other/a", None)


@pytest.fixture
def shop(spool_directory: Path) -> Namespace:
    return make_namespace()


def decide(shop: Namespace, *, ago: timedelta, **header: Any) -> DecisionRecord:
    at_ms = int((NOW - ago).timestamp() * 1000)
    record = make_record(
        org_id=shop.org_id.bytes,
        namespace_id=shop.pk,
        decision_id=new_decision_id(at_ms=at_ms),
        n_candidates=6,
        k=3,
        n_drops=0,
        n_history=0,
        **header,
    )
    spool.append(record)
    return record


@pytest.fixture
def records(shop: Namespace) -> list[DecisionRecord]:
    """Sixty decisions of the last nine days, in which everything occurs."""
    draw = random.Random(7)
    made = [
        decide(
            shop,
            ago=draw.randrange(9 * 24 * 60) * timedelta(minutes=1),
            seed=draw.randrange(4),
            surface=draw.choice(("home", "cart")),
            segment=draw.choice(("vip", None)),
            profile=draw.choice(("default", "calm")),
            profile_version=draw.randrange(1, 4),
            arm=draw.choice(ARMS),
            degraded=draw.choice(((), ("without_history",))),
            rule_ids=tuple(r.bytes for r in draw.sample(RULES, draw.randrange(3))),
            override_ids=tuple(r.bytes for r in draw.sample(RULES, draw.randrange(2))),
            dropped=tuple(draw.sample(range(5), draw.randrange(3))),
        )
        for _ in range(60)
    ]
    drain_now(clock=lambda: NOW)
    return made


def holds(record: DecisionRecord, chosen: DecisionFilter) -> bool:
    """Say the same as the database, slowly and obviously."""
    header = record.header
    numbers = record.trace.items.columns["number"].tolist()
    tests: dict[str, Callable[[Any], bool]] = {
        "surface": lambda value: header.surface == value,
        "segment": lambda value: header.segment == value,
        "profile": lambda value: header.profile == value,
        "profile_version": lambda value: header.profile_version == value,
        "degraded": lambda value: bool(header.degraded) == value,
        "rule_id": lambda value: value.bytes in header.rule_ids,
        "override_id": lambda value: value.bytes in header.override_ids,
        "dropped_number": lambda value: value in header.dropped,
        "item_number": lambda value: value in numbers,
        "experiment": lambda value: (
            header.arm == value or (header.arm or "").startswith(f"{value}/")
        ),
        "request_id": lambda value: header.request_id == value,
        "user_hashes": lambda value: header.user_hash in value,
        "since": lambda value: moment_of(record) >= floor(value),
        "until": lambda value: moment_of(record) < value,
    }
    asked = {name: value for name, value in asdict(chosen).items() if value is not None}
    return all(tests[name](value) for name, value in asked.items())


def moment_of(record: DecisionRecord) -> datetime:
    milliseconds = UUID(bytes=record.header.decision_id).int >> 80
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def floor(moment: datetime) -> datetime:
    return moment - timedelta(milliseconds=1)


def walked(shop: Namespace, chosen: DecisionFilter, effort: Effort) -> list[bytes]:
    """Return the ids of every page, in order."""
    seen: list[bytes] = []
    before = None
    with org_scope(shop.org_id):
        while True:
            page = list_decisions(shop, chosen, limit=3, before=before, effort=effort)
            seen += [each.decision_id.bytes for each in page.decisions]
            before = page.next_before
            if before is None:
                return seen


FILTERS: list[dict[str, Any]] = [
    {},
    {"surface": "home"},
    {"segment": "vip", "degraded": True},
    {"profile": "calm", "profile_version": 2},
    {"experiment": "ranker"},
    {"experiment": "ranker/b"},
    {"rule_id": RULES[0]},
    {"override_id": RULES[1], "surface": "cart"},
    {"dropped_number": 3},
    {"dropped_number": 3, "segment": "vip", "profile": "default"},
    {"degraded": False, "experiment": "other"},
    {"rule_id": uuid4()},
]


WINDOWS: list[dict[str, Any]] = [{}, {"since": NOW - 8 * DAY, "until": NOW - DAY}]


@pytest.mark.parametrize(
    "effort",
    [Effort(patience_ms=10_000), Effort(patience_ms=1, count_patience_ms=1, window=7)],
    ids=["patient", "impatient"],
)
def test_pages_hold_what_a_slow_search_finds_each_once(
    shop: Namespace, records: list[DecisionRecord], effort: Effort
) -> None:
    shown = int(records[0].trace.items.columns["number"][1])
    for conditions in [*FILTERS, {"item_number": shown}]:
        for window in WINDOWS:
            chosen = with_window(DecisionFilter(**conditions, **window), at=NOW)

            wanted = [r.header.decision_id for r in records if holds(r, chosen)]

            found = walked(shop, chosen, effort)
            assert found == sorted(wanted, reverse=True), (conditions, window)


def test_without_a_window_the_last_seven_days_are_looked_at() -> None:
    chosen = with_window(DecisionFilter(), at=NOW)
    earlier = with_window(DecisionFilter(until=NOW - 10 * DAY), at=NOW)
    said = with_window(DecisionFilter(since=NOW - 30 * DAY), at=NOW)

    assert chosen.since == NOW - 7 * DAY
    assert earlier.since == NOW - 17 * DAY
    assert said.since == NOW - 30 * DAY
    assert replace(chosen, since=None).since is None


def test_a_window_of_years_asks_for_few_stretches(
    shop: Namespace, django_assert_max_num_queries: Any
) -> None:
    chosen = with_window(DecisionFilter(since=NOW - 3_650 * DAY), at=NOW)

    with django_assert_max_num_queries(40), org_scope(shop.org_id):
        page = list_decisions(shop, chosen, limit=3)

    assert page.decisions == []


class TestTheApi:
    def ask(self, client: Client, shop: Namespace, **query: Any) -> list[str]:
        answer = client.get(
            "/v1/audit/decisions",
            {"namespace": shop.name, **query},
            headers={"X-Org-ID": str(shop.org_id)},
        )
        assert answer.status_code == 200, answer.content
        return [each["decision_id"] for each in answer.json()["items"]]

    def test_finds_by_everything_that_is_indexed(
        self, client: Client, shop: Namespace
    ) -> None:
        other = decide(shop, ago=timedelta(minutes=2))
        special = decide(
            shop,
            ago=timedelta(minutes=1),
            segment="vip",
            profile="calm",
            profile_version=7,
            arm="ranker/b",
            override_ids=(RULES[0].bytes,),
            dropped=(41,),
        )
        Item.unscoped.create(
            pk=41,
            org_id=shop.org_id,
            namespace=shop,
            item_id="blocked",
            created_at=NOW,
            updated_at=NOW,
        )
        drain_now(clock=lambda: NOW)
        one = [str(UUID(bytes=special.header.decision_id))]

        assert len(self.ask(client, shop)) == 2
        assert self.ask(client, shop, segment_id="vip") == one
        assert self.ask(client, shop, profile_id="calm", profile_version=7) == one
        assert self.ask(client, shop, profile_version=8) == []
        assert self.ask(client, shop, experiment="ranker") == one
        assert self.ask(client, shop, override_id=str(RULES[0])) == one
        assert self.ask(client, shop, dropped_item_id="blocked") == one
        assert self.ask(client, shop, dropped_item_id="nothing") == []
        assert self.ask(client, shop, request_id=other.header.request_id) != one

    def test_shows_older_ones_when_told_from_when(
        self, client: Client, shop: Namespace
    ) -> None:
        decide(shop, ago=8 * DAY)
        drain_now(clock=lambda: NOW)

        assert self.ask(client, shop) == []
        assert len(self.ask(client, shop, **{"from": (NOW - 9 * DAY).isoformat()})) == 1
