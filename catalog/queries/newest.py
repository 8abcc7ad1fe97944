"""Pages of rows whose ids are UUIDv7, the newest first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet

from catalog.core.moments import from_microseconds
from catalog.core.pages import MAX_OFFSET, Cursor, Page, next_cursor

from .lists import Listed

_LOW_BITS = 62
_VERSION_7 = 7 << 76
_VARIANT = 2 << _LOW_BITS


def newest[M: Model](rows: QuerySet[M], page: Page) -> Listed:
    total = rows.count()
    ordered = rows.order_by("-pk")
    if page.cursor is not None:
        ordered = ordered.filter(pk__lt=_id_of(page.cursor))
    start = page.offset if page.cursor is None else 0
    found: list[Any] = list(ordered[start : start + page.limit + 1])
    shown = found[: page.limit]
    if len(found) <= page.limit:
        return Listed(rows=shown, total=total)
    behind = page.position + len(shown)
    high, low = _halves(shown[-1].pk)
    return Listed(
        rows=shown,
        total=total,
        next_offset=behind if behind <= MAX_OFFSET else None,
        next_cursor=next_cursor(
            page, moment=from_microseconds(high), number=low, count=len(shown)
        ),
    )


def _halves(key: UUID) -> tuple[int, int]:
    """Return the free bits of a UUIDv7: its time and what makes it unique."""
    number = key.int
    high = (number >> 80) << 12 | (number >> 64) & 0xFFF
    return high, number & ((1 << _LOW_BITS) - 1)


def _id_of(cursor: Cursor) -> UUID:
    high, low = cursor.moment_us, cursor.number
    number = (high >> 12) << 80 | _VERSION_7 | (high & 0xFFF) << 64 | _VARIANT | low
    return UUID(int=number & ((1 << 128) - 1))
