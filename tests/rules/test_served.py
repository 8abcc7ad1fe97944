"""What is written is obeyed by the very next request."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from catalog.tenancy import org_scope
from rules.operations.actors import of_job
from rules.operations.switching import switch_rules
from tests.ranking.builds import build
from tests.ranking.shops import Shop, items
from tests.rules.desks import OTHER_ORG, OVERRIDES, RULES, Desk
from tests.rules.test_change_sets import pass_check

IDS = ["a", "b", "c", "d", "e", "f"]


@pytest.fixture
def served(shop: Shop) -> tuple[Shop, Desk]:
    """A shop with more of a than of b and so on, and the desk of its rules."""
    shop.sell(*items(IDS, tags=["all"]))
    for place, item_id in enumerate(IDS):
        shop.record(*[(f"u{n}", item_id, "click") for n in range(12 - 2 * place)])
    build(shop)
    return shop, Desk(shop.org_id)


def shown(shop: Shop, **fields: Any) -> list[str]:
    return shop.ids(surface="home", **fields)


class TestTheVeryNextRequestObeys:
    def test_each_change_of_a_rule(self, served: tuple[Shop, Desk]) -> None:
        shop, desk = served
        first = shown(shop)[0]
        block = {"action": "BLOCK", "boost_value": None, "target_type": "ITEM"}

        made = desk.make(**block, item_ids=[first])
        blocked = shown(shop)
        desk.put(made, enabled=False)
        paused = shown(shop)
        desk.put(made, enabled=True)
        again = shown(shop)
        desk.ask("DELETE", f"{RULES}/{made['rule_id']}")
        retired = shown(shop)

        assert [first in ids for ids in (blocked, paused, again, retired)] == [
            False,
            True,
            False,
            True,
        ]

    def test_a_pin_and_its_end(self, served: tuple[Shop, Desk]) -> None:
        shop, desk = served
        before = shown(shop)
        pin = {"action": "PIN", "boost_value": None, "target_type": "ITEM"}

        made = desk.make(**pin, item_ids=[before[-1]], position=1)
        pinned = shown(shop)
        desk.put(made, enabled=False)

        assert pinned[0] == before[-1]
        assert shown(shop) == before

    def test_overrides_and_their_ends(self, served: tuple[Shop, Desk]) -> None:
        shop, desk = served
        before = shown(shop)
        last = before[-1]

        made = desk.override(item_id=last, boost_value=9)
        boosted = shown(shop)
        desk.override(item_id=last, action="suppress")
        suppressed = shown(shop)
        [newest, _] = desk.get(OVERRIDES, namespace="shop").json()["items"]
        desk.ask("POST", f"{OVERRIDES}/{newest['override_id']}/cancel", {})

        assert boosted[0] == last
        assert made["override_id"] in str(
            desk.get(OVERRIDES, namespace="shop", status="superseded").json()
        )
        assert last not in suppressed
        assert shown(shop) == before

    def test_a_change_set_and_its_rollback(self, served: tuple[Shop, Desk]) -> None:
        shop, desk = served
        before = shown(shop)
        path = desk.begin()
        for item_id in before[:2]:
            desk.draft(
                path,
                action="BLOCK",
                boost_value=None,
                target_type="ITEM",
                item_ids=[item_id],
            )
        drafted = shown(shop)
        pass_check(shop.namespace, path)

        desk.ask("POST", f"{path}:publish")
        published = shown(shop)
        desk.ask("POST", f"{path}:rollback")

        assert drafted == before
        assert published == before[2:]
        assert shown(shop) == before

    def test_the_kill_switch(self, served: tuple[Shop, Desk]) -> None:
        shop, desk = served
        before = shown(shop)
        made = {"action": "BLOCK", "boost_value": None, "target_type": "ITEM"}
        desk.make(**made, item_ids=[before[0]])

        switch(shop, on=False)
        off = shown(shop)
        switch(shop, on=True)

        assert off == before
        assert shown(shop) == before[1:]


def test_another_shop_does_not_notice(served: tuple[Shop, Desk]) -> None:
    shop, desk = served
    before = shown(shop)
    block = {"action": "BLOCK", "boost_value": None, "target_type": "ITEM"}

    desk.make(**block, item_ids=before[:1], namespace="elsewhere")
    Desk(OTHER_ORG).make(**block, item_ids=before[:1])

    assert shown(shop) == before


def switch(shop: Shop, *, on: bool) -> None:
    with org_scope(shop.org_id):
        switch_rules(
            shop.namespace,
            on=on,
            reason="A test.",
            actor=of_job("test"),
            at=timezone.now(),
        )
