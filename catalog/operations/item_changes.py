"""Telling the change feed how items stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from catalog.core import feed
from catalog.models import ChangeKind, Namespace
from catalog.queries.states import item_states

from .feed import record_change


def record_items(
    namespace: Namespace,
    numbers: Sequence[int],
    *,
    at: datetime,
    gone: Sequence[feed.ItemState] = (),
) -> int | None:
    """Record that items changed, with their states while these are few enough.

    `gone` are the last states of items whose rows were removed.
    """
    count = len(numbers) + len(gone)
    if count == 0:
        return None
    rows = None
    if count <= feed.MAX_ROWS:
        rows = feed.encode([*item_states(namespace, numbers), *gone])
    ids = sorted([*numbers, *(state.number for state in gone)])
    return record_change(
        namespace, kind=ChangeKind.ITEMS, ids=ids, rows=rows, count=count, at=at
    )
