"""Who altered what: kept by the database, told in words."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from catalog.models import ApiKey, EventType
from catalog.tenancy import org_scope
from ranking.models import Segment
from tests.admin.conftest import LogIn, Shops
from tests.clock import NOON

EDITS = "admin:audit_edit_changelist"


def edits(client: Client, **asked: Any) -> list[str]:
    """Return the rows of the list as plain text, without the moment."""
    page = client.get(reverse(EDITS), asked).content.decode()
    rows = re.findall(r'<tr id="edit-[^"]+">(.*?)</tr>', page, re.DOTALL)
    return [text_of(row.split("</td>", 1)[1]) for row in rows]


def text_of(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def make_segment(shops: Shops, segment_id: str = "vip", **columns: Any) -> Segment:
    with org_scope(shops.ours.org_id):
        return Segment.objects.create(
            org_id=shops.ours.org_id,
            namespace=shops.ours,
            segment_id=segment_id,
            created_at=NOON,
            updated_at=NOON,
            **columns,
        )


def set_weight(client: Client, weight: float) -> None:
    path = reverse("admin:catalog_eventtype_edit", args=[1])
    sent = {"name": "click", "weight": weight, "is_active": "on"}
    assert client.post(path, sent).status_code == 302


def test_say_who_changed_what_from_what_to_what(shops: Shops, log_in: LogIn) -> None:
    client = log_in("publisher")
    set_weight(client, 0.5)
    set_weight(client, 0.7)

    changed, made, *_ = edits(client, of="catalog.eventtype")

    assert changed.startswith("publisher in the admin Event type click changed")
    assert "Weight 0.5 → 0.7" in changed
    assert "Event type click made" in made
    assert "Name click" in made


def test_say_why_and_through_which_door(shops: Shops, log_in: LogIn) -> None:
    client = log_in("viewer")
    client.post(
        "/v1/admin/recommendation/config",
        {"namespace": "ours", "config": {"brand_cap": 2}, "notes": "The autumn sale"},
        content_type="application/json",
        headers={"X-Org-ID": str(shops.ours.org_id)},
    )

    version, *_ = edits(client, of="ranking.profileversion")

    assert version.startswith("demo through the API")
    assert "Config: brand_cap 2" in version
    assert version.endswith("The autumn sale")


def test_know_what_sql_did(shops: Shops, log_in: LogIn) -> None:
    make_segment(shops)
    with org_scope(shops.ours.org_id):
        Segment.objects.update(priority=7, active=False)

    changed, _ = edits(log_in("viewer"), of="ranking.segment")

    assert changed.startswith("not said Segment vip changed")
    assert "Active yes → no" in changed
    assert "Priority 0 → 7" in changed


def test_remember_what_was_deleted(shops: Shops, log_in: LogIn) -> None:
    segment = make_segment(shops, name="Loyal")
    with org_scope(shops.ours.org_id):
        segment.delete()

    deleted, _ = edits(log_in("viewer"), of="ranking.segment")

    assert "Segment Loyal deleted" in deleted
    assert "Segment id vip" in deleted


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"who": "publisher"}, 2),
        ({"who": "nobody"}, 0),
        ({"verb": "update"}, 1),
        ({"verb": "delete"}, 0),
        ({"of": "catalog.eventtype"}, 2),
        ({"of": "catalog.nonsense"}, 0),
        ({"since": "2999-01-01T00:00"}, 0),
        ({"until": "2999-01-01T00:00", "of": "catalog.eventtype"}, 2),
        ({"since": "nonsense", "of": "catalog.eventtype"}, 2),
        ({"row": "99999999999999999999", "of": "catalog.eventtype"}, 2),
    ],
)
def test_are_narrowed_by_the_address(
    shops: Shops, log_in: LogIn, asked: dict[str, str], found: int
) -> None:
    client = log_in("publisher")
    set_weight(client, 0.5)
    set_weight(client, 0.7)

    assert len(edits(client, **asked)) == found


def test_follow_each_other_without_gap_or_repeat(shops: Shops, log_in: LogIn) -> None:
    for number in range(120):
        make_segment(shops, f"s{number:03}")
    client, seen, after = log_in("viewer"), [], ""

    while True:
        answer = client.get(reverse(EDITS), {"of": "ranking.segment", "after": after})
        page = answer.content.decode()
        seen += re.findall(r'<tr id="edit-([^"]+)">', page)
        link = re.search(r'after=([^"&]+)" rel="next"', page)
        if link is None:
            break
        after = unescape(link[1])

    assert len(seen) == len(set(seen)) == 120


@pytest.mark.parametrize("after", ["x", "1.", "1.ranking.segment.x", "9" * 30, "1.a.1"])
def test_mind_no_broken_cursor(shops: Shops, log_in: LogIn, after: str) -> None:
    assert log_in("viewer").get(reverse(EDITS), {"after": after}).status_code == 200


def test_have_pages_of_their_own_that_lead_on(shops: Shops, log_in: LogIn) -> None:
    client = log_in("publisher")
    for weight in (0.5, 0.6, 0.7):
        set_weight(client, weight)
    listed = client.get(reverse(EDITS), {"of": "catalog.eventtype"}).content.decode()
    newest, middle, _ = re.findall(r'<tr id="edit-([^"]+)">', listed)

    page = client.get(reverse("admin:audit_edit_change", args=[middle]))
    text = page.content.decode()

    assert page.status_code == 200
    assert "0.5" in text
    assert "<b>0.6</b>" in text
    assert reverse("admin:audit_edit_change", args=[newest]) in text
    assert "The edit before" in text


@pytest.mark.parametrize(
    "key", ["x", "ranking.segment.0", "ranking.segment.x", "a.b.1"]
)
def test_are_not_found_by_a_wrong_key(shops: Shops, log_in: LogIn, key: str) -> None:
    page = reverse("admin:audit_edit_change", args=[key])

    assert log_in("viewer").get(page).status_code == 404


def test_of_others_are_not_shown(shops: Shops, log_in: LogIn) -> None:
    with org_scope(shops.theirs.org_id):
        theirs = EventType.objects.create(
            org_id=shops.theirs.org_id,
            namespace=shops.theirs,
            type=9,
            name="secret",
            weight=1,
        )
    client = log_in("admin")

    assert not any("secret" in row for row in edits(client))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pgh_id FROM catalog_eventtypeevent WHERE pgh_obj_id = %s",
            [theirs.pk],
        )
        (number,) = cursor.fetchone()
    page = reverse("admin:audit_edit_change", args=[f"catalog.eventtype.{number}"])
    assert client.get(page).status_code == 404


@pytest.mark.parametrize(("role", "sees"), [("operator", False), ("admin", True)])
def test_of_keys_are_for_admins(
    shops: Shops, log_in: LogIn, role: str, sees: bool
) -> None:
    ApiKey.objects.create(
        org=shops.ours.org, name="till", prefix="abc", scopes=["rank"]
    )

    found = any("till" in row for row in edits(log_in(role)))

    assert found is sees
