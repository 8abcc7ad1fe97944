"""What the catalog wants done again and again: name, task, and how often."""

from __future__ import annotations

from datetime import timedelta

SCHEDULES: tuple[tuple[str, str, timedelta], ...] = (
    (
        "Runs: send again what nobody took up",
        "catalog.tasks.resend_unclaimed_runs",
        timedelta(seconds=10),
    ),
    (
        "Catalog: give each month of events its partition",
        "catalog.tasks.empty_default_partition",
        timedelta(hours=6),
    ),
    (
        "Catalog: forget the ids of events sent long ago",
        "catalog.tasks.prune_event_keys",
        timedelta(days=1),
    ),
    (
        "Catalog: forget idempotency keys after their day",
        "catalog.tasks.prune_idempotency_records",
        timedelta(hours=1),
    ),
)
