"""What may be wrong with the windows of a rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .faults import Fault
from .recurrence import RecurrenceError, check_start
from .rule import MAX_WINDOWS, Rule, Window
from .windows import instant_us

EARLIEST_YEAR = 1990
LATEST_YEAR = 2200
MAX_DAYS_RECURRING = 366


def window_faults(rule: Rule) -> Iterator[Fault]:
    """Return everything that is wrong with the windows of a rule."""
    if len(rule.windows) > MAX_WINDOWS:
        yield Fault("windows", f"must be at most {MAX_WINDOWS}")
        return
    for i, window in enumerate(rule.windows):
        for fault in _window(window):
            yield Fault(f"windows[{i}].{fault.field}", fault.message)


def _window(window: Window) -> Iterator[Fault]:
    try:
        ZoneInfo(window.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Fault("zone", f"must be an IANA zone; {window.zone!r} is none")
        return
    for field, moment in (("start", window.start), ("end", window.end)):
        if moment is not None and not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
            yield Fault(field, f"must lie in {EARLIEST_YEAR} to {LATEST_YEAR}")
            return
    if window.start is None and window.end is None:
        yield Fault("start", "or an end is required")
    elif window.start is not None and window.end is not None:
        yield from _order(window.start, window.end, zone=window.zone)
    if window.recurrence is not None:
        yield from _recurrence(window)


def _order(start: datetime, end: datetime, *, zone: str) -> Iterator[Fault]:
    if end <= start:
        yield Fault("end", "must be after the start")
    elif instant_us(end, zone) <= instant_us(start, zone):
        yield Fault(
            "end", f"is not after the start: clocks in {zone} change in between"
        )


def _recurrence(window: Window) -> Iterator[Fault]:
    if window.start is None or window.end is None:
        yield Fault("recurrence", "needs a start and an end, of the first occurrence")
        return
    if (window.end - window.start).days >= MAX_DAYS_RECURRING:
        yield Fault("end", f"must be within {MAX_DAYS_RECURRING} days of the start")
    try:
        check_start(window.recurrence or "", start=window.start)
    except RecurrenceError as error:
        yield Fault("recurrence", f"cannot be used: {error}")
