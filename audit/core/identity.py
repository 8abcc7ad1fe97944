"""What a decision's id tells: when it was made, and the seed of its chance.

A decision id is a UUIDv7: its first 48 bits are Unix milliseconds, so that ids sort by
time and a stretch of time is a stretch of ids.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_MILLISECONDS = 2**48 - 1


def answered_at(decision_id: UUID) -> datetime:
    """Return the moment in a decision's id, in UTC, to the millisecond.

    Raises
    ------
    ValueError
        If the id is no UUIDv7 of the years that this program knows.

    Examples
    --------
    >>> answered_at(UUID("01890a5d-ac96-774b-bcce-b302099a8057")).isoformat()
    '2023-06-30T03:34:18.518000+00:00'
    """
    if decision_id.version != 7:
        raise ValueError(f"{decision_id} is not a UUIDv7")
    try:
        return _EPOCH + timedelta(milliseconds=decision_id.int >> 80)
    except OverflowError as error:
        raise ValueError(f"{decision_id} lies beyond the year 9999") from error


def day_of(decision_id: UUID) -> date:
    """Return the UTC day under which a decision is stored.

    Raises
    ------
    ValueError
        As :func:`answered_at` does.
    """
    return answered_at(decision_id).date()


def first_id_at(at: datetime) -> UUID:
    """Return the lowest id that a decision of this moment or later can have.

    Examples
    --------
    >>> first_id_at(datetime(2023, 6, 30, 3, 34, 18, 518000, tzinfo=UTC))
    UUID('01890a5d-ac96-0000-0000-000000000000')
    """
    # Rounded up: a decision of the same millisecond may have come before `at`.
    since = (at - _EPOCH + timedelta(microseconds=999)) // timedelta(milliseconds=1)
    return UUID(int=min(max(since, 0), _MAX_MILLISECONDS) << 80)


def first_id_of_day(day: date) -> UUID:
    """Return the lowest id that a decision of this UTC day can have.

    Examples
    --------
    >>> first_id_of_day(date(1970, 1, 2))
    UUID('00000526-5c00-0000-0000-000000000000')
    """
    return first_id_at(datetime.combine(day, time.min, UTC))


def seed_of(decision_id: bytes) -> int:
    """Return the seed from which all chance of a decision is drawn, in [0, 2**64).

    Examples
    --------
    >>> seed_of(bytes(16))
    3983162290893594069
    """
    return int.from_bytes(hashlib.sha256(decision_id).digest()[:8])
