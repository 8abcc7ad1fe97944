"""The demo installation: one org, one shop, one login for each role."""

from .configuration import configure
from .logins import make_logins
from .shop import build_if_none, is_untouched, make_namespace, seed_if_empty
from .steering import steer
from .visitors import let_visitors_in

__all__ = [
    "build_if_none",
    "configure",
    "is_untouched",
    "let_visitors_in",
    "make_logins",
    "make_namespace",
    "seed_if_empty",
    "steer",
]
