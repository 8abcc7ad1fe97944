"""Lists: narrowed by their address, paged by key, no query more for more rows."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Event, Item, User
from catalog.tenancy import org_scope
from tests.admin.conftest import LogIn, Shops, make_item
from tests.clock import NOON

ITEMS = "admin:catalog_item_changelist"
MOST_QUERIES = 25


def titles(client: Client, **asked: Any) -> list[str]:
    page = client.get(reverse(ITEMS), asked).content.decode()
    return re.findall(r'class="title" href="[^"]+">([^<]+)<', page)


def test_words_of_the_title_narrow_the_list(shops: Shops, log_in: LogIn) -> None:
    make_item(shops.ours, "chair", title="Oak chair")

    assert titles(log_in("viewer"), q="CHAIR oak") == ["Oak chair"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "cha"}, ["Oak chair"]),
        ({"brand": "Alder"}, ["Oak chair"]),
        ({"category": "Seats"}, ["Oak chair"]),
        ({"stock": "out"}, ["Oak chair"]),
        ({"state": "unavailable"}, ["Oak chair"]),
        ({"quality": "no-price"}, ["Oak lamp"]),
        ({"quality": "nonsense"}, ["Oak chair", "Oak lamp"]),
    ],
)
def test_a_facet_narrows_the_list(
    shops: Shops, log_in: LogIn, asked: dict[str, str], found: list[str]
) -> None:
    make_item(
        shops.ours,
        "chair",
        title="Oak chair",
        brand="Alder",
        category="Chairs",
        category_path=["Seats", "Chairs"],
        stock=0,
        available=False,
        price=10,
    )

    assert sorted(titles(log_in("viewer"), **asked)) == found


def test_pages_follow_each_other_without_gap_or_repeat(
    shops: Shops, log_in: LogIn
) -> None:
    for number in range(120):
        make_item(shops.ours, f"i{number}", title=f"Item {number}")
    client, seen, after = log_in("viewer"), [], ""

    while True:
        page = client.get(reverse(ITEMS), {"after": after}).content.decode()
        seen += re.findall(r'class="title" href="[^"]+">([^<]+)<', page)
        link = re.search(r'href="\?after=([^"]+)" rel="next"', page)
        if link is None:
            break
        after = link[1]

    assert len(seen) == len(set(seen)) == 121


@pytest.mark.parametrize("after", ["x", "1.", "1.x", "9" * 30 + ".1", "-5.7"])
def test_a_broken_cursor_is_no_error(shops: Shops, log_in: LogIn, after: str) -> None:
    answer = log_in("viewer").get(reverse(ITEMS), {"after": after})

    assert answer.status_code == 200


def test_more_rows_need_no_more_queries(shops: Shops, log_in: LogIn) -> None:
    client = log_in("viewer")
    few = queries(client)

    for number in range(60):
        make_item(shops.ours, f"i{number}", title=f"Item {number}")

    assert queries(client) == few <= MOST_QUERIES


def queries(client: Client) -> int:
    client.get(reverse(ITEMS))
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse(ITEMS))
    return len(captured)


@pytest.mark.parametrize("key", ["0", "x", "9" * 30, "-1"])
def test_an_item_that_is_not_there_is_not_found(
    shops: Shops, log_in: LogIn, key: str
) -> None:
    page = reverse("admin:catalog_item_change", args=[key])

    assert log_in("viewer").get(page).status_code == 404


def test_a_row_that_has_no_page_of_its_own_is_not_found(
    shops: Shops, log_in: LogIn
) -> None:
    client = log_in("root")
    with org_scope(shops.ours.org_id):
        user = User.objects.create(
            org_id=shops.ours.org_id,
            namespace=shops.ours,
            user_id="u",
            created_at=NOON,
            updated_at=NOON,
        )
        event = Event.objects.create(
            org_id=shops.ours.org_id,
            namespace=shops.ours,
            user=user,
            item=Item.objects.get(item_id="lamp"),
            type=1,
            ts=NOON,
            received_at=NOON,
        )

    page = reverse("admin:catalog_event_change", args=[event.pk])

    assert client.get(page).status_code == 404


@pytest.mark.parametrize(
    "model", ["catalog_run", "ranking_signalbuild", "audit_decision"]
)
def test_an_id_that_is_no_uuid_is_not_found(
    shops: Shops, log_in: LogIn, model: str
) -> None:
    page = reverse(f"admin:{model}_change", args=["nonsense"])

    assert log_in("viewer").get(page).status_code == 404


def test_nul_characters_are_refused(shops: Shops, log_in: LogIn) -> None:
    answer = log_in("viewer").get(reverse(ITEMS), {"q": "a\0"})

    assert answer.status_code == 400
