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
from rules.models import Rule
from tests.ranking.shops import Shop, items
from tests.rules.admin.forms import form, window


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


_SHOWN = ("content", "places", "gone", "opens_at")


def written(staff: Client, **fields: Any) -> dict[str, Any]:
    answer = staff.post(reverse("admin:ranking_rule_written"), form(**fields))
    assert answer.status_code == 200
    shown = {name: answer.context.get(name) for name in _SHOWN}
    return {**shown, "text": answer.content.decode()}


def test_a_pin_stands_where_it_says_and_the_others_move(
    staff: Client, shop: Shop
) -> None:
    shown = written(staff, name="")

    first, *others = shown["places"]
    assert (first.item_id, first.slot) == ("lamp", 1)
    assert first.moved > 0
    assert any(place.moved < 0 for place in others)
    assert "places change" in shown["text"]
    with org_scope(shop.org_id):
        assert not Rule.objects.exists()


def test_a_block_takes_an_item_from_the_page(staff: Client) -> None:
    shown = written(staff, action="BLOCK", target=["tea"], place=[""])

    assert "tea" not in [place.item_id for place in shown["places"]]
    assert shown["gone"] == 1
    assert "1 item leaves the page" in shown["text"]


def test_a_rule_of_later_is_looked_at_when_it_opens(staff: Client) -> None:
    year = timezone.now().year + 1
    shown = written(staff, **window(start=f"{year}-02-01T10:00"))

    assert shown["opens_at"].year == year
    assert shown["places"][0].item_id == "lamp"


def test_a_rule_that_is_not_complete_shows_no_page(staff: Client) -> None:
    assert written(staff, target=[], place=[])["content"] is None
