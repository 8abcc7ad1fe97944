"""Moments as the platform counts them: whole microseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """Return an aware moment in microseconds since 1970, exactly.

    Examples
    --------
    >>> microseconds(datetime(1970, 1, 2, tzinfo=UTC))
    86400000000
    """
    since = moment - _EPOCH
    # Faster than dividing one duration by another.
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def from_microseconds(since_us: int) -> datetime:
    """Return the moment, in UTC, of microseconds since 1970.

    Raises
    ------
    OverflowError
        If it lies outside the years 1 to 9999.

    Examples
    --------
    >>> from_microseconds(86_400_000_001).isoformat()
    '1970-01-02T00:00:00.000001+00:00'
    """
    return _EPOCH + since_us * _MICROSECOND


def on_the_clock(moment: datetime, zone: str) -> str:
    """Return, for sentences, what the wall clock of an IANA zone shows.

    Examples
    --------
    >>> on_the_clock(datetime(2026, 7, 1, 8, tzinfo=UTC), "Europe/London")
    'Wed 1 Jul 09:00 (Europe/London)'
    """
    return f"{moment.astimezone(ZoneInfo(zone)):%a %-d %b %H:%M} ({zone})"
