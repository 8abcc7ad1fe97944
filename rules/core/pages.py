"""What the pages of a surface take: places, and how many of them pins may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_USUAL = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the longest answers of a surface hold."""

    places: int = _USUAL
    pins: int = _USUAL
    """Most places that pins may take, however long the answer."""

    is_seen: bool = False
    """Whether `places` is what was answered lately, and no assumption."""

    @property
    def slots(self) -> int:
        """Return how many pins a page takes at most."""
        return min(self.places, self.pins)


USUAL_PAGE = Page()
type Pages = Mapping[str, Page]
"""Pages by surface. :data:`USUAL_PAGE` where a surface is missing."""
