"""The first page of the day: what needs attention, figures, changes, where one was."""

from .page import Today, read_today

__all__ = ["Today", "read_today"]
