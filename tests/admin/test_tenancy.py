"""Staff see the rows of the namespace they look at, and of no other."""

from __future__ import annotations

from django.urls import reverse

from catalog.models import Membership
from tests.admin.conftest import LogIn, Shops, make_item
from tests.factories.tenants import make_namespace


def test_rows_of_another_org_are_not_found(shops: Shops, log_in: LogIn) -> None:
    client = log_in("viewer")
    number = shops.their_item.pk

    pages = [
        reverse("admin:catalog_item_change", args=[number]),
        reverse("admin:ranking_item_signals", args=[number]),
        reverse("admin:audit_item_exposure", args=[number]),
    ]

    assert [client.get(page).status_code for page in pages] == [404] * 3


def test_a_namespace_without_membership_cannot_be_chosen(
    shops: Shops, log_in: LogIn
) -> None:
    client = log_in("viewer")
    page = reverse("admin:catalog_item_changelist")

    shown = client.get(page, {"ns": shops.theirs.pk}).content.decode()

    assert "Oak lamp" in shown
    assert "secret" not in shown


def test_the_chosen_namespace_stays_chosen(shops: Shops, log_in: LogIn) -> None:
    client = log_in("root")
    page = reverse("admin:catalog_item_changelist")

    client.get("/admin/", {"ns": shops.theirs.pk})

    assert "secret" in client.get(page).content.decode()
    assert "Oak lamp" not in client.get(page).content.decode()


def test_a_membership_of_the_org_opens_all_its_namespaces(
    shops: Shops, log_in: LogIn
) -> None:
    client = log_in("viewer")
    second = make_namespace("second", org_id=shops.ours.org_id)
    make_item(second, "chair", title="Oak chair")
    Membership.objects.update(namespace=None)

    shown = client.get(reverse("admin:catalog_item_changelist"), {"ns": second.pk})

    assert "Oak chair" in shown.content.decode()


def test_find_looks_only_in_the_namespace(shops: Shops, log_in: LogIn) -> None:
    client = log_in("viewer")

    ours = client.get(reverse("admin:search"), {"s": "lamp"}).content.decode()
    theirs = client.get(reverse("admin:search"), {"s": "secret"}).content.decode()

    assert "Oak lamp" in ours
    assert "secret" not in theirs
