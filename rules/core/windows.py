"""When rules are in force: wall clocks of zones, turned into instants.

All instants are microseconds since 1970. Local times are read as RFC 5545
(3.3.5) has it, which settles both changes of the clock:

- a local time that the clock skips in spring is read with the offset from
  before the change: 02:30 becomes what the clock then shows as 03:30;
- a local time that comes twice in autumn is its first coming.

An occurrence that recurs lasts from wall clock to wall clock, so that a window
from 09:00 to 17:00 is that every day, also when the clock changes in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from catalog.core.moments import from_microseconds, microseconds

from .recurrence import is_finite, occurrences
from .rule import Window

DAY_US = 86_400_000_000
SINCE_EVER = -(2**62)
FOR_EVER = 2**62

CHUNK_US = 64 * DAY_US
"""Occurrences are worked out and kept for so much time at once."""

FARTHEST_US = 10 * 366 * DAY_US
"""No edge is looked for beyond."""

LATEST = datetime(2300, 1, 1)  # noqa: DTZ001 (local, in whatever zone)
SLACK = timedelta(days=2)
"""More than any offset or change of a clock."""


class Span(NamedTuple):
    """A stretch of time: from an instant to the first instant after it."""

    start_us: int
    end_us: int


def instant_us(local: datetime, zone: str) -> int:
    """Return the instant at which a zone's wall clock shows a time.

    Raises
    ------
    zoneinfo.ZoneInfoNotFoundError
        If there is no such zone.

    Examples
    --------
    On 29 March 2026 clocks in Berlin jumped from 02:00 to 03:00:

    >>> skipped = instant_us(datetime(2026, 3, 29, 2, 30), "Europe/Berlin")
    >>> skipped == instant_us(datetime(2026, 3, 29, 3, 30), "Europe/Berlin")
    True
    """
    moment = local.replace(tzinfo=ZoneInfo(zone), fold=0)
    return microseconds(moment)


def local_time(at_us: int, zone: str) -> datetime:
    """Return what a zone's wall clock shows at an instant."""
    moment = from_microseconds(at_us)
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def is_in_force(windows: tuple[Window, ...], *, at_us: int) -> bool:
    """Say whether an instant lies in any of the windows; without any it does.

    >>> is_in_force((), at_us=0)
    True
    """
    return bool(spans(windows, since_us=at_us, until_us=at_us + 1))


def spans(
    windows: tuple[Window, ...], *, since_us: int, until_us: int
) -> tuple[Span, ...]:
    """Return when windows are in force within a stretch of time.

    Returns
    -------
    spans : tuple of Span
        Ascending and apart from each other, none beyond the stretch.
    """
    if not windows:
        return (Span(since_us, until_us),)
    found = {
        Span(max(span.start_us, since_us), min(span.end_us, until_us))
        for window in windows
        for span in _spans_of(window, since_us, until_us)
        if max(span.start_us, since_us) < min(span.end_us, until_us)
    }
    return tuple(_joined(sorted(found)))


def edges(windows: tuple[Window, ...], *, after_us: int, until_us: int) -> list[int]:
    """Return the instants in ``(after, until]`` at which it comes or goes."""
    within = spans(windows, since_us=after_us, until_us=until_us + 1)
    bounds = {bound for span in within for bound in span}
    return sorted(bounds - {after_us, until_us + 1})


def next_edge(windows: tuple[Window, ...], *, after_us: int) -> int | None:
    """Return the next instant at which it comes or goes, None if it never does.

    Examples
    --------
    >>> noon = Window(start=datetime(1970, 1, 1, 12))
    >>> next_edge((noon,), after_us=0) == 12 * 3_600_000_000
    True
    """
    lasts = [_last_edge(window) for window in windows]
    last = min(max(lasts, default=after_us), after_us + FARTHEST_US)
    since = after_us
    while since < last:
        found = edges(windows, after_us=since, until_us=min(since + CHUNK_US, last))
        if found:
            return found[0]
        since += CHUNK_US
    return None


def _joined(ordered: Iterable[Span]) -> Iterator[Span]:
    """Put together what touches."""
    current: Span | None = None
    for span in ordered:
        if current is not None and span.start_us <= current.end_us:
            current = Span(current.start_us, max(current.end_us, span.end_us))
            continue
        if current is not None:
            yield current
        current = span
    if current is not None:
        yield current


def _spans_of(window: Window, since_us: int, until_us: int) -> Iterable[Span]:
    if window.recurrence is None:
        return (_bounds(window),)
    return (
        span
        for chunk in range(since_us // CHUNK_US, (until_us - 1) // CHUNK_US + 1)
        for span in _recurring(window, chunk)
    )


@lru_cache(maxsize=20_000)
def _bounds(window: Window) -> Span:
    start, end, zone = window.start, window.end, window.zone
    return Span(
        SINCE_EVER if start is None else instant_us(start, zone),
        FOR_EVER if end is None else instant_us(end, zone),
    )


def _last_edge(window: Window) -> int:
    """Return an instant after which nothing changes any more."""
    if window.recurrence is None:
        return max(b for b in _bounds(window) if b < FOR_EVER)
    if window.start is None or window.end is None:
        return SINCE_EVER
    if not is_finite(window.recurrence):
        return FOR_EVER
    found = occurrences(window.recurrence, start=window.start, until=LATEST)
    lasts = window.end - window.start
    ends = (instant_us(begin + lasts, window.zone) for begin in found)
    return max(ends, default=SINCE_EVER)


@lru_cache(maxsize=20_000)
def _recurring(window: Window, chunk: int) -> tuple[Span, ...]:
    """Return the occurrences that lie in a chunk of time, if only partly."""
    since_us, until_us = chunk * CHUNK_US, (chunk + 1) * CHUNK_US
    if window.start is None or window.end is None or window.recurrence is None:
        return ()
    lasts = window.end - window.start
    first = local_time(since_us, window.zone) - lasts - SLACK
    found = (
        Span(
            instant_us(begin, window.zone),
            instant_us(begin + lasts, window.zone),
        )
        for begin in occurrences(
            window.recurrence,
            start=window.start,
            until=local_time(until_us, window.zone) + SLACK,
        )
        if begin >= first
    )
    return tuple(
        span
        for span in found
        if span.start_us < span.end_us
        and span.end_us > since_us
        and span.start_us < until_us
    )
