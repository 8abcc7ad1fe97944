from __future__ import annotations

import numpy as np

from catalog.core.feed import ItemState
from ranking.core.fold import fold
from ranking.core.similar import similar_items
from ranking.core.world import World
from tests.ranking.worlds import Item, Shop, make_snapshot, make_world

WORLD = make_world(
    Item(item_id="shirt", content=[1, 0], factors=[1, 0]),
    Item(item_id="blouse", content=[1, 0.1], factors=[0, 1]),
    Item(item_id="trousers", content=[0, 1], factors=[1, 0.1]),
    Item(item_id="gone", content=[1, 0], available=False),
    Item(item_id="stone", content=[-1, 0], factors=[-1, 0]),
    covisitation={"shirt": {"trousers": 0.4, "gone": 0.9}},
)


class TestSimilarItems:
    def test_blends_content_factors_and_company(self):
        found = similar_items(WORLD, 0, k=5)

        assert [(item.item_id, item.reasons) for item in found] == [
            ("trousers", ("co_visitation", "collaborative")),
            ("blouse", ("embedding_similarity",)),
        ]
        assert all(0 < item.score <= 1 for item in found)

    def test_leaves_out_what_is_not_available(self):
        assert "gone" not in {item.item_id for item in similar_items(WORLD, 0, k=5)}

    def test_keeps_to_k(self):
        assert len(similar_items(WORLD, 0, k=1)) == 1

    def test_finds_nothing_like_an_item_of_which_nothing_is_known(self):
        world = make_world(Item(item_id="a"), Item(item_id="b"))

        assert similar_items(world, 0, k=5) == []

    def test_knows_an_item_that_is_newer_than_the_snapshot(self):
        snapshot = make_snapshot(Shop(items=[Item(item_id="a", content=[1, 0])]))
        new = ItemState(900, "new", True, True, None, 1.0, None, (), (), None, None, 0)
        base = World.of(snapshot)
        overlay = fold(
            base.overlay,
            [new],
            snapshot=snapshot,
            content=np.array([[1.0, 0.0]]),
            change_number=8,
        )
        world = World(snapshot, overlay)

        assert [item.item_id for item in similar_items(world, 1, k=5)] == ["a"]
        assert [item.item_id for item in similar_items(world, 0, k=5)] == ["new"]
