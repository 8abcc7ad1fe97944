"""Where a list stands: an opaque cursor that keeps its place while rows are added."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime

import msgspec

from catalog.core.moments import from_microseconds, microseconds

from .faults import refuse

MAX_OFFSET = 100_000
MAX_EXACT_TOTAL = 100_000
MAX_LIMIT = 1_000
DEFAULT_LIMIT = 100
_MAX_NUMBER = 2**63 - 1
_MAX_MICROSECONDS = 253_402_300_799_000_000


class Cursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The last row of the page before, by its sort key."""

    kind: str
    """Which list it belongs to."""
    moment_us: int
    number: int
    position: int
    """How many rows came before."""

    @property
    def moment(self) -> datetime:
        """The row's time."""
        return from_microseconds(self.moment_us)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a client asked to see of a list."""

    kind: str
    limit: int = DEFAULT_LIMIT
    offset: int = 0
    cursor: Cursor | None = None

    @property
    def position(self) -> int:
        """How many rows of the list come before the page."""
        return self.offset if self.cursor is None else self.cursor.position


def next_cursor(page: Page, *, moment: datetime, number: int, count: int) -> str:
    """Return the cursor behind a page of `count` rows that ends with the given one."""
    cursor = Cursor(
        kind=page.kind,
        moment_us=microseconds(moment),
        number=number,
        position=page.position + count,
    )
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def read_cursor(text: str, *, kind: str) -> Cursor:
    """Return what `next_cursor` wrote.

    Raises
    ------
    BadInputError
        `invalid_cursor` for anything else, or a cursor of another list.
    """
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        cursor = msgspec.json.decode(packed, type=Cursor)
    except (msgspec.DecodeError, binascii.Error, ValueError):
        raise _unreadable() from None
    if cursor.kind != kind or not _is_possible(cursor):
        raise _unreadable()
    return cursor


def _is_possible(cursor: Cursor) -> bool:
    return (
        0 <= cursor.moment_us <= _MAX_MICROSECONDS
        and 0 <= cursor.number <= _MAX_NUMBER
        and 0 <= cursor.position <= _MAX_NUMBER
    )


def _unreadable() -> Exception:
    return refuse(
        "invalid_cursor",
        "cursor must be the next_cursor of an earlier page of the same list.",
        field="cursor",
    )
