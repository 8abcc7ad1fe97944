from __future__ import annotations

import pytest

from ranking.core.configuration import DEFAULT_EVENT_TYPES, Configuration, EventType
from ranking.core.inputs import Inputs
from ranking.core.knobs import DEFAULTS, Knobs
from ranking.core.layers import Plan
from ranking.core.meet import meet
from ranking.core.request import Request
from ranking.core.tastes import blend_tastes, tastes_of
from ranking.core.trail import follow, recent_items
from ranking.core.world import World
from tests.ranking.worlds import NOON_US, Item, Shop, make_history, make_snapshot

SHOP = Shop(
    items=[
        Item(item_id="tent", tags=["Outdoors", "green"]),
        Item(item_id="boots", tags=["outdoors"]),
        Item(item_id="novel", tags=["books"]),
    ]
)
WORLD = World.of(make_snapshot(SHOP))
TYPES = {kind.type: kind for kind in DEFAULT_EVENT_TYPES}


def trail(*events, types=TYPES):
    history = make_history(SHOP, *events)
    return follow(WORLD, history, event_types=types, at_us=NOON_US)


def named(tastes):
    return {
        WORLD.tags.text(int(code)): weight
        for code, weight in zip(tastes.codes, tastes.weights.tolist(), strict=True)
    }


def met(*events, user_id="u", segment=None, **overrides):
    traits = {"segment": segment} if segment else {}
    return meet(
        Inputs(
            request=Request(user_id=user_id, overrides=overrides),
            world=WORLD,
            history=make_history(SHOP, *events, traits=traits),
            plan=Plan.of(Configuration()),
            at_us=NOON_US,
            seed=0,
        )
    )


class TestRecentItems:
    def test_names_each_item_once_the_newest_first(self):
        recent = recent_items(
            trail(("boots", 0, 5), ("tent", 0, 2), ("boots", 3, 1), ("tent", 1, 9))
        )

        ids = [WORLD.item_id(int(row)) for row in recent.rows]
        assert ids == ["boots", "tent"]
        assert recent.ages_days.tolist() == [1.0, 2.0]
        assert recent.strengths.tolist() == [1.0, pytest.approx(0.4)]

    def test_ignores_events_of_inactive_types(self):
        assert not len(recent_items(trail(("boots", 9, 1))).rows)

    def test_keeps_the_fresh_ones_within_a_window(self):
        recent = recent_items(trail(("boots", 0, 1), ("tent", 0, 9)))

        assert len(recent.within(1).rows) == 1
        assert len(recent.within(0.5).rows) == 0


class TestTastesOf:
    def test_adds_up_decayed_weights_by_tag(self):
        tastes = tastes_of(
            WORLD,
            trail(("tent", 3, 0), ("boots", 3, 14), ("novel", 1, 0)),
            knobs=Knobs(profile_half_life_days=14),
        )

        # outdoors 1 + .5, green 1, books .3
        assert named(tastes) == {
            "outdoors": pytest.approx(1.5 / 2.8),
            "green": pytest.approx(1 / 2.8),
            "books": pytest.approx(0.3 / 2.8),
        }

    def test_uses_the_half_life_of_the_event_type(self):
        quick = {**TYPES, 3: EventType(type=3, name="p", weight=1.0, half_life_days=1)}

        tastes = tastes_of(
            WORLD,
            trail(("novel", 3, 2), ("boots", 1, 0), types=quick),
            knobs=Knobs(),
        )

        assert named(tastes)["books"] == pytest.approx(0.25 / 0.55)

    def test_forgets_what_lies_outside_the_window_and_the_weakest_tags(self):
        knobs = Knobs(profile_window_days=10, profile_top_n=1)

        tastes = tastes_of(WORLD, trail(("novel", 3, 11), ("boots", 0, 1)), knobs=knobs)

        assert named(tastes) == {"outdoors": 1.0}


class TestBlendTastes:
    def test_mixes_in_shares(self):
        own = tastes_of(WORLD, trail(("boots", 0, 1)), knobs=Knobs())

        mixed = blend_tastes(
            WORLD, own, starter={"books": 0.5, "unknown": 0.5}, share=0.6, limit=9
        )

        # .4 own and .6 * .5 known starter, brought back to a sum of 1.
        assert named(mixed) == {
            "outdoors": pytest.approx(0.4 / 0.7),
            "books": pytest.approx(0.3 / 0.7),
        }

    def test_is_all_starter_without_tastes_of_its_own(self):
        own = tastes_of(WORLD, trail(), knobs=Knobs())

        mixed = blend_tastes(WORLD, own, starter={"books": 1.0}, share=0.6, limit=9)

        assert named(mixed) == {"books": 1.0}


class TestMeet:
    def test_gives_a_new_user_the_preset_of_its_segment(self):
        shopper, _ = met(
            segment="Readers", profile_starter_presets={"readers": {"books": 1}}
        )

        assert shopper.is_new
        assert shopper.starter_weight == 1.0
        assert set(shopper.starter) == {"books", "reading", "literature"}
        assert named(shopper.tastes) == {"books": 1.0}

    def test_counts_a_user_with_enough_items_as_known(self):
        events = [("tent", 0, 1), ("boots", 0, 2), ("novel", 0, 3)]

        assert not met(*events)[0].is_new
        assert met(*events[:2])[0].is_new
        assert met(*events, segment="NEW_USERS")[0].is_new

    def test_gives_nobody_without_a_name_a_starter_profile(self):
        shopper, _ = met(user_id=None)

        assert shopper.is_new
        assert not shopper.starter

    def test_applies_the_block_for_new_users_to_them_alone(self):
        events = [("tent", 0, 1), ("boots", 0, 2), ("novel", 0, 3)]

        _, new = met(new_user_blend_alpha=0.9)
        _, known = met(*events, new_user_blend_alpha=0.9)

        assert new.knobs.blend_alpha == 0.9
        assert known.knobs.blend_alpha == DEFAULTS.blend_alpha
