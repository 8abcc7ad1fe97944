"""A shop before and after changes, and the changes laid over its snapshot."""

from __future__ import annotations

from dataclasses import replace

import hypothesis.strategies as st
import numpy as np

from catalog.core.feed import ItemState
from ranking.core.fold import fold
from ranking.core.world import World
from tests.ranking.strategies import shops
from tests.ranking.worlds import Item, Shop, make_snapshot, number_of


def state_of(shop: Shop, item: Item) -> ItemState:
    return ItemState(
        number=number_of(shop, item.item_id),
        item_id=item.item_id,
        listed=True,
        available=item.available,
        stock=item.stock,
        price=item.price,
        brand=item.brand,
        category_path=tuple(item.category),
        tags=tuple(item.tags),
        title=None,
        description=None,
        created_us=item.created_us,
        margin=item.margin,
        novelty=item.novelty,
    )


@st.composite
def changed_shops(draw):
    """Draw a shop before and after changes of items, some of them new."""
    after = draw(shops(min_items=1))
    items = [
        replace(item, number=100 + i, long_tail=False, factors=None)
        for i, item in enumerate(after.items)
    ]
    n_new = draw(st.integers(0, len(items) - 1))
    items = [
        replace(item, popularity=0.0, long_tail=True, trend=0.0, props={})
        if i >= len(items) - n_new
        else item
        for i, item in enumerate(items)
    ]
    changed = draw(st.sets(st.integers(0, len(items) - 1)))
    old = [
        replace(
            items[i],
            tags=("old",),
            price=3.0,
            brand="Old",
            category=("a",),
            content=None,
            stock=0,
        )
        if i in changed
        else items[i]
        for i in range(len(items) - n_new)
    ]
    known = {item.item_id for item in old}
    signals = {
        name: {
            anchor: {i: v for i, v in others.items() if i in known}
            for anchor, others in getattr(after, name).items()
            if anchor in known
        }
        for name in ("covisitation", "session", "ease")
    }
    before = Shop(items=old, **signals)
    fresh = [i for i in range(len(items)) if i in changed or i >= len(old)]
    return before, Shop(items=items, **signals), [items[i] for i in fresh]


def overlaid(before, after, *parts):
    """Return the world of the shop before, with parts of the changes laid over it.

    None where a rebuilt snapshot would have vectors of another length.
    """
    rebuilt, snapshot = make_snapshot(after), make_snapshot(before)
    if before.items and snapshot.content.dimension != rebuilt.content.dimension:
        return None
    world = World.of(snapshot)
    for part in parts:
        rows = rebuilt.rows_of_numbers(
            np.array([number_of(after, i.item_id) for i in part], dtype=np.int64)
        )
        overlay = fold(
            world.overlay,
            [state_of(after, item) for item in part],
            snapshot=snapshot,
            content=rebuilt.content.of(rows),
            change_number=8,
        )
        world = World(snapshot, overlay)
    return world
