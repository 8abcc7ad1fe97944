"""Pages as a visitor: what a user would see, where an item would stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from catalog.models import Item, User
from catalog.tenancy import org_scope
from tests.ranking.shops import Shop, items


@pytest.fixture
def staff(shop: Shop) -> Iterator[Client]:
    """Somebody who may see everything, looking at a shop that sells four things."""
    shop.sell(*items(["tea", "cup", "pot", "tin"]))
    shop.record(*[(f"u{n}", "tea", "click") for n in range(5)])
    shop.record(("u1", "cup", "click"), ("ana", "pot", "purchase"))
    account = get_user_model().objects.create_superuser(f"staff-{uuid4()}")
    client = Client()
    client.force_login(account)
    client.get(reverse("admin:index"), {"ns": shop.namespace.pk})
    yield client
    account.delete()


def standing(staff: Client, shop: Shop, item_id: str, **asked: str) -> str:
    with org_scope(shop.org_id):
        item = Item.objects.get(item_id=item_id)
    page = reverse("admin:ranking_item_standing", args=[item.pk])
    return staff.get(page, asked).content.decode()


def seen(staff: Client, shop: Shop, user_id: str, **asked: str) -> str:
    with org_scope(shop.org_id):
        user = User.objects.get(user_id=user_id)
    page = reverse("admin:ranking_user_preview", args=[user.pk])
    return staff.get(page, asked).content.decode()


def test_an_item_stands_where_it_would_be_served(staff: Client, shop: Shop) -> None:
    nobody = standing(staff, shop, "pot")
    buyer = standing(staff, shop, "pot", as_who="user:ana", as_surface="email")

    assert "On home, for an anonymous visitor" in nobody
    assert "of 4" in nobody
    assert "On email, for ana" in buyer
    assert "This user bought it already." in buyer


def test_a_segment_is_previewed_as_if_the_visitor_belonged_to_it(
    staff: Client, shop: Shop
) -> None:
    profile = {"profile_id": "short", "brand_cap": 1}
    shop.ask("/v1/segment-profiles:upsert", profiles=[profile])
    rule = {"rule": {"eq": ["user.traits.vip", True]}, "enabled": True}
    segment = {"segment_id": "vip", "profile_id": "short", "rules": [rule]}
    shop.ask("/v1/segments:upsert", segment=segment)

    assert "for vip" in standing(staff, shop, "tea", as_who="segment:vip")


def test_a_user_is_previewed_on_the_surface_that_is_asked_for(
    staff: Client, shop: Shop
) -> None:
    everywhere = seen(staff, shop, "u1")
    later = seen(staff, shop, "u1", as_surface="cart", as_when="2099-01-01T10:00")

    assert "Would see now on home" in everywhere
    assert "Would see at that moment on cart" in later
    assert "on home" not in later


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("as_when", "soon"),
        ("as_when", "9999-12-31T23:59"),
        ("as_who", "segment:none"),
        ("as_who", "nobody"),
        ("as_who", "user:"),
        ("as_surface", "x" * 5000),
    ],
)
def test_whatever_the_address_says_is_no_error(
    staff: Client, shop: Shop, name: str, value: str
) -> None:
    asked = {name: value}
    form = staff.get(reverse("admin:ranking_preview_as"), asked)

    assert form.status_code == 200
    assert "On " in standing(staff, shop, "tea", **asked)


def test_the_form_keeps_what_the_page_was_narrowed_by(
    staff: Client, shop: Shop
) -> None:
    asked: dict[str, Any] = {"brand": "Alder", "as_surface": "pdp", "path": "/admin/x/"}

    form = staff.get(reverse("admin:ranking_preview_as"), asked).content.decode()

    assert '<input type="hidden" name="brand" value="Alder">' in form
    assert 'action="/admin/x/"' in form
    assert '<option value="pdp">' in form


def test_the_form_leads_nowhere_else(staff: Client) -> None:
    asked = {"path": "https://elsewhere.example/"}

    form = staff.get(reverse("admin:ranking_preview_as"), asked).content.decode()

    assert "elsewhere" not in form
