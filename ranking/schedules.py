"""What ranking wants done again and again: name, task, and how often."""

from __future__ import annotations

from datetime import timedelta

SCHEDULES: tuple[tuple[str, str, timedelta], ...] = (
    (
        "Signals: build what is due, also where no desk runs",
        "ranking.tasks.start_due_builds",
        timedelta(minutes=1),
    ),
    (
        "Signals: embed items whose words changed",
        "ranking.tasks.refresh_embeddings",
        timedelta(hours=1),
    ),
    (
        "Bandits: learn from feedback, and count decisions that earned nothing in time",
        "ranking.tasks.settle_bandits",
        timedelta(minutes=5),
    ),
    (
        "Signals: collect builds that nobody needs any more",
        "ranking.tasks.collect_builds",
        timedelta(hours=6),
    ),
)
