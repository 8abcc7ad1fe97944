"""What rules would do is told before they do it, by the engine that serves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.ranking.shops import Shop, items
from tests.rules.desks import SALE, Desk
from tests.rules.test_served import served, shown, switch

__all__ = ["served"]
PATH = "/v1/admin/rules/dry-run"
BLOCK = {"action": "BLOCK", "boost_value": None, "target_type": "ITEM"}


def ask(desk: Desk, **fields: Any) -> Any:
    return desk.ask("POST", PATH, {"namespace": "shop", "surface": "home"} | fields)


class TestOnItems:
    def test_tells_what_stored_rules_do(self, served: tuple[Shop, Desk]) -> None:
        _, desk = served
        block = desk.make(**BLOCK, item_ids=["a"])
        boost = desk.make(target_type="ITEM", item_ids=["b"], boost_value=0.4)
        pin = desk.make(
            action="PIN", boost_value=None, target_type="ITEM", item_ids=["c", "d"]
        )

        told = ask(desk, items=["a", "b", "c", "e"])

        effects = told["rule_effects_per_item"]
        assert set(told["rules_evaluated"]) == {
            each["rule_id"] for each in (block, boost, pin)
        }
        assert {
            each["rule_id"]: each["item_ids"] for each in told["rules_matched"]
        } == {
            block["rule_id"]: ["a"],
            boost["rule_id"]: ["b"],
            pin["rule_id"]: ["c", "d"],
        }
        assert effects["a"] == {"blocked": True, "pinned": False, "boost_delta": 0.0}
        assert effects["b"]["boost_delta"] == pytest.approx(0.4, abs=0.2)
        assert effects["e"] == {"blocked": False, "pinned": False, "boost_delta": 0.0}
        assert [
            (each["item_id"], each["from_candidates"]) for each in told["pinned_items"]
        ] == [("c", True), ("d", False)]
        assert told["reason_tags"]["b"] == [f"rule.boost:+0.40[{boost['rule_id']}]"]

    def test_tells_what_a_proposed_rule_would_do(
        self, served: tuple[Shop, Desk]
    ) -> None:
        shop, desk = served
        before = shown(shop)

        told = ask(desk, items=["a", "b"], rule=SALE | BLOCK | {"item_ids": ["a"]})

        assert told["rules_matched"] == [
            {
                "rule_id": "proposed",
                "action": "BLOCK",
                "target_type": "ITEM",
                "item_ids": ["a"],
            }
        ]
        assert told["items"] == ["b"]
        assert shown(shop) == before
        assert desk.rules() == []

    def test_names_items_that_no_rule_brings_back(
        self, served: tuple[Shop, Desk]
    ) -> None:
        shop, desk = served
        shop.sell(*items(["gone"], available=False))

        assert ask(desk, items=["a", "gone", "unknown"])["not_eligible"] == [
            "gone",
            "unknown",
        ]

    def test_looks_at_the_rules_of_a_segment(self, served: tuple[Shop, Desk]) -> None:
        _, desk = served
        desk.make(**BLOCK, item_ids=["a"], segment_id="vip")

        assert ask(desk, items=["a"])["items"] == ["a"]
        assert ask(desk, items=["a"], segment_id="vip")["items"] == []

    def test_looks_at_another_moment(self, served: tuple[Shop, Desk]) -> None:
        _, desk = served
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        desk.make(**BLOCK, item_ids=["a"], valid_from=tomorrow.isoformat())

        later = (tomorrow + timedelta(hours=1)).isoformat()

        assert ask(desk, items=["a"])["items"] == ["a"]
        assert ask(desk, items=["a"], at=later)["items"] == []

    def test_takes_some_of_the_stored_rules(self, served: tuple[Shop, Desk]) -> None:
        _, desk = served
        desk.make(**BLOCK, item_ids=["a"])
        other = desk.make(**BLOCK, item_ids=["b"])

        told = ask(desk, items=["a", "b"], rule_ids=[other["rule_id"]])

        assert told["items"] == ["a"]


class TestOnALiveRequest:
    def test_equals_what_is_then_served(self, served: tuple[Shop, Desk]) -> None:
        shop, desk = served
        rule = SALE | {"target_key": "all", "action": "BURY", "boost_value": 0.5}
        rule |= {"target_type": "ITEM", "item_ids": [shown(shop)[0]]}

        told = ask(desk, rule=rule, k=4)
        desk.make(**rule)

        assert told["items"] == shown(shop, k=4)


class TestRefusing:
    def test_needs_a_surface(self, served: tuple[Shop, Desk]) -> None:
        answer = served[1].send("POST", PATH, {"namespace": "shop", "items": ["a"]})

        assert answer.json()["code"] == "missing_surface"

    def test_refuses_a_rule_that_cannot_be_obeyed(
        self, served: tuple[Shop, Desk]
    ) -> None:
        body = {
            "namespace": "shop",
            "surface": "home",
            "rule": SALE | {"boost_value": 0},
        }

        assert (
            served[1].send("POST", PATH, body).json()["code"] == "invalid_boost_value"
        )

    def test_says_that_rules_are_off(self, served: tuple[Shop, Desk]) -> None:
        shop, desk = served
        switch(shop, on=False)

        body = {"namespace": "shop", "surface": "home", "items": ["a"]}

        assert desk.send("POST", PATH, body).json()["code"] == "rules_disabled"
