"""Rules to begin with, for who has none yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Starter:
    title: str
    words: str
    icon: str
    fields: Mapping[str, str]


STARTERS: Mapping[str, Starter] = {
    "launch": Starter(
        title="Launch an item",
        words="Pin a new item to the first place for its first two weeks.",
        icon="lock",
        fields={"action": "PIN", "target_type": "ITEM"},
    ),
    "campaign": Starter(
        title="Run a campaign",
        words="Boost a brand or a tag while the campaign lasts.",
        icon="up",
        fields={"action": "BOOST", "target_type": "TAG", "step": "0.6"},
    ),
    "last-pieces": Starter(
        title="Hold back last pieces",
        words="Bury what has fewer than five left.",
        icon="down",
        fields={
            "action": "BURY",
            "target_type": "CONDITION",
            "condition": '{"lt": ["stock", 5]}',
            "step": "0.6",
        },
    ),
    "recall": Starter(
        title="Take an item off",
        words="Block an item at once, everywhere, until it may be shown again.",
        icon="block",
        fields={"action": "BLOCK", "target_type": "ITEM", "surface": "*"},
    ),
    "only": Starter(
        title="Show one category",
        words="Let a page show nothing but one category.",
        icon="filter",
        fields={"action": "FILTER", "target_type": "CATEGORY"},
    ),
}
