"""Namespaces that scenarios and simulations make for themselves."""

from __future__ import annotations

PRIVATE = "~"
"""How their names begin; names that are sent cannot."""


def is_private(name: str) -> bool:
    """Tell whether nobody but a rehearsal ever sees a namespace.

    >>> is_private("~0199a7c2"), is_private("demo")
    (True, False)
    """
    return name.startswith(PRIVATE)
