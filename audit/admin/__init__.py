"""Traces in the admin: what was answered, how it came about, what was dropped."""

from . import decisions

__all__ = ["decisions"]
