"""What is asked, in canonical form, and what is known of the one who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
import numpy as np

from .columns import F64, I16, I64

DEFAULT_K = 20
HISTORY_LIMIT = 50

type ExplainLevel = Literal["tags", "numeric", "full"]


class Constraints(msgspec.Struct, frozen=True, kw_only=True):
    """What an item must be to be shown at all."""

    include_tags_any: tuple[str, ...] = ()
    """Keep items with any of these tags, in any case."""

    exclude_item_ids: tuple[str, ...] = ()
    price_min: float | None = None
    price_max: float | None = None
    """Both inclusive. An item without a price is dropped when either is set."""

    created_after_us: int | None = None
    """Keep items created strictly later, microseconds since 1970."""


class Blend(msgspec.Struct, frozen=True, kw_only=True):
    """Weights sent with one call; None leaves a weight as configured."""

    pop: float | None = None
    cooc: float | None = None
    als: float | None = None


class Prefetched(msgspec.Struct, frozen=True):
    """An item that the caller wants ranked."""

    item_id: str
    score: float | None = None


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One question: what this person should see here."""

    namespace: str = "default"
    surface: str | None = None
    user_id: str | None = None
    k: int = DEFAULT_K
    """1..200, checked by whoever parses the call."""

    constraints: Constraints = Constraints()
    blend: Blend | None = None
    overrides: Mapping[str, Any] = {}
    """Knobs under their override names, as sent."""

    context: Mapping[str, Any] = {}
    """Free facts of the call; segment rules read them as ``ctx``."""

    profile: str | None = None
    """Name of a profile to use in place of the one in force."""

    include_reasons: bool = False
    explain_level: ExplainLevel = "tags"
    items: tuple[Prefetched, ...] | None = None
    """Rank only these, in place of candidates of our own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The user's newest events and traits, as read for one request."""

    event_ids: I64
    """Shape (m,), m at most ``HISTORY_LIMIT``, newest event first."""

    numbers: I64
    """Shape (m,). Item numbers."""

    types: I16
    """Shape (m,). Event types."""

    values: F64
    """Shape (m,)."""

    ts_us: I64
    """Shape (m,). Microseconds since 1970."""

    user_number: int | None = None
    known: bool = False
    """Whether the user exists; an unknown one is served as anonymous."""

    traits: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.numbers)

    @classmethod
    def anonymous(cls) -> History:
        """Return the history of nobody.

        >>> len(History.anonymous())
        0
        """
        return cls(
            event_ids=np.empty(0, dtype=np.int64),
            numbers=np.empty(0, dtype=np.int64),
            types=np.empty(0, dtype=np.int16),
            values=np.empty(0),
            ts_us=np.empty(0, dtype=np.int64),
        )
