"""Knobs of the page: variety, caps, pins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .fields import choice, flag, listing, number, whole


@dataclass(frozen=True, kw_only=True)
class DiversityKnobs:
    """How unlike each other the items of one page shall be."""

    mmr_lambda: float | None = number(
        0.85,
        0,
        1,
        may_be_off=True,
        help="Relevance against diversity: 1 is relevance alone, 0 diversity alone, "
        "off leaves the step out.",
        group="Diversity",
        stage="arrange",
        env="MMR_LAMBDA",
    )
    mmr_similarity: Literal["embedding", "tags"] = choice(
        "embedding",
        "embedding",
        "tags",
        help="Whether items are alike by content or by their tags.",
        group="Diversity",
        stage="arrange",
    )
    mmr_order: Literal["mmr", "score"] = choice(
        "mmr",
        "mmr",
        "score",
        help="Whether the page keeps the order of selection or is sorted by score.",
        group="Diversity",
        stage="arrange",
    )
    mmr_pool: int = whole(
        300,
        20,
        5000,
        unit="items",
        help="How many of the best items the selection chooses from.",
        group="Diversity",
        stage="arrange",
    )
    mmr_presets: Mapping[str, float] = listing(
        "weights",
        {"home": 0.25, "product_detail": 0.35, "search": 0.2, "email": 0.3},
        low=0,
        high=1,
        help="Advice for the form: a good lambda by surface. It ranks nothing.",
        group="Diversity",
        stage="arrange",
        env="MMR_PRESETS",
        overrides=(),
    )
    brand_cap: int = whole(
        0,
        0,
        200,
        unit="items",
        help="Most items of one brand on a page; 0 is no limit.",
        group="Caps",
        stage="arrange",
        env="BRAND_CAP",
    )
    category_cap: int = whole(
        0,
        0,
        200,
        unit="items",
        help="Most items of one category on a page; 0 is no limit.",
        group="Caps",
        stage="arrange",
        env="CATEGORY_CAP",
    )
    caps_strict: bool = flag(
        default=False,
        help="Rather leave a page short than exceed a cap.",
        group="Caps",
        stage="arrange",
    )
    brand_tag_prefixes: tuple[str, ...] = listing(
        "words",
        ("brand",),
        help="Tags such as brand:acme name a brand.",
        group="Caps",
        stage="arrange",
        env="BRAND_TAG_PREFIXES",
    )
    category_tag_prefixes: tuple[str, ...] = listing(
        "words",
        ("category", "cat"),
        help="Tags such as category:shoes or cat:shoes name a category.",
        group="Caps",
        stage="arrange",
        env="CATEGORY_TAG_PREFIXES",
    )
    rules_enabled: bool = flag(
        default=True,
        help="Whether merchandising rules apply at all.",
        group="Rules",
        stage="arrange",
        env="RULES_ENABLE",
        overrides=(),
    )
    rules_max_pin_slots: int = whole(
        24,
        1,
        200,
        unit="places",
        help="Most places of a page that pins may take.",
        group="Rules",
        stage="arrange",
        env="RULES_MAX_PIN_SLOTS",
        overrides=(),
    )
