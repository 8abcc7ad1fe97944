"""Pages ask the database a bounded number of questions, however much there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

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
from tests.admin.conftest import LogIn, Shops
from tests.clock import NOON
from tests.factories.audit import make_record

type Make = Callable[..., Any]
MOST = 30
PAGES = {
    "today": "/admin/",
    "figures": "/admin/figures/",
    "items": "/admin/catalog/item/",
    "items narrowed": "/admin/catalog/item/?q=oak&brand=Alder&stock=in",
    "users": "/admin/catalog/user/",
    "users narrowed": "/admin/catalog/user/?q=u",
    "events": "/admin/catalog/event/",
    "events narrowed": "/admin/catalog/event/?type=1",
    "event types": "/admin/catalog/eventtype/",
    "runs": "/admin/catalog/run/",
    "changes": "/admin/catalog/change/",
    "namespaces": "/admin/catalog/namespace/",
    "organisations": "/admin/catalog/org/",
    "keys": "/admin/catalog/apikey/",
    "members": "/admin/catalog/membership/",
    "edits": "/admin/audit/edit/",
    "traces": "/admin/audit/decision/",
    "feedback": "/admin/audit/feedback/",
    "alerts": "/admin/rules/incident/",
    "webhooks": "/admin/rules/webhook/",
    "feedback by slot": "/admin/audit/feedback/?by=slot",
    "traces narrowed": "/admin/audit/decision/?surface=home&item=i0",
    "profiles": "/admin/ranking/profile/",
    "segments": "/admin/ranking/segment/",
    "segment profiles": "/admin/ranking/segmentprofile/",
    "signals": "/admin/ranking/signalbuild/",
    "bandits": "/admin/ranking/banditpolicy/",
    "experiments": "/admin/ranking/experiment/",
    "off-policy": "/admin/ranking/banditdecision/",
    "find": "/admin/search/?s=i1",
}


@pytest.fixture
def staff(
    shops: Shops, log_in: LogIn, tmp_path: Path, settings: Any
) -> Iterator[Client]:
    settings.FILES_ROOT = tmp_path
    yield log_in("root")
    writer.flush()


@pytest.mark.parametrize("name", PAGES)
def test_more_rows_need_no_more_queries(shops: Shops, staff: Client, name: str) -> None:
    fill(shops, range(3))
    few = queries(staff, PAGES[name])
    fill(shops, range(3, 24))
    many = queries(staff, PAGES[name])

    assert len(many) <= len(few), "\n".join(many)
    assert len(many) <= MOST


ROWS = {
    "item": ("catalog_item", Item),
    "user": ("catalog_user", User),
    "run": ("catalog_run", Run),
    "profile": ("ranking_profile", Profile),
    "segment": ("ranking_segment", Segment),
    "build": ("ranking_signalbuild", SignalBuild),
}


@pytest.mark.parametrize("name", ROWS)
def test_the_page_of_a_row_needs_no_more_for_more(
    shops: Shops, staff: Client, name: str
) -> None:
    label, model = ROWS[name]
    fill(shops, range(3))
    with org_scope(shops.ours.org_id):
        row = model.objects.filter(namespace=shops.ours).order_by("pk").first()
    assert row is not None
    page = reverse(f"admin:{label}_change", args=[row.pk])
    few = queries(staff, page)
    fill(shops, range(3, 24))

    many = queries(staff, page)

    assert len(many) <= len(few), "\n".join(many)
    assert len(many) <= MOST


def queries(client: Client, path: str) -> list[str]:
    """Return what a page asks, when it is opened for the second time."""
    assert client.get(path).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return [query["sql"][:200] for query in captured]


def fill(shops: Shops, numbers: range) -> None:
    """Make one of everything for each number."""
    namespace = shops.ours
    with org_scope(namespace.org_id):
        for number in numbers:
            _fill_one(namespace, number)
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
