"""A rule's windows as rows of a form: wall clocks of a named zone, never the browser's.

Each row has a beginning, an end, a zone and a rhythm. A row without both ends is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from zoneinfo import available_timezones

from django.http import QueryDict

from rules.core.rule import Window

OTHER = "other"
ONCE = ""
RHYTHMS: Mapping[str, str] = {
    ONCE: "Once",
    "FREQ=DAILY": "Every day",
    "FREQ=WEEKLY": "Every week, on that day",
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR": "Monday to Friday",
    "FREQ=WEEKLY;BYDAY=SA,SU": "Saturday and Sunday",
    "FREQ=MONTHLY": "Every month, on that date",
    OTHER: "Another rhythm …",
}


@dataclass(frozen=True, kw_only=True)
class WindowRow:
    """One window as its fields hold it, with what is wrong with them."""

    start: str = ""
    end: str = ""
    zone: str = "UTC"
    rhythm: str = ONCE
    recurrence: str = ""
    error: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.start or self.end)

    @property
    def rule_text(self) -> str | None:
        chosen = self.recurrence if self.rhythm == OTHER else self.rhythm
        return chosen.strip() or None


def rows_from(windows: Sequence[Window], *, zone: str) -> list[WindowRow]:
    """Return the rows that show windows; one empty row where there are none."""
    return [_row(window) for window in windows] or [WindowRow(zone=zone)]


def rows_sent(sent: QueryDict) -> list[WindowRow]:
    columns = ("start", "end", "zone", "rhythm", "recurrence")
    lists = [sent.getlist(f"window_{name}") for name in columns]
    longest = min((len(each) for each in lists), default=0)
    return [
        WindowRow(
            **{
                name: each[place].strip()
                for name, each in zip(columns, lists, strict=True)
            }
        )
        for place in range(longest)
    ]


def read_windows(
    rows: Sequence[WindowRow],
) -> tuple[tuple[Window, ...], list[WindowRow]]:
    """Return the windows that the rows say, and the rows with what is wrong."""
    windows: list[Window] = []
    shown: list[WindowRow] = []
    for row in rows:
        try:
            window = None if row.is_empty else _window(row)
        except ValueError:
            words = "Give day and time, such as 2026-11-27T09:00."
            shown.append(replace(row, error=words))
            continue
        shown.append(row)
        if window is not None:
            windows.append(window)
    return tuple(windows), shown


def with_error(rows: Sequence[WindowRow], number: int, message: str) -> list[WindowRow]:
    """Say what is wrong with the window of a number, not counting empty rows."""
    filled = [place for place, row in enumerate(rows) if not row.is_empty]
    place = filled[number] if number < len(filled) else 0
    return [
        replace(row, error=message) if at == place else row
        for at, row in enumerate(rows)
    ]


@cache
def zones() -> Sequence[str]:
    return sorted(
        name for name in available_timezones() if "/" in name or name == "UTC"
    )


def _row(window: Window) -> WindowRow:
    text = window.recurrence or ONCE
    return WindowRow(
        start=_shown(window.start),
        end=_shown(window.end),
        zone=window.zone,
        rhythm=text if text in RHYTHMS else OTHER,
        recurrence="" if text in RHYTHMS else text,
    )


def _window(row: WindowRow) -> Window:
    return Window(
        start=_moment(row.start),
        end=_moment(row.end),
        zone=row.zone or "UTC",
        recurrence=row.rule_text,
    )


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    found = datetime.fromisoformat(text)
    if found.tzinfo is not None:
        raise ValueError("The zone stands in a field of its own.")
    return found


def _shown(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat(timespec="minutes")
