"""The five kinds of shopper of the demo shop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .columns import Floats
from .shelves import CATEGORIES


@dataclass(frozen=True, slots=True)
class Segment:
    """How a kind of shopper behaves, each factor relative to 1.0."""

    name: str
    description: str
    activity: float
    buying: float
    diversity: float
    # Share of visits by category; what is not named gets none.
    mix: dict[str, float]


SEGMENTS = (
    Segment(
        "power_users",
        "Here every other day, knows the shop better than its staff.",
        activity=1.4,
        buying=1.2,
        diversity=0.7,
        mix={
            "Electronics": 0.35,
            "Fitness": 0.20,
            "Outdoors": 0.20,
            "Home": 0.15,
            "Fashion": 0.10,
        },
    ),
    Segment(
        "new_users",
        "Joined within the last weeks and still looks around.",
        activity=0.6,
        buying=0.4,
        diversity=1.0,
        mix={
            "Electronics": 0.25,
            "Books": 0.20,
            "Home": 0.20,
            "Fashion": 0.20,
            "Beauty": 0.15,
        },
    ),
    Segment(
        "niche_readers",
        "Comes for books and stays for coffee.",
        activity=1.0,
        buying=0.8,
        diversity=0.4,
        mix={"Books": 0.60, "Gourmet": 0.25, "Home": 0.15},
    ),
    Segment(
        "trend_seekers",
        "Wants what came in this week.",
        activity=1.1,
        buying=0.9,
        diversity=1.2,
        mix={"Fashion": 0.40, "Beauty": 0.35, "Home": 0.15, "Electronics": 0.10},
    ),
    Segment(
        "weekend_adventurers",
        "Shops on Friday for Saturday.",
        activity=0.9,
        buying=0.7,
        diversity=0.8,
        mix={"Outdoors": 0.50, "Fitness": 0.25, "Gourmet": 0.15, "Electronics": 0.10},
    ),
)


def category_mixes() -> Floats:
    """Return the share of visits by segment and category, shape (segments, 8)."""
    return np.array(
        [
            [segment.mix.get(category.name, 0.0) for category in CATEGORIES]
            for segment in SEGMENTS
        ]
    )
