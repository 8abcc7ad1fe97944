"""What stands in for the recent items of somebody who has none."""

from __future__ import annotations

from ranking.core.starter_anchors import starter_anchors
from ranking.core.tastes import starter_profile
from tests.ranking.worlds import Item, make_world

WORLD = make_world(
    Item(item_id="novel", popularity=9, tags=["books"]),
    Item(item_id="atlas", popularity=8, tags=["books"]),
    Item(item_id="gone", popularity=99, tags=["books"], available=False),
    Item(item_id="poems", popularity=7, tags=["books", "gifts"]),
    Item(item_id="vase", popularity=2, tags=["decor", "gifts"]),
    Item(item_id="spade", popularity=5, tags=["garden"]),
)


def anchors(starter, **how):
    found = starter_anchors(WORLD, starter, **how)
    return [WORLD.item_id(row) for row in found.rows.tolist()]


def test_come_in_turn_from_each_tag_the_strongest_first():
    assert anchors({"garden": 0.2, "books": 0.5, "decor": 0.3}) == [
        "novel",
        "vase",
        "spade",
        "atlas",
        "poems",
    ]


def test_are_at_most_so_many_and_none_twice():
    assert anchors({"books": 0.5, "gifts": 0.5}, limit=3) == ["novel", "poems", "atlas"]


def test_are_to_be_had():
    assert "gone" not in anchors({"books": 1.0})


def test_are_none_where_the_catalog_has_none_of_the_tags():
    assert anchors({"unheard-of": 1.0}) == []
    assert anchors({}) == []


def test_start_from_the_presets_of_a_segment():
    starter = starter_profile({"new_users": {"books": 1}}, "new_users")

    assert anchors(starter)[:2] == ["novel", "atlas"]
