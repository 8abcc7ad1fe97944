"""What stands in for the recent items of somebody who has none."""

from __future__ import annotations

from ranking.core.answer import reasons
from ranking.core.configuration import Configuration, Profile, Segment
from ranking.core.inputs import Inputs
from ranking.core.layers import Plan
from ranking.core.pipeline import rank
from ranking.core.request import History, Request
from ranking.core.starter_anchors import starter_anchors
from ranking.core.tastes import starter_profile
from tests.ranking.worlds import NOON_US, Item, Shop, make_history, make_world

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


LINKED = make_world(
    Item(item_id="novel", popularity=9, tags=["books"]),
    Item(item_id="bookmark", popularity=1),
    Item(item_id="spade", popularity=2),
    covisitation={"novel": {"bookmark": 1.0}},
)
PLAN = Plan.of(
    Configuration(
        segments=(Segment(segment_id="new_users"),),
        profiles={
            "live": Profile(
                name="live",
                knobs={"profile_starter_presets": {"new_users": {"books": 1}}},
            )
        },
        profile_in_force="live",
    )
)


def ranked(history=None, **overrides):
    return rank(
        Inputs(
            request=Request(user_id="ana", overrides=overrides),
            world=LINKED,
            history=history or History.anonymous(),
            plan=PLAN,
            at_us=NOON_US,
            seed=1,
        )
    )


def reasons_of(ranking, item_id):
    return dict(zip(ranking.item_ids, reasons(ranking), strict=True))[item_id]


def test_lift_what_goes_with_them_and_say_so():
    with_them, without = ranked(), ranked(starter_anchors=0)

    assert with_them.item_ids.index("bookmark") < with_them.item_ids.index("spade")
    assert without.item_ids.index("spade") < without.item_ids.index("bookmark")
    assert "starter_profile" in reasons_of(with_them, "bookmark")
    assert "co_visitation" not in reasons_of(with_them, "bookmark")


def test_stand_in_for_nobody_who_has_recent_items():
    shop = Shop(items=[Item(item_id=each) for each in ("novel", "bookmark", "spade")])
    ranking = ranked(make_history(shop, ("spade", 1, 0.5)))

    assert not ranking.pool.shopper.has_stand_ins
    assert ranking.pool.shopper.anchors is ranking.pool.shopper.recent
    assert "co_visitation" not in reasons_of(ranking, "bookmark")


def test_are_nobodys_history():
    ranking = ranked()

    assert ranking.pool.shopper.event_count == 0
    assert len(ranking.pool.shopper.recent.rows) == 0
    assert (ranking.pool.signals.repeat == 0).all()
