"""Pages ask the database a bounded number of questions, however much there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit import spool
from audit.operations import drain_now
from audit.spool import writer
from catalog.models import (
    ApiKey,
    Change,
    ChangeKind,
    Event,
    EventType,
    Item,
    Run,
    User,
)
from catalog.models.runs import new_id
from catalog.tenancy import TenantModel, org_scope
from ranking.models import (
    BanditArm,
    BanditDecision,
    BanditPolicy,
    BuildState,
    Experiment,
    Profile,
    ProfileVersion,
    Segment,
    SegmentProfile,
    SegmentRule,
    SignalBuild,
)
from recsys_site.bench.admin_pages import pages_of
from tests.admin.conftest import LogIn, Shops
from tests.clock import NOON
from tests.factories.audit import make_record
from tests.rules.admin.many import make_rules

MOST = 40
# For what is asked once there is anything of a kind, and for what is remembered:
# a question for each row would be twenty more.
SLACK = 3
# Lists as they are narrowed, and the parts of pages that forms ask for; all other
# addresses are found in the table of URLs.
NARROWED = [
    "/admin/catalog/item/?q=oak&brand=Alder&stock=in",
    "/admin/catalog/user/?q=u",
    "/admin/catalog/event/?type=1",
    "/admin/audit/feedback/?by=slot",
    "/admin/audit/decision/?surface=home&item=i0",
    "/admin/rules/rule/?view=mine",
    "/admin/rules/rule/?view=dead",
    "/admin/rules/rule/?view=conflicts",
    "/admin/rules/rule/?show=both&q=rule",
    "/admin/search/?s=i1",
]
# A file, and what ranks again, which traces made up here cannot tell.
LEFT_OUT = {"rules_rule_export", "ranking_decision_replay", "ranking_decision_ask"}


@pytest.fixture
def staff(
    shops: Shops, log_in: LogIn, tmp_path: Path, settings: Any
) -> Iterator[Client]:
    settings.FILES_ROOT = tmp_path
    yield log_in("root")
    writer.flush()


def test_more_rows_need_no_more_queries(shops: Shops, staff: Client) -> None:
    fill(shops, range(2))
    fill(shops, range(2, 4))  # Whose rules are at odds with those before them.
    addresses = [*addresses_of(shops), *NARROWED]
    few = {each: queries(staff, each) for each in addresses}
    fill(shops, range(4, 24))
    many = {each: queries(staff, each) for each in addresses}

    assert len(addresses) > 100
    grown = {
        each: Counter(many[each]) - Counter(few[each])
        for each in addresses
        if len(many[each]) > len(few[each]) + SLACK
    }
    assert not grown, grown
    assert {each: len(many[each]) for each in many if len(many[each]) > MOST} == {}


def addresses_of(shops: Shops) -> list[str]:
    with org_scope(shops.ours.org_id):
        pages = list(pages_of(shops.ours))
    return [page.address for page in pages if page.name not in LEFT_OUT]


def queries(client: Client, path: str) -> list[str]:
    """Return what a page asks."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code < 500, path
    return [query["sql"][:200] for query in captured if "SAVEPOINT" not in query["sql"]]


def fill(shops: Shops, numbers: range) -> None:
    """Make one of everything for each number."""
    namespace = shops.ours
    with org_scope(namespace.org_id):
        for number in numbers:
            _fill_one(namespace, number)
    make_rules(namespace, len(numbers))
    for number in numbers:
        item = Item.unscoped.get(namespace=namespace, item_id=f"i{number}")
        record = make_record(
            seed=number, org_id=namespace.org_id.bytes, namespace_id=namespace.pk
        )
        record.trace.items.columns["number"][:] = item.pk + 1000
        record.trace.items.columns["number"][0] = item.pk
        spool.append(record)
    drain_now(clock=lambda: NOON)


def _fill_one(namespace: Any, number: int) -> None:
    def make(model: type[TenantModel], **columns: Any) -> Any:
        return model.objects.create(
            org_id=namespace.org_id, namespace=namespace, **columns
        )

    stamps = {"created_at": NOON, "updated_at": NOON}
    item = make(
        Item, item_id=f"i{number}", title="Oak", brand="Alder", stock=3, **stamps
    )
    user = make(User, user_id=f"u{number}", **stamps)
    make(Event, user=user, item=item, type=1, ts=NOON, received_at=NOON)
    make(Run, kind="export", not_before=NOON, created_at=NOON)
    make(EventType, type=100 + number, name=f"kind {number}", weight=1)
    make(SignalBuild, as_of=NOON, created_at=NOON, state=BuildState.SUPERSEDED)
    namespace.change_number += 1
    namespace.save(update_fields=["change_number"])
    make(Change, number=namespace.change_number, kind=ChangeKind.ITEMS, at=NOON)
    profile = make(Profile, name=f"p{number}", published_number=1, created_at=NOON)
    make(
        ProfileVersion,
        profile=profile,
        number=1,
        config={},
        source="api",
        created_at=NOON,
    )
    make(BanditPolicy, policy_id=f"p{number}", **stamps)
    arm = {"surface": "home", "bucket_key": f"b{number}", "policy_id": f"p{number}"}
    make(BanditArm, algorithm="ucb1", trials=3, updated_at=NOON, **arm)
    make(BanditDecision, decision_id=new_id(), decided_at=NOON, **arm)
    make(Experiment, name=f"e{number}", salt="s", started_at=NOON, **stamps)
    bundle = make(SegmentProfile, profile_id=f"b{number}", **stamps)
    segment = make(Segment, segment_id=f"s{number}", profile=bundle, **stamps)
    make(SegmentRule, segment=segment, rule={"exists": "user.traits.x"})
    ApiKey.objects.create(org=namespace.org, name=f"k{number}", prefix=f"p{number}")
