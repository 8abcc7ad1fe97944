"""What simulations want done again and again: name, task, and how often."""

from __future__ import annotations

from datetime import timedelta

SCHEDULES: tuple[tuple[str, str, timedelta], ...] = (
    (
        "Guardrails: give each namespace a schedule of its own",
        "simulations.tasks.schedule_guardrails",
        timedelta(minutes=10),
    ),
    (
        "Simulations: remove files that killed ones left",
        "simulations.tasks.sweep_private",
        timedelta(minutes=10),
    ),
)
