"""What rules want done again and again: name, task, and how often."""

from __future__ import annotations

from datetime import timedelta

SCHEDULES: tuple[tuple[str, str, timedelta], ...] = (
    (
        "Rules: have states follow windows and expiries",
        "rules.tasks.keep_states",
        timedelta(minutes=1),
    ),
)
