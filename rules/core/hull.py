"""The stretch from a rule's first window to its last, and when two rules meet in it."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from .recurrence import is_finite, occurrences
from .rule import Window
from .windows import DAY_US, FOR_EVER, LATEST, SINCE_EVER, instant_us, spans

_AHEAD_US = 366 * DAY_US
"""Recurring windows are compared so far ahead."""


class Hull(NamedTuple):
    """From the first opening to the last closing; None: there is none."""

    start_us: int | None
    end_us: int | None
    has_gaps: bool


def hull(windows: tuple[Window, ...]) -> Hull:
    """Return the stretch of time that holds all windows.

    Examples
    --------
    >>> from datetime import datetime
    >>> hull((Window(start=datetime(1970, 1, 2)),))
    Hull(start_us=86400000000, end_us=None, has_gaps=False)
    """
    if not windows:
        return Hull(None, None, has_gaps=False)
    start_us = min(_start(window) for window in windows)
    end_us = max(_end(window) for window in windows)
    return Hull(
        None if start_us == SINCE_EVER else start_us,
        None if end_us == FOR_EVER else end_us,
        has_gaps=len(windows) > 1 or windows[0].recurrence is not None,
    )


def meet_in_time(
    one: tuple[Window, ...], other: tuple[Window, ...], *, at_us: int
) -> bool:
    """Say whether two rules are in force together at some time from now on.

    Parameters
    ----------
    one, other : tuple of Window
    at_us : int
        What lies before does not count. Recurring windows are compared for a year.

    Examples
    --------
    >>> from datetime import datetime
    >>> before = (Window(end=datetime(2026, 1, 1)),)
    >>> after = (Window(start=datetime(2026, 1, 1)),)
    >>> meet_in_time(before, after, at_us=0), meet_in_time((), after, at_us=0)
    (False, True)
    """
    recurs = any(window.recurrence for window in (*one, *other))
    until_us = at_us + _AHEAD_US if recurs else FOR_EVER
    first = spans(one, since_us=at_us, until_us=until_us)
    second = spans(other, since_us=at_us, until_us=until_us)
    return any(
        max(a.start_us, b.start_us) < min(a.end_us, b.end_us)
        for a in first
        for b in second
    )


def overlap_within(windows: tuple[Window, ...]) -> tuple[int, int] | None:
    """Return the places of two windows of one rule that overlap, if any do.

    Recurring ones are left out: where they touch others is no mistake.

    >>> from datetime import datetime
    >>> overlap_within((Window(), Window(start=datetime(2026, 1, 1))))
    (0, 1)
    """
    bounds = [
        (_start(window), _end(window), place)
        for place, window in enumerate(windows)
        if window.recurrence is None
    ]
    ordered = sorted(bounds)
    for (_, end_us, place), (start_us, _, after) in pairwise(ordered):
        if start_us < end_us:
            return min(place, after), max(place, after)
    return None


def _start(window: Window) -> int:
    start = window.start
    return SINCE_EVER if start is None else instant_us(start, window.zone)


def _end(window: Window) -> int:
    if window.end is None:
        return FOR_EVER
    if window.recurrence is None or window.start is None:
        return instant_us(window.end, window.zone)
    if not is_finite(window.recurrence):
        return FOR_EVER
    lasts = window.end - window.start
    begun = occurrences(window.recurrence, start=window.start, until=LATEST)
    return max(
        (instant_us(each + lasts, window.zone) for each in begun), default=SINCE_EVER
    )
