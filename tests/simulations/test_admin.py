"""What staff see of a check."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from catalog.models import Membership, Run
from catalog.tenancy import org_scope
from simulations.core.charts import columns_of
from tests.ranking.shops import Shop
from tests.rules.desks import Desk

from .conftest import check
from .test_forecasts import BLOCK, PIN

pytestmark = pytest.mark.django_db(transaction=True)
OF = "/admin/rules/changecheck/of"
type LogIn = Callable[[str], Client]


@pytest.fixture
def log_in(asked: Shop) -> LogIn:
    def as_role(role: str) -> Client:
        staff = get_user_model().objects.create_user(role, is_staff=True)
        Membership.objects.create(
            staff=staff,
            org_id=asked.org_id,
            namespace=asked.namespace,
            role=role,
        )
        client = Client()
        client.force_login(staff)
        return client

    return as_role


def id_of(path: str) -> UUID:
    return UUID(path.rpartition("/")[2])


def text_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer.content[:500]
    return answer.content.decode()


class TestTheFragment:
    def test_asks_for_a_check_while_there_is_none(
        self, desk: Desk, log_in: LogIn
    ) -> None:
        path = desk.begin()

        page = text_of(log_in("merchandiser"), f"{OF}/{id_of(path)}/")

        assert "No forecast yet" in page
        assert f"{OF}/{id_of(path)}/check/" in page

    def test_shows_verdict_guardrails_and_forecast(
        self, asked: Shop, desk: Desk, log_in: LogIn
    ) -> None:
        path = desk.begin()
        desk.draft(path, **BLOCK, surface="*")
        check(asked, path)

        page = text_of(log_in("viewer"), f"{OF}/{id_of(path)}/")

        assert "Positions changed" in page
        assert "coffee house" in page
        assert "not enough data" in page
        assert "guardrails.yml sets no limit" in page
        assert "Check again" not in page

    def test_is_not_green_where_nothing_was_replayed(
        self, asked: Shop, desk: Desk, log_in: LogIn
    ) -> None:
        path = desk.begin()
        desk.draft(path, **PIN, surface="email")
        found = check(asked, path)

        page = text_of(log_in("viewer"), f"/admin/rules/changecheck/{found.pk}/change/")

        assert "Not computed" in page
        assert 'class="chip good"' not in page

    def test_is_of_this_namespace_alone(self, desk: Desk, log_in: LogIn) -> None:
        other = "01a1fe28-4f2e-725d-9ea1-c20f0c409157"

        assert log_in("viewer").get(f"{OF}/{other}/").status_code == 404


class TestChecking:
    def test_is_done_at_once_where_that_is_quick(
        self, asked: Shop, desk: Desk, log_in: LogIn
    ) -> None:
        path = desk.begin()
        desk.draft(path, **PIN, surface="*")
        client = log_in("merchandiser")

        answer = client.post(
            f"{OF}/{id_of(path)}/check/", headers={"HX-Request": "true"}
        )

        assert answer.status_code == 200
        assert "60 of 60 decisions replayed" in answer.content.decode()
        with org_scope(asked.org_id):
            assert not Run.objects.filter(kind="check").exists()

    def test_says_to_whoever_follows_it_that_it_ended(
        self, desk: Desk, log_in: LogIn
    ) -> None:
        client, fragment = log_in("viewer"), f"{OF}/{id_of(desk.begin())}/"

        assert "HX-Trigger" not in client.get(fragment)
        assert client.get(fragment, {"followed": "1"})["HX-Trigger"] == "checked"

    def test_takes_more_than_looking(self, desk: Desk, log_in: LogIn) -> None:
        path = desk.begin()

        answer = log_in("viewer").post(f"{OF}/{id_of(path)}/check/")

        assert answer.status_code == 403


class TestTheHistogram:
    def test_is_as_high_as_its_highest(self) -> None:
        drawn = columns_of([1, 4, 0], what="Requests that change")

        assert drawn is not None
        assert [each.height for each in drawn.columns] == [16.0, 64.0, 0.0]
        assert "2: 4" in drawn.words

    def test_of_nothing_is_not_drawn(self) -> None:
        assert columns_of([0, 0]) is None
