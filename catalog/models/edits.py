"""Who altered what: rows that triggers write, whatever made the change."""

from __future__ import annotations

import pghistory


def every_edit() -> tuple[pghistory.RowEvent, ...]:
    """Return fresh trackers: a tracker remembers the first model it is given."""
    return pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent()
