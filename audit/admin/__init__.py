"""Traces, feedback and edits in the admin: what was answered, and who altered what."""

from . import decisions, edits, feedback, keeping

__all__ = ["decisions", "edits", "feedback", "keeping"]
