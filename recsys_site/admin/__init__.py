"""Admin pages of packages that are not ours: staff accounts and schedules."""

from . import schedules, staff

__all__ = ["schedules", "staff"]
