"""What became of one item in an answer, as a value."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from rules.core.rule import Rule


class Verdict(StrEnum):
    """What became of an item."""

    SHOWN = "shown"
    UNKNOWN = "unknown"
    """The world of the answer had no item of this id."""

    DROPPED = "dropped"
    """Not eligible: of its own state, or for this request or user."""

    BLOCKED = "blocked"
    FILTERED = "filtered"
    """A rule showed nothing but others."""

    NOT_PROPOSED = "not_proposed"
    """Eligible, but no source brought it."""

    CAPPED = "capped"
    """A cap of its brand or category was full."""

    UNLIKE = "unlike"
    """Variety preferred others, although it scored at least as well as the last."""

    OUTRANKED = "outranked"


class Full(Struct, frozen=True, kw_only=True):
    """A cap that had no room."""

    dimension: str
    value: str
    limit: int


class Said(Struct, frozen=True, kw_only=True):
    """What one source said of an item."""

    source: str
    place: int
    """Where it stands in the source from 1; 0 = the source does not know it."""

    limit: int | None
    """How many the source proposes; None where no knob says."""


class Fate(Struct, frozen=True, kw_only=True):
    """What became of an item, and why."""

    item_id: str
    verdict: Verdict
    drop: str = ""
    """Code of the drop, "" where there was none."""

    slot: int | None = None
    is_pinned: bool = False
    is_explored: bool = False
    rank: int | None = None
    """By final score among the candidates that rules let through, from 1."""

    score: float | None = None
    last_score: float | None = None
    """The lowest score of an item that stands in the answer by its score."""

    n_candidates: int = 0
    rules: tuple[Rule, ...] = ()
    """Those that hid the item, or bent its score."""

    full: tuple[Full, ...] = ()
    said: tuple[Said, ...] = ()
    """Of the sources that took part; only where none of them brought the item."""

    would: Fate | None = None
    """What would have become of it, had a source brought it."""

    @property
    def gap(self) -> float | None:
        """How much score it lacked to the last of the answer, at least 0."""
        if self.score is None or self.last_score is None:
            return None
        return max(self.last_score - self.score, 0.0)
