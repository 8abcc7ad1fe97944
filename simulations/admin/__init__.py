"""Checks in the admin: what a change does to shoppers, before it is published."""

from . import checks

__all__ = ["checks"]
