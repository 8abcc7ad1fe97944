"""What a request asks of the database that it can do without."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from .connection import at_most


def within_deadline[V](ask: Callable[[], V]) -> V:
    """Ask for as long as a ranking request has time, which is not long.

    Inside a transaction it takes as long as it takes: giving up would take that along.

    Raises
    ------
    OperationalError, InterfaceError
        If no answer came. What is asked next goes over a fresh connection.
    """
    if connection.in_atomic_block:
        return ask()
    try:
        with at_most(settings.REQUEST_DEADLINE_MS / 1000):
            return ask()
    except (OperationalError, InterfaceError):
        connection.close()
        raise
