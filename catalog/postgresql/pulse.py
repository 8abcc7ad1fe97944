"""Whether PostgreSQL answers, as one thread of a web process feels it.

A server that died refuses. One that is frozen, or behind a dead network, says nothing:
whoever waits for it cannot tell it from one that works hard. So a connection of our own
asks for nothing, every half second and whenever somebody has waited for a while. When
even that answer is late, the statements of this process are given up and no other is
begun, until the answer comes.
"""

from __future__ import annotations

import os
import select
import threading
import time
from contextlib import closing

import psycopg
import structlog

from .target import target

log = structlog.get_logger(__name__)

PERIOD_SECONDS = 0.5
SILENCE_SECONDS = 0.5
_BETWEEN_TRIES_SECONDS = 0.25
_NOTHING = b"SELECT"
_UNREADY = ("starting up", "shutting down", "recovery mode")

_is_away = False
_returns = 0
_doubted = threading.Event()
_lock = threading.Lock()
_felt_in = 0


def is_away() -> bool:
    """Return whether PostgreSQL is known to give no answers now."""
    return _is_away


def returns() -> int:
    """Return how often PostgreSQL came back: connections from before may be broken."""
    return _returns


def doubt() -> None:
    """Have the pulse felt now: somebody waits for longer than usual."""
    _doubted.set()


def start() -> None:
    """Feel the pulse from now on, by one thread in each process. Returns at once."""
    global _felt_in  # noqa: PLW0603 a forked child starts its own
    with _lock:
        if _felt_in == os.getpid():
            return
        _felt_in = os.getpid()
    threading.Thread(target=_feel_forever, name="database pulse", daemon=True).start()


def _feel_forever() -> None:
    while True:
        try:
            connection = psycopg.connect(
                **target(), autocommit=True, application_name="recsys pulse"
            )
            with closing(connection):
                feel(connection)
        except (psycopg.Error, OSError) as error:
            _note(is_away=gives_no_answers(error), reason=str(error).strip())
        except Exception as error:
            # Without this thread nobody would ever learn that the database is back.
            log.exception("database_pulse_not_felt", exc_info=error)
            _note(is_away=False, reason="")
        time.sleep(_BETWEEN_TRIES_SECONDS)


def feel(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Ask again and again, until the connection breaks."""
    server = connection.pgconn
    poll = select.poll()
    poll.register(server.socket, select.POLLIN)
    while True:
        _doubted.clear()
        server.send_query(_NOTHING)
        while server.is_busy():
            if not poll.poll(SILENCE_SECONDS * 1000):
                # We go on waiting: a server that was frozen answers when it thaws.
                _note(is_away=True, reason="no answer")
                poll.poll()
            server.consume_input()
        while server.get_result() is not None:
            pass
        _note(is_away=False, reason="")
        _doubted.wait(PERIOD_SECONDS)


def gives_no_answers(error: Exception) -> bool:
    """Return whether a failure to connect means that nobody would be answered.

    A server that has no room for one more, or does not let this one in, goes on
    answering the others.
    """
    said = str(error)
    return "FATAL" not in said or any(words in said for words in _UNREADY)


def _note(*, is_away: bool, reason: str) -> None:
    global _is_away, _returns  # noqa: PLW0603 one process, one pulse
    if is_away and not _is_away:
        log.warning("database_away", reason=reason)
    elif _is_away and not is_away:
        _returns += 1
        log.warning("database_back")
    _is_away = is_away
