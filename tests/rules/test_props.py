"""Rules may ask for the free properties of items, as of the last build."""

from __future__ import annotations

import numpy as np
import pytest

from catalog.queries.item_export import export_items
from catalog.tenancy import org_scope
from ranking.core.layers import Plan
from ranking.operations.build_states import path_of
from ranking.queries.configurations import compose
from ranking.queries.signal_settings import settings_hash
from ranking.signals.open import open_snapshot
from tests.ranking.builds import build
from tests.ranking.shops import Shop, item
from tests.rules.desks import Desk

BLOCK_XL = {
    "action": "BLOCK",
    "boost_value": None,
    "target_type": "CONDITION",
    "target_key": None,
    "condition": {"all": [{"eq": ["props.size", "xl"]}, {"gt": ["props.kg", 1.5]}]},
}


@pytest.fixture
def served(shop: Shop) -> tuple[Shop, Desk]:
    shop.sell(
        item("heavy", props={"size": "XL", "kg": 2}),
        item("light", props={"size": "XL", "kg": 1}),
        item("odd", props={"size": {"eu": 44}, "kg": "a\x1flot", "other": 1}),
        item("plain"),
    )
    shop.record(*[("u1", item_id, "click") for item_id in ("heavy", "odd", "plain")])
    return shop, Desk(shop.org_id)


def hash_of(shop: Shop) -> str:
    with org_scope(shop.org_id):
        namespace = shop.namespace
        return settings_hash(namespace, Plan.of(compose(namespace)))


class TestProps:
    def test_are_exported_when_they_are_asked_for(
        self, served: tuple[Shop, Desk]
    ) -> None:
        shop, _ = served
        with org_scope(shop.org_id):
            plain = export_items(shop.namespace)
            asked = export_items(shop.namespace, props=("kg", "size"))

        assert "props" not in plain.column_names
        assert asked["props"].to_pylist() == [
            "kg=2\x1fsize=XL",
            "kg=1\x1fsize=XL",
            "kg=a lot",
            None,
        ]

    def test_are_built_for_the_rules_that_name_them_and_obeyed_then(
        self, served: tuple[Shop, Desk]
    ) -> None:
        shop, desk = served
        before = hash_of(shop)
        desk.make(**BLOCK_XL)

        assert hash_of(shop) != before
        assert "heavy" in shop.ids(surface="home")

        built = build(shop)

        snapshot = open_snapshot(path_of(built))
        words = [snapshot.props.words.text(i) for i in range(len(snapshot.props.words))]
        assert words == ["kg=1", "kg=2", "kg=a lot", "size=xl"]
        assert np.diff(snapshot.props.starts).tolist() == [2, 2, 1, 0]
        assert sorted(shop.ids(surface="home")) == ["light", "odd", "plain"]

    def test_cost_no_build_where_no_rule_names_any(
        self, served: tuple[Shop, Desk]
    ) -> None:
        shop, desk = served
        before = hash_of(shop)

        desk.make()

        assert hash_of(shop) == before
        assert not len(open_snapshot(path_of(build(shop))).props.codes)
