"""A thread that notices what other hosts changed.

On one host every change touches a file that each request looks at. Elsewhere one
thread per process asks for the change numbers of the namespaces in hand. It needs no
NOTIFY, which fails behind pgbouncer and serialises commits.
"""

from __future__ import annotations

import os
import threading
import time

import psycopg
import structlog
from django.conf import settings

from catalog.postgresql.target import target

from . import served

log = structlog.get_logger(__name__)

PERIOD_SECONDS = 0.2
_PAUSE_SECONDS = 2.0
_NUMBERS = "SELECT id, change_number FROM catalog_namespace WHERE id = ANY(%s)"

_lock = threading.Lock()
_started_in = 0


def ensure_watching() -> None:
    """Start the thread of this process, if it does not run yet."""
    global _started_in  # noqa: PLW0603 a forked child starts its own
    if _started_in == os.getpid():
        return
    with _lock:
        if _started_in == os.getpid():
            return
        _started_in = os.getpid()
    threading.Thread(target=_watch_forever, name="change-watch", daemon=True).start()


def _watch_forever() -> None:
    while True:
        try:
            with connect() as connection:
                while True:
                    compare(connection)
                    time.sleep(PERIOD_SECONDS)
        except psycopg.Error as error:
            log.info("change_watch_interrupted", reason=str(error).strip())
            time.sleep(_PAUSE_SECONDS)


def compare(connection: psycopg.Connection[tuple[int, int]]) -> None:
    """Mark each namespace whose change number is not the one in hand."""
    held = served.held_numbers()
    if not held:
        return
    for namespace_id, number in connection.execute(_NUMBERS, [list(held)]):
        if number != held[namespace_id]:
            served.look_again(namespace_id)


def connect() -> psycopg.Connection[tuple[int, int]]:
    address = target()
    if direct := settings.DATABASE_DIRECT_URL:
        address = {"conninfo": direct, "connect_timeout": 2}
    return psycopg.connect(**address, autocommit=True)
