"""A forecast says what happens once the change is published."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from audit.models import Decision
from catalog.core.moments import microseconds
from catalog.tenancy import org_scope
from ranking.core.pipeline import rank
from ranking.models import Profile
from ranking.queries.decided import Decided, decided_in_bulk
from ranking.serve import current
from simulations.core.pages import changed_positions
from simulations.operations.replaying import inputs_of, stage_of
from simulations.queries.scopes import EVERYTHING, newest_decisions
from tests.ranking.shops import Shop, item
from tests.rules.desks import Desk

from .conftest import check, drain

pytestmark = pytest.mark.django_db(transaction=True)

PIN = {
    "name": "Mug first",
    "action": "PIN",
    "target_type": "ITEM",
    "item_ids": ["mug3"],
    "positions": [2],
    "boost_value": None,
}
BLOCK = {
    "name": "No coffee",
    "action": "BLOCK",
    "target_type": "TAG",
    "target_key": "coffee",
    "boost_value": None,
}
BURY = {"name": "Less tea", "action": "BURY", "target_key": "tea", "boost_value": 0.9}
LAUNCH = {
    "name": "New",
    "action": "BOOST",
    "target_type": "ITEM",
    "item_ids": ["brand-new"],
    "boost_value": 2.0,
}


def pages(shop: Shop, *, at: Any) -> dict[Any, list[int]]:
    """Answer every stored request anew with what is published, at a moment."""
    stage = stage_of(current(shop.namespace), wall_us=microseconds(at))
    with org_scope(shop.org_id):
        return {
            then.decision.decision_id: _rows(then, stage)
            for batch in newest_decisions(shop.namespace, EVERYTHING, most=10_000)
            for then in decided_in_bulk(batch)
        }


def _rows(then: Decided, stage: Any) -> list[int]:
    ranking = rank(inputs_of(then, stage))
    return list(ranking.pool.rows[ranking.places].tolist())


def n_changed(before: dict[Any, list[int]], after: dict[Any, list[int]]) -> int:
    return sum(
        len(changed_positions(np.array(before[key]), np.array(after[key])))
        for key in before
    )


def publish(desk: Desk, path: str) -> None:
    desk.ask("POST", f"{path}:publish", {})


class TestWhatIsForecast:
    @pytest.mark.parametrize("surface", ["home", "*"])
    def test_is_what_happens_when_it_is_published(
        self, asked: Shop, desk: Desk, surface: str
    ) -> None:
        asked.sell(item("brand-new", tags=["mug"]))
        path = desk.begin()
        for rule in (PIN, BLOCK, BURY, LAUNCH):
            desk.draft(path, **rule, surface=surface)
        at = timezone.now()
        before = pages(asked, at=at)

        found = check(asked, path, at=at)
        publish(desk, path)
        after = pages(asked, at=at)

        told = found.report["forecast"]["movement"]
        assert told["changed"] == n_changed(before, after) > 50
        assert told["touched"] == sum(before[key] != after[key] for key in before)
        assert sum(told["by_position"]) == told["changed"]

    def test_is_of_the_first_moment_at_which_the_change_acts(
        self, asked: Shop, desk: Desk
    ) -> None:
        """A rule that ends before then is taken as ended."""
        now = timezone.now()
        opens, ends = now + timedelta(days=3), now + timedelta(days=2)
        desk.make(**BLOCK, surface="*", valid_until=ends.isoformat())
        path = desk.begin()
        desk.draft(path, **PIN, surface="*", valid_from=opens.isoformat())
        before = pages(asked, at=opens)

        found = check(asked, path)
        publish(desk, path)

        forecast = found.report["forecast"]
        assert forecast["moment"] == opens.isoformat()
        after = pages(asked, at=opens)
        assert forecast["movement"]["changed"] == n_changed(before, after)
        coffee = {row for rows in before.values() for row in rows}
        assert len(coffee) > 24

    def test_is_of_the_surfaces_of_the_change_alone(
        self, asked: Shop, desk: Desk
    ) -> None:
        path = desk.begin()
        desk.draft(path, **PIN, surface="cart")

        report = check(asked, path).report

        assert report["sample"]["found"] == 20
        assert report["sample"]["surfaces"] == ["cart"]

    def test_names_winners_and_losers(self, asked: Shop, desk: Desk) -> None:
        path = desk.begin()
        desk.draft(path, **BLOCK, surface="*")

        forecast = check(asked, path).report["forecast"]

        losing = forecast["brands"]["losing"]
        assert [each["key"] for each in losing] == ["coffee house"]
        assert losing[0]["after"] == 0
        assert {each["key"][:6] for each in forecast["items"]["losing"]} == {"coffee"}
        assert forecast["categories"]["losing"][0]["key"] == "coffee"
        assert forecast["after"]["items"] < forecast["before"]["items"]

    def test_of_the_end_of_a_rule_is_what_comes_back(
        self, asked: Shop, desk: Desk
    ) -> None:
        rule = desk.make(**BLOCK, surface="*")
        path = desk.begin()
        body = {"rule_id": rule["rule_id"], "verb": "retire"}
        desk.ask("POST", f"{path}/changes", body)

        forecast = check(asked, path).report["forecast"]

        gaining = forecast["brands"]["gaining"]
        assert [each["key"] for each in gaining] == ["coffee house"]
        assert gaining[0]["before"] == 0

    def test_promises_no_clicks_without_data(self, asked: Shop, desk: Desk) -> None:
        path = desk.begin()
        desk.draft(path, **PIN)

        said = check(asked, path).report["forecast"]["expected_clicks"]

        assert "not enough data" in said


class TestWithLittleToReplay:
    def test_of_no_decision_nothing_is_green(self, asked: Shop, desk: Desk) -> None:
        path = desk.begin()
        desk.draft(path, **PIN, surface="email")

        found = check(asked, path)

        assert found.verdict == "unknown"
        assert found.report["forecast"] is None
        assert "no decisions on email" in found.report["headline"]

    def test_of_few_decisions_nothing_is_green(self, asked: Shop, desk: Desk) -> None:
        path = desk.begin()
        desk.draft(path, **PIN, surface="cart")

        found = check(asked, path)

        assert found.verdict == "unknown"
        assert "prove nothing" in found.report["headline"]

    def test_of_facts_that_were_not_kept_nothing_is_green(
        self, asked: Shop, desk: Desk
    ) -> None:
        path = desk.begin()
        loyal = {"eq": ["ctx.loyalty", "gold"]}
        desk.draft(path, **PIN, surface="*", context=loyal)

        found = check(asked, path)

        assert found.verdict == "unknown"
        assert "it asks for loyalty of a request" in found.report["headline"]

    def test_erased_users_are_left_out_and_counted(
        self, asked: Shop, desk: Desk
    ) -> None:
        asked.ask("/v1/users:delete", user_id="tea-lover0")
        drain()
        path = desk.begin()
        desk.draft(path, **PIN, surface="*")

        sample = check(asked, path).report["sample"]

        assert sample["gone"] > 0
        assert sample["gone"] + sample["replayed"] == sample["found"] == 60

    def test_traces_that_nobody_can_read_are_counted(
        self, asked: Shop, desk: Desk
    ) -> None:
        with org_scope(asked.org_id):
            first = Decision.objects.order_by("-decision_id")[:1].get()
            Decision.objects.filter(pk=first.pk).update(trace=b"\xff")
        path = desk.begin()
        desk.draft(path, **PIN, surface="*")

        sample = check(asked, path).report["sample"]

        assert (sample["gone"], sample["replayed"]) == (1, 59)

    def test_requests_that_cannot_be_asked_any_more_are_counted(
        self, asked: Shop, desk: Desk
    ) -> None:
        asked.ask("/v1/admin/recommendation/config", config={"mmr_lambda": 0.3})
        asked.recommend("tea-lover1", surface="home", profile="default")
        drain()
        with org_scope(asked.org_id):
            Profile.objects.filter(namespace=asked.namespace).update(published_number=0)
        path = desk.begin()
        desk.draft(path, **PIN, surface="*")
        desk.make()

        sample = check(asked, path).report["sample"]

        assert (sample["refused"], sample["replayed"]) == (1, 60)

    def test_no_more_are_replayed_than_were_asked_for(
        self, asked: Shop, desk: Desk
    ) -> None:
        path = desk.begin()
        desk.draft(path, **PIN, surface="*")

        found = check(asked, path, most=7)

        assert found.report["sample"]["found"] == 7
        assert found.report["sample"]["asked"] == 7
