"""Knobs of the user: the profile of tastes, and those of whom little is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .fields import days, listing, number, whole

STARTER_PRESETS = {
    "new_users": {
        "electronics": 0.18,
        "books": 0.14,
        "home": 0.14,
        "fashion": 0.12,
        "gourmet": 0.12,
        "outdoors": 0.12,
        "fitness": 0.10,
        "beauty": 0.08,
    }
}


@dataclass(frozen=True, kw_only=True)
class ShopperKnobs:
    """How tastes are read from the history, and what new users get instead."""

    profile_boost: float = number(
        0.7,
        0,
        100,
        help="How much an item gains when its tags match the user's tastes; 0 is off.",
        group="Personalisation",
        stage="arrange",
        env="PROFILE_BOOST",
    )
    profile_window_days: float = days(
        60,
        help="How far back events say something about the user's tastes.",
        group="Personalisation",
        stage="gather",
        env="PROFILE_WINDOW_DAYS",
    )
    profile_half_life_days: float = days(
        14,
        help="After how many days an event says half as much about tastes, where its "
        "event type does not say otherwise.",
        group="Personalisation",
        stage="gather",
    )
    profile_top_n: int = whole(
        64,
        1,
        500,
        unit="tags",
        help="How many tags a user's profile keeps.",
        group="Personalisation",
        stage="gather",
        env="PROFILE_TOP_N",
        admin=("profile_top_n_tags",),
    )
    profile_min_events_for_boost: int = whole(
        3,
        0,
        1000,
        unit="items",
        help="With fewer recent items than this a user counts as sparse.",
        group="Personalisation",
        stage="gather",
        env="PROFILE_MIN_EVENTS_FOR_BOOST",
    )
    profile_cold_start_multiplier: float = number(
        0.5,
        0,
        1,
        help="Share of the boost that a sparse user gets.",
        group="Personalisation",
        stage="arrange",
        env="PROFILE_COLD_START_MULTIPLIER",
    )
    profile_starter_blend_weight: float = number(
        0.6,
        0,
        1,
        help="Least share of the starter profile in a new or sparse user's profile.",
        group="New users",
        stage="gather",
        env="PROFILE_STARTER_BLEND_WEIGHT",
    )
    profile_starter_decay_events: int = whole(
        5,
        1,
        1000,
        unit="items",
        help="After how many recent items the starter profile is down to its least "
        "share.",
        group="New users",
        stage="gather",
        env="PROFILE_STARTER_DECAY_EVENTS",
    )
    profile_starter_presets: Mapping[str, Mapping[str, float]] = listing(
        "presets",
        STARTER_PRESETS,
        low=0,
        high=1000,
        help="For each segment, the categories or tags that a new user is assumed to "
        "like, and how much.",
        group="New users",
        stage="gather",
        env="PROFILE_STARTER_PRESETS",
    )
    starter_anchors: int = whole(
        5,
        0,
        50,
        unit="items",
        help="How many popular items of the starter profile stand in for the recent "
        "items of a user of the segment new_users who has none.",
        group="New users",
        stage="gather",
    )
    new_user_blend_alpha: float | None = number(
        None,
        0,
        1000,
        help="Weight of popularity for new and sparse users.",
        group="New users",
        stage="arrange",
        env="NEW_USER_BLEND_ALPHA",
    )
    new_user_blend_beta: float | None = number(
        None,
        0,
        1000,
        help="Weight of co-visitation for new and sparse users.",
        group="New users",
        stage="arrange",
        env="NEW_USER_BLEND_BETA",
    )
    new_user_blend_gamma: float | None = number(
        None,
        0,
        1000,
        help="Weight of likeness for new and sparse users.",
        group="New users",
        stage="arrange",
        env="NEW_USER_BLEND_GAMMA",
    )
    new_user_mmr_lambda: float | None = number(
        None,
        0,
        1,
        help="Relevance against diversity for new and sparse users.",
        group="New users",
        stage="arrange",
        env="NEW_USER_MMR_LAMBDA",
    )
    new_user_pop_fanout: int | None = whole(
        None,
        1,
        5000,
        unit="items",
        help="How many popular items may be considered for new and sparse users.",
        group="New users",
        stage="gather",
        env="NEW_USER_POP_FANOUT",
    )
