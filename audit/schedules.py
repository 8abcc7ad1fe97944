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
        "Audit: count answers and what came of them",
        "audit.tasks.keep_feedback",
        timedelta(seconds=15),
    ),
    (
        "Audit: drop counts that nobody compares with any more",
        "audit.tasks.purge_feedback",
        timedelta(days=1),
    ),
    (
        "Audit: forget the hashes of erased users",
        "audit.tasks.purge_erasures",
        timedelta(days=1),
    ),
)
