"""What a build of the signals may be told, with its ranges, in one place."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

import msgspec

type Similarity = Literal["cosine", "jaccard", "lift", "llr"]
type Above0 = Annotated[float, msgspec.Meta(gt=0)]
type Count = Annotated[int, msgspec.Meta(ge=1)]


class EventWeight(msgspec.Struct, frozen=True, kw_only=True):
    """How much one event of a type counts, and how long."""

    type: Annotated[int, msgspec.Meta(ge=0, le=32767)]
    weight: Above0
    half_life_days: Above0


class SignalParameters(msgspec.Struct, frozen=True, kw_only=True):
    """Knobs of the stage `signal`. The defaults are those of ranking.

    Raised through :func:`msgspec.convert`, so a wrong value names its field and range.
    """

    weights: tuple[EventWeight, ...]
    purchase_types: tuple[int, ...] = (3,)

    covis_window_days: Above0 = 60.0
    covis_similarity: Similarity = "cosine"
    # A pair seen with fewer users says little. In a shop of few users any pair counts.
    covis_min_support: Count = 2
    covis_min_support_below_users: int = 50
    covis_neighbours: Count = 100
    # Of a user with more events than this only the newest count, and fewer where all
    # users together would make more pairs than the budget: both stand in the manifest.
    covis_most_events: Count = 200
    covis_pair_budget: Count = 40_000_000

    session_window_minutes: Above0 = 30.0
    session_neighbours: Count = 50

    repeat_half_life_days: Above0 = 60.0
    repeat_most_items: Count = 200

    trend_half_life_days: Above0 = 14.0

    long_tail_share: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.8

    factor_dimensions: Annotated[int, msgspec.Meta(ge=1, le=256)] = 64
    factor_iterations: Count = 15
    factor_regularization: Above0 = 0.05
    factor_alpha: Above0 = 10.0
    # Above this many interactions the former factors are the start, and 8 rounds do.
    factor_warm_interactions: Count = 2_000_000
    factor_warm_iterations: Count = 8

    ease_most_items: Annotated[int, msgspec.Meta(ge=0, le=20_000)] = 8_000
    # The penalty is this many times the mean number of interactions of an item.
    ease_penalty: Above0 = 8.0
    ease_weights_per_item: Count = 200

    index_from_items: Count = 50_000
    seed: Annotated[int, msgspec.Meta(ge=0, le=2**31)] = 20_110_901


def fingerprint(value: object) -> str:
    """Return a hash of any value that msgspec can write, equal for equal values."""
    encoded = msgspec.json.encode(value, order="deterministic")
    return hashlib.sha256(encoded).hexdigest()
