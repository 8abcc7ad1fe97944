"""Checks in the admin: what a change does to shoppers, before it is published."""

from . import (
    checks,
    evaluations,
    guardrails,
    offpolicy,
    profile_checks,
    scenarios,
    simulations,
)

__all__ = [
    "checks",
    "evaluations",
    "guardrails",
    "offpolicy",
    "profile_checks",
    "scenarios",
    "simulations",
]
