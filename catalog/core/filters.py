"""Which rows a list shows and a deletion removes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Conditions that all hold; what is None is no condition."""

    item_id: str | None = None
    user_id: str | None = None
    event_type: int | None = None
    created_after: datetime | None = None
    """Later than this; for events by their `ts`."""
    created_before: datetime | None = None
    """Earlier than this; for events by their `ts`."""

    @property
    def is_empty(self) -> bool:
        """Whether everything passes."""
        return self == Filter()


EVERYTHING = Filter()
