"""What one request knows of its user."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from .segments import Match
from .tastes import Tastes
from .trail import Recent, Trail


class Shopper(Struct, frozen=True, kw_only=True):
    """The user of one request."""

    match: Match
    is_new: bool
    """Whether the user counts as new or sparse."""

    trail: Trail
    recent: Recent
    anchors: Recent
    """From which likeness starts: the recent items, or what stands in for them."""

    event_count: int
    """Distinct items with an event in the profile window."""

    tastes: Tastes
    starter: Mapping[str, float]
    """Starter profile, tag to weight; empty unless the user is new or sparse."""

    starter_weight: float
    """Share of the starter profile in ``tastes``, in [0, 1]."""

    @property
    def has_stand_ins(self) -> bool:
        """Whether the anchors are items that the user never touched."""
        return not len(self.recent.rows) and bool(len(self.anchors.rows))
