"""Reading that gives up in time."""

from __future__ import annotations

from collections.abc import Callable

from django.db import OperationalError, connection, transaction

_GIVEN_UP = "57014"  # query_canceled


def within[T](milliseconds: int, read: Callable[[], T]) -> T | None:
    """Return what is read, or None when the database takes longer than that."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {milliseconds:d}")
            found = read()
            cursor.execute("SET LOCAL statement_timeout = DEFAULT")
            return found
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != _GIVEN_UP:
            raise
        return None
