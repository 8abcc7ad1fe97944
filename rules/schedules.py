"""What rules want done again and again: name, task, and how often."""

from __future__ import annotations

from datetime import timedelta

SCHEDULES: tuple[tuple[str, str, timedelta], ...] = (
    (
        "Rules: have states follow windows and expiries",
        "rules.tasks.keep_states",
        timedelta(minutes=1),
    ),
    (
        "Rules: look whether anything needs attention, and tell it once",
        "rules.tasks.keep_incidents",
        timedelta(minutes=5),
    ),
    (
        "Rules: send what webhooks are to be told",
        "rules.tasks.send_webhooks",
        timedelta(seconds=30),
    ),
    (
        "Rules: drop alerts and messages of long ago",
        "rules.tasks.purge_alerts",
        timedelta(days=1),
    ),
)
