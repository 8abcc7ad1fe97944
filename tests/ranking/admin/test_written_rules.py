"""The page beside the form of a rule: as it would be with what is written there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.tenancy import org_scope
from ranking.admin.ruled_pages import RuledPage
from rules.models import Rule
from tests.ranking.shops import Shop, items
from tests.rules.admin.forms import form, window
from tests.rules.desks import Desk

ANA = {"as_who": "user:", "as_user": "ana"}
PIN_OF_LAMP = {
    "action": "PIN",
    "target_type": "ITEM",
    "item_ids": ["lamp"],
    "positions": [1],
    "boost_value": None,
}


@pytest.fixture
def staff(shop: Shop) -> Iterator[Client]:
    """Somebody who may see everything, looking at a shop that sells four things."""
    shop.sell(*items(["tea", "cup", "pot", "lamp"]))
    shop.record(*[(f"u{n}", "tea", "click") for n in range(5)])
    shop.record(("u1", "cup", "click"), ("ana", "pot", "purchase"))
    account = get_user_model().objects.create_superuser(f"staff-{uuid4()}")
    client = Client()
    client.force_login(account)
    client.get(reverse("admin:index"), {"ns": shop.namespace.pk})
    yield client
    account.delete()


def written(staff: Client, **fields: Any) -> tuple[RuledPage, str]:
    return shown(staff.post(reverse("admin:ranking_rule_written"), form(**fields)))


def shown(answer: Any) -> tuple[RuledPage, str]:
    assert answer.status_code == 200
    return answer.context.get("page"), answer.content.decode()


def test_a_pin_stands_where_it_says_and_the_others_move(
    staff: Client, shop: Shop
) -> None:
    page, text = written(staff, name="")

    first, *others = page.positions
    assert (first.item_id, first.number) == ("lamp", 1)
    assert first.moved > 0
    assert any(position.moved < 0 for position in others)
    assert "positions change" in text
    with org_scope(shop.org_id):
        assert not Rule.objects.exists()


def test_a_block_takes_an_item_from_the_page(staff: Client) -> None:
    page, text = written(staff, action="BLOCK", target=["tea"], place=[""])

    assert "tea" not in [position.item_id for position in page.positions]
    assert page.gone == 1
    assert "1 item leaves the page" in text


def test_a_rule_of_later_is_looked_at_when_it_opens(staff: Client) -> None:
    year = timezone.now().year + 1
    page, _ = written(staff, **window(start=f"{year}-02-01T10:00"))

    assert page.opens_at is not None
    assert page.opens_at.year == year
    assert page.positions[0].item_id == "lamp"


def test_a_rule_that_is_not_complete_shows_no_page(staff: Client) -> None:
    assert written(staff, target=[], place=[])[0] is None


def test_a_stored_rule_is_shown_beside_the_page_without_it(
    staff: Client, shop: Shop
) -> None:
    """Whether it is in force, paused or a draft; on any surface, for any user."""
    made = Desk(shop.org_id).make(**PIN_OF_LAMP)
    rule_page = reverse("admin:rules_rule_change", args=[made["rule_id"]])
    tab = staff.get(rule_page, {"tab": "preview"} | ANA)
    page_url = reverse("admin:ranking_rule_page", args=[made["rule_id"]])

    live, _ = shown(staff.get(page_url))
    staff.post(
        reverse("admin:rules_rule_act", args=[made["rule_id"]]), {"act": "pause"}
    )
    paused, _ = shown(staff.get(page_url, ANA))
    elsewhere, text = shown(staff.get(page_url, {"as_surface": "cart"}))

    assert f"{page_url}?as_who=user%3Aana" in tab.content.decode()
    first = live.positions[0]
    assert (first.item_id, first.moved > 0) == ("lamp", True)
    assert (paused.audience, paused.positions[0].item_id) == ("ana", "lamp")
    assert elsewhere.changed == 0
    assert "Nothing changes on the first" in text
    assert (
        staff.get(reverse("admin:ranking_rule_page", args=[uuid4()])).status_code == 404
    )
