"""How long a worker may be at one attempt of a Run."""

from __future__ import annotations

from dataclasses import dataclass


class RunTooLongError(Exception):
    """A Run has worked for longer than it may."""


@dataclass(frozen=True, kw_only=True)
class TimeLimit:
    """Seconds after which work is told to end, and after which it is killed.

    Between the two, work that did not hear is written down as failed: once its process
    is killed nobody could, and others would take it up again.
    """

    soft: float
    hard: float

    @property
    def written_off(self) -> float:
        return (self.soft + self.hard) / 2

    def in_words(self) -> str:
        return (
            f"A Run may work for {_duration(self.soft)}, and this one was not done by "
            f"then. Ask for less at once, or give the workers a higher "
            f"RECSYS_TASK_SOFT_LIMIT and RECSYS_TASK_HARD_LIMIT; then start it again."
        )


def _duration(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds:g} s"
