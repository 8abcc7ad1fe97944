"""Recurrences of RFC 5545: when something begins again and again."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from datetime import datetime
from itertools import islice, takewhile

from dateutil.rrule import rrule, rrulestr

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
RANGES: Mapping[str, tuple[int, int]] = {
    "INTERVAL": (1, 1_000),
    "COUNT": (1, 10_000),
    "BYMONTH": (1, 12),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYHOUR": (0, 23),
    "BYSETPOS": (-366, 366),
}
"""Parts that are numbers, with the smallest and the largest."""

NOT_ZERO = ("BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS")
PARTS = ("FREQ", "UNTIL", "WKST", "BYDAY", *RANGES)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
SOME_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")


class RecurrenceError(ValueError):
    """A recurrence that cannot be read."""


def occurrences(recurrence: str, *, start: datetime, until: datetime) -> list[datetime]:
    """Return the local times at which something recurs.

    Parameters
    ----------
    recurrence : str
        Such as ``FREQ=WEEKLY;BYDAY=FR;COUNT=4``. An ``UNTIL`` is read on the
        clock of ``start``, with or without its ``Z``.
    start : datetime
        The first occurrence, without a zone.
    until : datetime
        The last moment of interest.

    Raises
    ------
    RecurrenceError
        If the recurrence cannot be read.

    Examples
    --------
    >>> friday = datetime(2026, 3, 6, 9)
    >>> until = datetime(2027, 1, 1)
    >>> weekly = occurrences("FREQ=WEEKLY;COUNT=2", start=friday, until=until)
    >>> [moment.day for moment in weekly]
    [6, 13]
    """
    parts = parse(recurrence)
    last = min(until, _last(parts) or until)
    moments = takewhile(lambda moment: moment <= last, _reader(parts, start))
    return list(islice(moments, int(parts["COUNT"]) if "COUNT" in parts else None))


def parse(recurrence: str) -> Mapping[str, str]:
    """Return the parts of a recurrence by name, in capitals.

    Raises
    ------
    RecurrenceError
        If it is none, or one that cannot be a window's.
    """
    text = recurrence.strip().upper().removeprefix("RRULE:")
    pairs = [part.partition("=") for part in text.split(";") if part]
    parts = {name: value for name, _, value in pairs}
    if len(parts) < len(pairs):
        raise RecurrenceError("a part is given twice")
    if parts.get("FREQ") not in FREQUENCIES:
        raise RecurrenceError(f"FREQ must be one of {', '.join(FREQUENCIES)}")
    if "COUNT" in parts and "UNTIL" in parts:
        raise RecurrenceError("COUNT and UNTIL exclude each other")
    if "BYSETPOS" in parts and parts["FREQ"] in ("DAILY", "WEEKLY"):
        raise RecurrenceError("BYSETPOS needs FREQ=MONTHLY or FREQ=YEARLY")
    for name, value in parts.items():
        _check_part(name, value)
    _last(parts)
    return parts


def is_finite(recurrence: str) -> bool:
    """Say whether a recurrence comes to an end.

    >>> is_finite("FREQ=DAILY;COUNT=3"), is_finite("FREQ=DAILY")
    (True, False)
    """
    return not parse(recurrence).keys().isdisjoint(("COUNT", "UNTIL"))


def _check_part(name: str, value: str) -> None:
    if name not in PARTS:
        raise RecurrenceError(f"{name} is not taken; known are {', '.join(PARTS)}")
    entries = value.split(",")
    if name == "BYDAY" and not all(map(SOME_DAY.fullmatch, entries)):
        raise RecurrenceError("BYDAY takes days such as MO or -1FR")
    if name == "WKST" and value not in WEEKDAYS:
        raise RecurrenceError("WKST takes a day such as MO")
    if name in RANGES:
        low, high = RANGES[name]
        is_one = name in ("INTERVAL", "COUNT")
        if (is_one and len(entries) > 1) or not all(
            _is_within(entry, low, high, is_zero_fine=name not in NOT_ZERO)
            for entry in entries
        ):
            raise RecurrenceError(f"{name} takes numbers from {low} to {high}")


def _is_within(entry: str, low: int, high: int, *, is_zero_fine: bool) -> bool:
    if not re.fullmatch(r"[+-]?\d{1,6}", entry):
        return False
    number = int(entry)
    return low <= number <= high and (number != 0 or is_zero_fine)


def _last(parts: Mapping[str, str]) -> datetime | None:
    """Return the last moment that the recurrence itself allows."""
    if "UNTIL" not in parts:
        return None
    text = parts["UNTIL"]
    try:
        moment = datetime.fromisoformat(text.removesuffix("Z"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None:
        raise RecurrenceError("UNTIL must be like 20261231T235959")
    # A day alone includes all of it.
    return moment if "T" in text else moment.replace(hour=23, minute=59, second=59)


def _reader(parts: Mapping[str, str], start: datetime) -> rrule:
    # How often and until when is for our caller to say: the library looks for
    # what never comes until the year 9999.
    apart = ("COUNT", "UNTIL")
    kept = [f"{name}={value}" for name, value in parts.items() if name not in apart]
    try:
        return rrulestr(";".join(kept), dtstart=start)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RecurrenceError(f"not a recurrence of RFC 5545: {error}") from error


def check_start(recurrence: str, *, start: datetime) -> None:
    """Refuse a recurrence whose first occurrence is not the start.

    Raises
    ------
    RecurrenceError

    Examples
    --------
    >>> check_start("FREQ=WEEKLY;BYDAY=FR", start=datetime(2026, 3, 5, 9))
    Traceback (most recent call last):
    rules.core.recurrence.RecurrenceError: it never falls on Thursday 5 March 2026 \
09:00, when the window starts
    """
    parts = parse(recurrence)
    # The second question may take long when the first is answered by no.
    is_first = _may_be(parts, start) and next(iter(_reader(parts, start))) == start
    last = _last(parts)
    if not is_first or (last is not None and last < start):
        day = f"{start:%A} {start.day} {start:%B %Y %H:%M}"
        raise RecurrenceError(f"it never falls on {day}, when the window starts")


def _may_be(parts: Mapping[str, str], moment: datetime) -> bool:
    """Say whether nothing in the single parts keeps a moment out."""
    days_in_month = calendar.monthrange(moment.year, moment.month)[1]
    days_in_year = 366 if calendar.isleap(moment.year) else 365
    day_of_year = moment.timetuple().tm_yday
    allowed = {
        "BYMONTH": {moment.month},
        "BYMONTHDAY": {moment.day, moment.day - days_in_month - 1},
        "BYYEARDAY": {day_of_year, day_of_year - days_in_year - 1},
        "BYHOUR": {moment.hour},
    }
    days = {entry[-2:] for entry in parts.get("BYDAY", "").split(",")} - {""}
    return (not days or WEEKDAYS[moment.weekday()] in days) and all(
        numbers & {int(entry) for entry in parts[name].split(",")}
        for name, numbers in allowed.items()
        if name in parts
    )
