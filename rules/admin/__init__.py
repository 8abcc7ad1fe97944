"""Pages on which merchandisers make, check, publish and take back rules."""

from . import change_sets, overrides, rules

__all__ = ["change_sets", "overrides", "rules"]
