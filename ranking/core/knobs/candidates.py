"""Knobs of the candidates: where they come from, and who must not be among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .fields import choice, days, flag, listing, number, whole

MOST = 5000
"""Largest fan-out of a source."""


@dataclass(frozen=True, kw_only=True)
class CandidateKnobs:
    """Fan-outs of the sources, look-backs, and what was already bought."""

    popularity_fanout: int = whole(
        1000,
        1,
        MOST,
        unit="items",
        help="How many of the most popular items may be considered.",
        group="Candidates",
        stage="gather",
        env="POPULARITY_FANOUT",
    )
    category_fanout: int = whole(
        100,
        0,
        MOST,
        unit="items",
        help="How many popular items of the user's own categories may be considered.",
        group="Candidates",
        stage="gather",
    )
    segment_fanout: int = whole(
        50,
        0,
        MOST,
        unit="items",
        help="How many items popular in the user's segment may be considered.",
        group="Candidates",
        stage="gather",
    )
    covis_fanout: int = whole(
        200,
        0,
        MOST,
        unit="items",
        help="How many items that others chose along with the user's may be "
        "considered.",
        group="Candidates",
        stage="gather",
    )
    covis_anchors: int = whole(
        10,
        1,
        50,
        unit="items",
        help="How many of the user's latest items co-visitation starts from.",
        group="Candidates",
        stage="gather",
    )
    collaborative_fanout: int = whole(
        200,
        0,
        MOST,
        unit="items",
        help="How many items that suit the learned taste may be considered.",
        group="Candidates",
        stage="gather",
    )
    ease_fanout: int = whole(
        100,
        0,
        MOST,
        unit="items",
        help="How many items of the item-to-item model (EASE) may be considered.",
        group="Candidates",
        stage="gather",
    )
    ease_anchors: int = whole(
        100,
        1,
        200,
        unit="items",
        help="How many of the user's own items the item-to-item model starts from, "
        "those of the strongest decayed interest.",
        group="Candidates",
        stage="gather",
    )
    content_fanout: int = whole(
        100,
        0,
        MOST,
        unit="items",
        help="How many items like all that the user looked at may be considered.",
        group="Candidates",
        stage="gather",
    )
    embedding_fanout: int = whole(
        100,
        0,
        MOST,
        unit="items",
        help="How many items like single recent ones may be considered.",
        group="Candidates",
        stage="gather",
    )
    embedding_anchors: int = whole(
        2,
        1,
        10,
        unit="items",
        help="How many of the user's latest items content likeness starts from.",
        group="Candidates",
        stage="gather",
    )
    session_fanout: int = whole(
        50,
        0,
        MOST,
        unit="items",
        help="How many items usually looked at next may be considered.",
        group="Candidates",
        stage="gather",
    )
    session_lookback: int = whole(
        10,
        1,
        50,
        unit="events",
        help="How many of the user's last events say what comes next.",
        group="Candidates",
        stage="gather",
    )
    repeat_fanout: int = whole(
        50,
        0,
        MOST,
        unit="items",
        help="How many of the user's own earlier items may be considered again.",
        group="Candidates",
        stage="gather",
    )
    repeat_mode: Literal["all", "exclude_bought"] = choice(
        "all",
        "all",
        "exclude_bought",
        help="Whether repeats include what was bought, or only what was looked at.",
        group="Candidates",
        stage="gather",
    )
    search_scan: int = whole(
        8_000,
        1_000,
        1_000_000,
        unit="items",
        help="How many items a search among a large catalog compares at least.",
        group="Candidates",
        stage="gather",
    )
    rule_exclude_events: bool = flag(
        default=True,
        help="Leave out what the user has already bought.",
        group="Already bought",
        stage="gather",
        env="RULE_EXCLUDE_EVENTS",
    )
    exclude_event_types: tuple[int, ...] = listing(
        "wholes",
        (3,),
        low=0,
        high=32767,
        help="Event types that count as bought; an empty list means all types.",
        group="Already bought",
        stage="gather",
        env="EXCLUDE_EVENT_TYPES",
    )
    purchased_window_days: float = days(
        180,
        help="How long something counts as already bought.",
        group="Already bought",
        stage="gather",
        env="PURCHASED_WINDOW_DAYS",
    )
    exploration_fanout: int = whole(
        50,
        0,
        MOST,
        unit="items",
        help="How many of the newest items may be drawn into exploration slots.",
        group="Exploration",
        stage="gather",
    )
    exploration_slots: int = whole(
        0,
        0,
        50,
        unit="places",
        help="How many places at the end of the list show an item drawn by chance.",
        group="Exploration",
        stage="gather",
    )
    exploration_depth: int = whole(
        100,
        1,
        MOST,
        unit="items",
        help="How many of the best items not shown take part in the draw.",
        group="Exploration",
        stage="arrange",
    )
    long_tail_share: float = number(
        0.8,
        0,
        1,
        help="What share of all interactions the popular items hold: the others are "
        "the long tail. Evaluations and guardrails keep to 0.8 whatever this says.",
        group="Popularity",
        stage="signal",
    )
