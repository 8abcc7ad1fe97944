"""What each role may do: checked where it is done, not where a button is hidden."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from catalog.models import ApiKey, EventType, Membership, Role, Run
from catalog.permissions import can
from catalog.tenancy import org_scope
from ranking.models import Profile
from tests.admin.conftest import LogIn, Shops
from tests.factories.tenants import make_namespace

ROLES = [role.value for role in Role]


def from_role(lowest: str) -> dict[str, bool]:
    """Return which roles reach a verb whose lowest role is this one."""
    return {role: ROLES.index(role) >= ROLES.index(lowest) for role in ROLES}


@pytest.mark.parametrize(
    ("verb", "lowest"),
    [
        ("view", "viewer"),
        ("edit", "merchandiser"),
        ("publish", "publisher"),
        ("operate", "operator"),
        ("administer", "admin"),
    ],
)
def test_a_role_includes_the_ones_before_it(
    shops: Shops, verb: str, lowest: str
) -> None:
    for role, expected in from_role(lowest).items():
        staff = get_user_model().objects.create_user(role, is_staff=True)
        Membership.objects.create(
            staff=staff, org=shops.ours.org, namespace=shops.ours, role=role
        )
        assert can(staff, verb, shops.ours) is expected  # type: ignore[arg-type]
        assert not can(staff, verb, shops.theirs)  # type: ignore[arg-type]


@pytest.mark.parametrize("role", ROLES)
def test_publishers_and_above_publish_a_profile(
    shops: Shops, log_in: LogIn, role: str
) -> None:
    client = log_in(role)

    answer = client.post(reverse("admin:ranking_profile_add"), {"name": "winter"})

    allowed = from_role("publisher")[role]
    assert answer.status_code == (302 if allowed else 403)
    with org_scope(shops.ours.org_id):
        assert Profile.objects.filter(name="winter").exists() is allowed


@pytest.mark.parametrize("role", ROLES)
def test_publishers_and_above_set_event_types(
    shops: Shops, log_in: LogIn, role: str
) -> None:
    sent = {"name": "tap", "weight": "0.5", "is_active": "on"}

    answer = log_in(role).post(reverse("admin:catalog_eventtype_edit", args=[1]), sent)

    allowed = from_role("publisher")[role]
    assert answer.status_code == (302 if allowed else 403)
    with org_scope(shops.ours.org_id):
        assert EventType.objects.filter(name="tap").exists() is allowed


@pytest.mark.parametrize("role", ROLES)
def test_operators_and_above_start_a_build(
    shops: Shops, log_in: LogIn, role: str
) -> None:
    answer = log_in(role).post(reverse("admin:ranking_signalbuild_build"))

    allowed = from_role("operator")[role]
    assert answer.status_code == (302 if allowed else 403)
    with org_scope(shops.ours.org_id):
        assert Run.objects.filter(kind="build").exists() is allowed


@pytest.mark.parametrize("role", ROLES)
def test_only_admins_see_and_make_keys(shops: Shops, log_in: LogIn, role: str) -> None:
    client = log_in(role)
    sent = {"name": "shop", "scopes": ["rank"]}

    seen = client.get(reverse("admin:catalog_apikey_changelist"))
    made = client.post(reverse("admin:catalog_apikey_add"), sent)

    allowed = from_role("admin")[role]
    assert (seen.status_code, made.status_code) == (
        (200, 200) if allowed else (403, 403)
    )
    assert ApiKey.objects.filter(org=shops.ours.org).exists() is allowed


def test_a_key_is_shown_once_and_kept_as_a_hash(shops: Shops, log_in: LogIn) -> None:
    client = log_in("admin")
    sent = {"name": "shop", "scopes": ["rank"]}

    made = client.post(reverse("admin:catalog_apikey_add"), sent).content.decode()
    key = ApiKey.objects.get(org=shops.ours.org)
    seen = client.get(reverse("admin:catalog_apikey_changelist")).content.decode()

    assert f"{key.prefix}." in made
    assert f"{key.prefix}." not in seen


def test_an_admin_of_one_namespace_cannot_reach_the_whole_org(
    shops: Shops, log_in: LogIn
) -> None:
    client = log_in("admin")
    get_user_model().objects.create_user("friend", is_staff=True)
    member = {"username": "friend", "role": "admin", "where": "everywhere"}
    key = {"name": "all", "scopes": ["rank"], "everywhere": "on"}

    refused = [
        client.post(reverse("admin:catalog_membership_add"), member).status_code,
        client.post(reverse("admin:catalog_apikey_add"), key).status_code,
    ]

    assert refused == [403, 403]
    assert not Membership.objects.filter(staff__username="friend").exists()
    assert not ApiKey.objects.filter(name="all").exists()


def test_staff_without_a_role_see_nothing(shops: Shops, log_in: LogIn) -> None:
    client = log_in("nobody")

    today = client.get("/admin/")
    items = client.get(reverse("admin:catalog_item_changelist"))

    assert "You have no role yet" in today.content.decode()
    assert "Oak lamp" not in items.content.decode()


def test_an_empty_namespace_is_not_called_complete(shops: Shops, log_in: LogIn) -> None:
    make_namespace("empty", org_id=shops.ours.org_id)

    shown = log_in("root").get("/admin/", {"ns": "empty"}).content.decode()

    assert "There are no items yet" in shown
    assert "All is well" not in shown
