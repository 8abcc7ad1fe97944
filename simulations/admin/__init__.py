"""Checks in the admin: what a change does to shoppers, before it is published."""

from . import checks, evaluations, offpolicy

__all__ = ["checks", "evaluations", "offpolicy"]
