"""How long a worker may be at a task."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured

from . import env


def task_limits() -> tuple[float, float]:
    """Return after how many seconds a task is told to end, and is killed."""
    soft = env.number("RECSYS_TASK_SOFT_LIMIT", default=17_400)
    hard = env.number("RECSYS_TASK_HARD_LIMIT", default=18_000)
    if not 0 < soft < hard:
        raise ImproperlyConfigured(
            f"RECSYS_TASK_SOFT_LIMIT ({soft:g}) must be above 0 and below "
            f"RECSYS_TASK_HARD_LIMIT ({hard:g}): a task is told to end before it is "
            f"killed. Change one of them."
        )
    return soft, hard
