"""Pages on which merchandisers make, check, publish and take back rules."""

from . import alerts, change_sets, overrides, rules, webhooks

__all__ = ["alerts", "change_sets", "overrides", "rules", "webhooks"]
