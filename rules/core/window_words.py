"""Windows of time in words: "from Fri 6 Nov 2026 09:00 (Europe/Berlin)"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from .rule import Window

_DAYS = {
    "MO": "Mon",
    "TU": "Tue",
    "WE": "Wed",
    "TH": "Thu",
    "FR": "Fri",
    "SA": "Sat",
    "SU": "Sun",
}
_UNITS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
_SAID_IN_WORDS = {"FREQ", "INTERVAL", "BYDAY"}


def windows_in_words(windows: Sequence[Window]) -> Iterator[str]:
    """Yield what a sentence says of a rule's windows; nothing for always.

    Examples
    --------
    >>> from datetime import datetime
    >>> day = Window(start=datetime(2026, 11, 27, 9), zone="Europe/Berlin")
    >>> list(windows_in_words([day]))
    ['from Fri 27 Nov 2026 09:00 (Europe/Berlin)']
    """
    told = [window_in_words(window) for window in windows]
    if told and all(told):
        yield " and ".join(told)


def window_in_words(window: Window) -> str:
    """Return one window in words, empty when it is open at both ends.

    >>> from datetime import datetime
    >>> window_in_words(Window(end=datetime(2026, 12, 1)))
    'until Tue 1 Dec 2026 00:00 (UTC)'
    >>> late = Window(start=datetime(2026, 11, 6, 18), end=datetime(2026, 11, 6, 22),
    ...               recurrence="FREQ=WEEKLY;BYDAY=FR")
    >>> window_in_words(late)
    'every Fri 18:00–22:00 from 6 Nov 2026 on (UTC)'
    """
    if window.recurrence is not None:
        return _recurring(window)
    parts = []
    if window.start is not None:
        parts.append(f"from {moment_in_words(window.start)}")
    if window.end is not None:
        parts.append(f"until {moment_in_words(window.end)}")
    return f"{' '.join(parts)} ({window.zone})" if parts else ""


def moment_in_words(moment: datetime) -> str:
    """Return a moment as a wall clock and a calendar show it.

    >>> from datetime import datetime
    >>> moment_in_words(datetime(2026, 11, 6, 9))
    'Fri 6 Nov 2026 09:00'
    """
    seconds = ":%S" if moment.second else ""
    return moment.strftime(f"%a {moment.day} %b %Y %H:%M{seconds}")


def _recurring(window: Window) -> str:
    start, end = window.start, window.end
    hours = f" {start:%H:%M}–{end:%H:%M}" if start and end else ""
    since = f" from {start.day} {start:%b %Y} on" if start else ""
    return f"{_rhythm(window.recurrence or '')}{hours}{since} ({window.zone})"


def _rhythm(recurrence: str) -> str:
    parts = dict(part.split("=", 1) for part in recurrence.split(";") if "=" in part)
    unit = _UNITS.get(parts.get("FREQ", ""))
    days = [_DAYS.get(day, "") for day in parts.get("BYDAY", "").split(",") if day]
    if unit is None or not all(days) or parts.keys() - _SAID_IN_WORDS:
        return f"again and again ({recurrence})"
    interval = parts.get("INTERVAL", "1")
    if interval != "1":
        rhythm = f"every {interval} {unit}s"
        return f"{rhythm} on {', '.join(days)}" if days else rhythm
    return f"every {', '.join(days)}" if days else f"every {unit}"
