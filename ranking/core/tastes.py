"""Which tags a user likes, and how much."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from msgspec import Struct

from .columns import F64, I32, distinct
from .configuration import NEW_USERS
from .knobs import Knobs
from .trail import Trail
from .world import World

STARTER_TAGS = {
    "electronics": ("electronics", "gadgets", "smart"),
    "books": ("books", "reading", "literature"),
    "home": ("home", "decor", "living"),
    "fashion": ("fashion", "style", "apparel"),
    "beauty": ("beauty", "skincare", "wellness"),
    "gourmet": ("food", "gourmet", "kitchen"),
    "fitness": ("fitness", "health", "active"),
    "outdoors": ("outdoors", "adventure", "travel"),
}
"""Tags behind the categories of the common presets; others stand for themselves."""


class Tastes(Struct, frozen=True, kw_only=True):
    """How much a user likes each tag. Weights sum to 1 unless there are none."""

    codes: I32
    """Shape (t,). Tag codes, ascending."""

    weights: F64
    """Shape (t,). Above 0."""

    @classmethod
    def none(cls) -> Tastes:
        """Return the tastes of somebody of whom nothing is known."""
        return cls(codes=np.empty(0, dtype=np.int32), weights=np.empty(0))


def tastes_of(world: World, trail: Trail, *, knobs: Knobs) -> Tastes:
    """Return the tag profile of a trail: the decayed weight of events by tag.

    An event counts its weight, halved every half-life of its type (or of
    ``profile_half_life_days``), for each tag of its item. The
    ``profile_top_n`` strongest tags stay, ties by code.
    """
    counted = np.flatnonzero(trail.ages_days <= knobs.profile_window_days)
    if not len(counted):
        return Tastes.none()
    half_lives = trail.half_lives[counted]
    half_lives[np.isnan(half_lives)] = knobs.profile_half_life_days
    worth = trail.weights[counted] * 0.5 ** (trail.ages_days[counted] / half_lives)
    codes, owner = world.select(trail.rows[counted]).tags()
    words, _, which = distinct(codes)
    weights = np.bincount(which, worth[owner], minlength=len(words))
    return _strongest(words, weights, limit=knobs.profile_top_n)


def _strongest(codes: I32, weights: F64, *, limit: int) -> Tastes:
    chosen = np.lexsort((codes, -weights))[:limit]
    chosen = np.sort(chosen[weights[chosen] > 0])
    total = weights[chosen].sum()
    if not total > 0:
        return Tastes.none()
    return Tastes(codes=codes[chosen], weights=weights[chosen] / total)


def starter_profile(
    presets: Mapping[str, Mapping[str, float]], segment_id: str | None
) -> dict[str, float]:
    """Return the tags that a new user of a segment is assumed to like.

    The preset of the segment, in any case, else that of ``new_users``. A
    category's weight is split evenly over its tags; a category without known
    tags stands for the tag of its name.

    Examples
    --------
    >>> starter_profile({"new_users": {"Garden": 1, "home": 3}}, None)
    {'garden': 0.25, 'home': 0.25, 'decor': 0.25, 'living': 0.25}
    """
    by_name = {name.casefold(): preset for name, preset in presets.items()}
    preset = by_name.get((segment_id or "").casefold()) or by_name.get(NEW_USERS, {})
    total = sum(preset.values())
    profile: dict[str, float] = {}
    for category, weight in preset.items():
        name = category.strip().lower()
        tags = STARTER_TAGS.get(name, (name,))
        for tag in tags if weight > 0 else ():
            profile[tag] = profile.get(tag, 0.0) + weight / total / len(tags)
    return profile


def starter_share(n_recent: int, *, least: float, decay_events: int) -> float:
    """Return the share of the starter profile in a new or sparse user's tastes.

    ``least + (1 - least) * min(1, missing / decay_events)``, where ``missing``
    is how many recent items the user lacks of ``decay_events``.

    Examples
    --------
    >>> starter_share(2, least=0.6, decay_events=5)
    0.84
    >>> starter_share(0, least=0.6, decay_events=5)
    1.0
    """
    missing = max(0, decay_events - n_recent)
    return least + (1.0 - least) * min(1.0, missing / decay_events)


def blend_tastes(
    world: World,
    tastes: Tastes,
    *,
    starter: Mapping[str, float],
    share: float,
    limit: int,
) -> Tastes:
    """Mix a starter profile into tastes; without tastes of its own it is all.

    Tags of the starter profile that the catalog does not have take part in
    the shares but name nothing.
    """

    def look_up() -> dict[int, float]:
        coded = {world.tags.code(tag): weight for tag, weight in starter.items()}
        coded.pop(-1, None)
        return coded

    coded = world.derive(("starter tags", tuple(starter.items())), look_up)
    own_share = 1.0 - share if len(tastes.codes) else 0.0
    mixed = dict.fromkeys(tastes.codes.tolist(), 0.0)
    for code, weight in zip(
        tastes.codes.tolist(), tastes.weights.tolist(), strict=True
    ):
        mixed[code] += own_share * weight
    for code, weight in coded.items():
        mixed[code] = mixed.get(code, 0.0) + (1.0 - own_share) * weight
    codes = sorted(mixed)
    return _strongest(
        np.array(codes, dtype=np.int32),
        np.array([mixed[code] for code in codes]),
        limit=limit,
    )
