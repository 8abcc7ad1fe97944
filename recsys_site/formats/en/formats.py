"""Dates as the rest of the admin writes them, and whose clock it is."""

from __future__ import annotations

DATE_FORMAT = SHORT_DATE_FORMAT = "D j M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = r"D j M Y H:i \U\T\C"
