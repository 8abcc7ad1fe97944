"""Knobs of the score: what counts how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .fields import choice, number

MOST = 1000.0
"""Largest weight: beyond it nothing else could be seen beside it."""


@dataclass(frozen=True, kw_only=True)
class BlendKnobs:
    """Weights of the score's columns, and how the columns are made comparable."""

    blend_alpha: float = number(
        0.2,
        0,
        MOST,
        help="How much popularity counts in the score.",
        group="Blend",
        stage="arrange",
        env="BLEND_ALPHA",
    )
    blend_beta: float = number(
        0.1,
        0,
        MOST,
        help="How much it counts that others chose the item along with this "
        "user's recent items.",
        group="Blend",
        stage="arrange",
        env="BLEND_BETA",
    )
    blend_gamma: float = number(
        0.6,
        0,
        MOST,
        help="How much likeness to the user's taste counts: learned taste, content "
        "and the course of the session.",
        group="Blend",
        stage="arrange",
        env="BLEND_GAMMA",
    )
    repeat_weight: float = number(
        0.2,
        0,
        MOST,
        help="How much the user's own earlier interest in the very same item counts. "
        "High for groceries, 0 for furniture.",
        group="Blend",
        stage="arrange",
    )
    novelty_weight: float = number(
        0.0,
        0,
        MOST,
        help="How much an item's novelty counts.",
        group="Blend",
        stage="arrange",
    )
    margin_weight: float = number(
        0.0,
        0,
        MOST,
        help="How much an item's margin counts.",
        group="Blend",
        stage="arrange",
    )
    long_tail_weight: float = number(
        0.03,
        0,
        MOST,
        help="How much it counts that an item is rarely shown elsewhere.",
        group="Blend",
        stage="arrange",
    )
    trend_weight: float = number(
        0.0,
        0,
        MOST,
        help="How much it counts that an item is wanted more than it used to be.",
        group="Blend",
        stage="arrange",
    )
    normalisation: Literal["max", "rank", "minmax", "root"] = choice(
        "max",
        "max",
        "rank",
        "minmax",
        "root",
        help="How signals are brought to one scale before they are added: divided by "
        "the largest, by rank, stretched from the smallest to the largest, or the "
        "root of the first, which keeps small values apart from nothing.",
        group="Blend",
        stage="arrange",
    )
    similarity: Literal["max", "weighted"] = choice(
        "weighted",
        "max",
        "weighted",
        help="Whether the strongest of the likeness signals counts, each times its "
        "share, or their weighted mean.",
        group="Similarity",
        stage="arrange",
    )
    collaborative_weight: float = number(
        1.0,
        0,
        MOST,
        help="Share of learned taste (factors) in likeness; 0 ignores it.",
        group="Similarity",
        stage="arrange",
    )
    ease_weight: float = number(
        1.0,
        0,
        MOST,
        help="Share of the item-to-item model (EASE) in likeness; 0 ignores it.",
        group="Similarity",
        stage="arrange",
    )
    content_weight: float = number(
        0.1,
        0,
        MOST,
        help="Share of likeness to all that the user looked at, by content; "
        "0 ignores it.",
        group="Similarity",
        stage="arrange",
    )
    embedding_weight: float = number(
        0.1,
        0,
        MOST,
        help="Share of likeness to single recent items, by content; 0 ignores it.",
        group="Similarity",
        stage="arrange",
    )
    session_weight: float = number(
        0.3,
        0,
        MOST,
        help="Share of what is usually looked at next; 0 ignores it.",
        group="Similarity",
        stage="arrange",
    )
