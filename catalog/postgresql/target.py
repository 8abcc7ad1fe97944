"""How to reach the database, for connections that are not Django's."""

from __future__ import annotations

from typing import Any

from django.db import connections

# What Django adds for itself.
_DJANGOS = frozenset({"context", "cursor_factory", "prepare_threshold"})


def target() -> dict[str, Any]:
    """Return the parameters of psycopg's `connect`, Django's time limits among them."""
    parameters = connections["default"].get_connection_params()
    return {name: parameters[name] for name in parameters if name not in _DJANGOS}
