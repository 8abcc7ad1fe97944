"""What rows of items, users and events have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from .fields import Fields
from .tally import Mask


@dataclass(frozen=True, kw_only=True)
class TableReading:
    fields: Fields
    time_zone: str | None
    event_type: str | None
    types: Mapping[str, int]
    """Event types by what a file may call them."""
    asked_at: datetime


def early(texts: Sequence[str]) -> Mask:
    """Return all rows of an id but its last one: what came later is the truth."""
    last = {text: row for row, text in enumerate(texts)}
    return np.fromiter(
        (last[text] != row for row, text in enumerate(texts)), bool, len(texts)
    )
