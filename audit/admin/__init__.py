"""Traces and edits in the admin: what was answered and why, who altered what."""

from . import decisions, edits

__all__ = ["decisions", "edits"]
