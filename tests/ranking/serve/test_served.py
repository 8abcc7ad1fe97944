"""What a process holds of a namespace, and when it looks again."""

from __future__ import annotations

import numpy as np
import pytest

from ranking.serve import served
from ranking.serve.served import Served
from tests.ranking.builds import build
from tests.ranking.shops import Shop, item, items

EVENTS = [
    (f"u{user}", f"i{(user + step) % 6}", "purchase")
    for user in range(8)
    for step in range(3)
]


def hold(shop: Shop) -> Served:
    return served.current(shop.namespace)


def ids(held: Served) -> set[str]:
    """Return the ids of the items that may be shown."""
    world = held.world
    rows = np.arange(len(world))
    available = world.select(rows).attribute("available")
    return {world.item_id(int(row)) for row in rows[available]}


class TestCurrent:
    def test_is_the_same_value_until_something_changes(self, shop: Shop):
        shop.sell(item("a"))
        assert hold(shop) is hold(shop)

    def test_holds_items_before_any_build(self, shop):
        shop.sell(item("a"), item("b"))

        held = hold(shop)

        assert ids(held) == {"a", "b"}
        assert held.snapshot_hash == b""
        assert not held.is_stale

    def test_opens_the_live_build(self, shop):
        shop.sell(*items([f"i{n}" for n in range(6)]))
        shop.record(*EVENTS)
        before = hold(shop)

        build(shop)

        after = hold(shop)
        assert before.is_stale
        assert not after.is_stale
        assert after.world.snapshot.content_hash == after.snapshot_hash != b""
        assert len(after.world.overlay) == 0

    def test_folds_later_changes_into_the_snapshot(self, shop):
        shop.sell(*items([f"i{n}" for n in range(6)]))
        shop.record(*EVENTS)
        build(shop)
        hold(shop)

        shop.sell(item("new"))
        shop.sell(item("i0", available=False))
        shop.ask("/v1/items:delete", item_id="i1")

        held = hold(shop)
        assert ids(held) == {"i2", "i3", "i4", "i5", "new"}
        assert len(held.world.snapshot) == 6

    def test_holds_the_same_however_often_it_looked(self, shop):
        shop.sell(*items([f"i{n}" for n in range(6)]))
        shop.record(*EVENTS)
        build(shop)
        for n in range(3):
            shop.sell(item(f"new{n}"))
            hold(shop)
        step_by_step = hold(shop)

        served.forget_all()
        at_once = hold(shop)

        assert ids(step_by_step) == ids(at_once)
        assert step_by_step.change_number == at_once.change_number
        assert step_by_step.configuration_hash == at_once.configuration_hash

    def test_forgets_the_snapshot_after_a_reset(self, shop):
        shop.sell(*items([f"i{n}" for n in range(6)]))
        shop.record(*EVENTS)
        build(shop)

        for kind in ("events", "users", "items"):
            shop.ask(f"/v1/{kind}:delete")

        assert ids(hold(shop)) == set()
        assert not hold(shop).is_stale

        shop.sell(item("fresh"))
        shop.record(("ana", "fresh", "view"))

        assert ids(hold(shop)) == {"fresh"}
        assert hold(shop).is_stale

    def test_publishes_what_apps_below_changed(self, shop):
        shop.sell(item("a"))
        before = hold(shop)

        shop.ask(
            "/v1/event-types:upsert",
            types=[{"type": 1, "name": "tap", "weight": 0.5}],
        )

        after = hold(shop)
        assert after.configuration_hash != before.configuration_hash
        assert after.plan.event_types[1].name == "tap"

    def test_goes_on_with_what_it_has_while_the_database_is_away(
        self, shop, monkeypatch
    ):
        shop.sell(item("a"))
        before = hold(shop)
        shop.sell(item("b"))

        monkeypatch.setattr(served, "_READ_SECONDS", 0)

        assert hold(shop).world is before.world
        assert hold(shop).is_behind

    def test_has_nothing_without_the_database_if_it_never_had(self, shop, monkeypatch):
        shop.sell(item("a"))
        monkeypatch.setattr(served, "_READ_SECONDS", 0)

        with pytest.raises(served.NothingToServeError):
            hold(shop)

    def test_looks_again_when_another_host_changed_something(self, shop):
        shop.sell(item("a"))
        before = hold(shop)

        served.look_again(shop.namespace.pk)

        assert hold(shop) is not before
