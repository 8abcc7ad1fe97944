"""What the audit wants done again and again: name, task, and how often."""

from __future__ import annotations

from datetime import timedelta

SCHEDULES: tuple[tuple[str, str, timedelta], ...] = (
    (
        "Audit: make the partitions of the next days",
        "audit.tasks.keep_partitions",
        timedelta(hours=1),
    ),
    (
        "Audit: drop decisions that nobody keeps any more",
        "audit.tasks.drop_expired",
        timedelta(hours=6),
    ),
    (
        "Audit: forget the hashes of erased users",
        "audit.tasks.purge_erasures",
        timedelta(days=1),
    ),
)
