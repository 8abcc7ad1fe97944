"""A build that breaks a guardrail is not served, unless somebody answers for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.core.wire import EventIn, ItemIn
from catalog.models import Membership, Namespace, Run
from catalog.operations import runs, upsert_items
from catalog.tenancy import org_scope
from ranking.models import BuildState, SignalBuild
from ranking.operations.build_guarding import GUARD_SWITCH, held_back
from ranking.operations.build_starting import start_build
from tests.ranking.signals.shops import make_shop, send_events

pytestmark = pytest.mark.django_db(transaction=True)
ITEMS, USERS = 30, 34
LIST = "/admin/ranking/signalbuild/"
TOLD = "New signals are held back"
LIMIT = "{quality: {max_empty_share: 0.2}}"
OF_ALL = f"defaults: {LIMIT}\n"
OF_THE_SHOP = f"customers: {{lamps: {{namespace: shop, {LIMIT[1:-1]}}}}}\n"


@pytest.fixture(autouse=True)
def limits(settings: Any, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path / "files"
    settings.GUARDRAILS_FILE = tmp_path / "guardrails.yml"
    settings.GUARDRAILS_FILE.write_text(OF_THE_SHOP)


@pytest.fixture
def shop() -> Namespace:
    """Return a shop whose first build is served."""
    at = timezone.now()
    namespace = make_shop(items=ITEMS, at=at)
    events = [
        EventIn(
            user_id=f"u{user}", item_id=f"item-{(user + n) % ITEMS:03}", type=3, ts=at
        )
        for user in range(USERS)
        for n in range(3)
    ]
    send_events(namespace, events, at=at)
    build(namespace)
    return namespace


@pytest.fixture
def operator(shop: Namespace) -> Client:
    staff = get_user_model().objects.create_user("olga", is_staff=True)
    Membership.objects.create(
        staff=staff, org_id=shop.org_id, namespace=shop, role="operator"
    )
    client = Client()
    client.force_login(staff)
    return client


def build(namespace: Namespace) -> Run:
    with org_scope(namespace.org_id):
        run = start_build(namespace, at=timezone.now())
    runs.execute(run.pk, org_id=namespace.org_id, clock=timezone.now)
    with org_scope(namespace.org_id):
        return Run.objects.get(pk=run.pk)


def empty_the_shelves(namespace: Namespace) -> None:
    """Do what a broken feed does: nothing is available any more."""
    items = [
        ItemIn(item_id=f"item-{n:03}", title="gone", available=False)
        for n in range(ITEMS)
    ]
    with org_scope(namespace.org_id):
        upsert_items(namespace, items, at=timezone.now())


def states(namespace: Namespace) -> list[str]:
    """Return the states of builds, the oldest first."""
    with org_scope(namespace.org_id):
        rows = SignalBuild.objects.filter(namespace=namespace).order_by("created_at")
        return list(rows.values_list("state", flat=True))


def newest(namespace: Namespace) -> SignalBuild:
    with org_scope(namespace.org_id):
        return SignalBuild.objects.filter(namespace=namespace).latest("created_at")


class TestABuild:
    def test_that_breaks_a_limit_leaves_the_one_before_in_place(
        self, shop: Namespace
    ) -> None:
        empty_the_shelves(shop)

        run = build(shop)

        assert states(shop) == [BuildState.LIVE, BuildState.HELD]
        assert "requests that get nothing" in run.result["held"]
        with org_scope(shop.org_id):
            held = held_back(shop)
        assert held is not None
        assert held.guard["requests"] == USERS
        judged = {each["name"]: each for each in held.guard["judged"]}
        assert judged["max_empty_share"]["before"] == 0.0
        assert judged["max_empty_share"]["after"] == 1.0

    def test_that_keeps_the_limits_is_served_with_what_was_found(
        self, shop: Namespace
    ) -> None:
        build(shop)

        assert states(shop) == [BuildState.SUPERSEDED, BuildState.LIVE]
        assert newest(shop).guard["is_blocked"] is False
        with org_scope(shop.org_id):
            assert held_back(shop) is None

    def test_is_not_judged_by_the_defaults_unless_the_namespace_wants_it(
        self, shop: Namespace, operator: Client, settings: Any
    ) -> None:
        settings.GUARDRAILS_FILE.write_text(OF_ALL)
        empty_the_shelves(shop)

        build(shop)
        assert newest(shop).state == BuildState.LIVE

        operator.post(reverse("admin:ranking_signalbuild_guard"), {"on": "1"})
        assert "Stop holding back" in operator.get(LIST).content.decode()

    def test_is_not_judged_where_the_namespace_does_not_want_it(
        self, shop: Namespace, operator: Client
    ) -> None:
        operator.post(reverse("admin:ranking_signalbuild_guard"), {"on": "0"})
        empty_the_shelves(shop)

        build(shop)

        assert Namespace.objects.get(pk=shop.pk).switches[GUARD_SWITCH] is False
        assert states(shop) == [BuildState.SUPERSEDED, BuildState.LIVE]


class TestAHeldBuild:
    @pytest.fixture(autouse=True)
    def held(self, shop: Namespace) -> SignalBuild:
        empty_the_shelves(shop)
        build(shop)
        return newest(shop)

    def test_is_told_of_and_served_by_an_operator_with_a_reason(
        self, shop: Namespace, held: SignalBuild, operator: Client
    ) -> None:
        page = reverse("admin:ranking_signalbuild_change", args=[held.pk])
        serve = reverse("admin:ranking_signalbuild_serve", args=[held.pk])
        assert TOLD in operator.get("/admin/").content.decode()

        operator.post(serve, {"reason": " "})
        assert states(shop) == [BuildState.LIVE, BuildState.HELD]
        operator.post(serve, {"reason": "We close for the winter."})

        assert states(shop) == [BuildState.SUPERSEDED, BuildState.LIVE]
        shown = operator.get(page).content.decode()
        assert "olga served it all the same" in shown
        assert "We close for the winter." in shown
        assert TOLD not in operator.get("/admin/").content.decode()

    def test_is_served_by_nobody_who_may_only_publish(
        self, shop: Namespace, held: SignalBuild, operator: Client
    ) -> None:
        with org_scope(shop.org_id):
            Membership.objects.filter(namespace=shop).update(role="publisher")

        answer = operator.post(
            reverse("admin:ranking_signalbuild_serve", args=[held.pk]),
            {"reason": "I like it."},
        )

        assert answer.status_code == 403
        assert states(shop) == [BuildState.LIVE, BuildState.HELD]

    def test_is_in_the_api(
        self, shop: Namespace, held: SignalBuild, client: Client
    ) -> None:
        headers = {"X-Org-ID": str(shop.org_id)}
        ask: Callable[..., Any] = client.get

        listed = ask(
            "/v1/admin/builds", {"namespace": shop.name}, headers=headers
        ).json()
        one = ask(f"/v1/admin/builds/{held.pk}", headers=headers).json()

        assert [each["state"] for each in listed["items"]] == ["held", "live"]
        assert one == listed["items"][0]
        assert one["guard"]["is_blocked"] is True
