"""One test session's own state, and the throwaway servers that it runs against.

PostgreSQL is shared by all sessions of this checkout; the last one to end stops it.
Each session holds a lock on a file in its directory for as long as it lives, so that
whatever a killed session leaves behind is known for what it is. Valkey and the files
are the session's own.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from django.conf import settings
from filelock import FileLock, Timeout

from recsys_site import embedded
from recsys_site.embedded import account, state, supervisor

from . import distribution

SESSION = state.test_session()
# Named once and for all: a test may have changed the environment when this is removed.
_DIRECTORY = state.test_directory() / SESSION


@pytest.fixture(scope="session")
def test_servers() -> Iterator[None]:
    """Keep the servers running for the session."""
    _assert_throwaway()
    account.make_directory(_DIRECTORY)
    with _sessions_lock():
        alive = FileLock(_life_line(_DIRECTORY))
        alive.acquire(timeout=0)
        _remove_leftovers()
        _start_servers()
    yield
    with _sessions_lock():
        supervisor.stop([supervisor.VALKEY])
        alive.release()
        if not living_sessions():
            supervisor.stop([supervisor.POSTGRES])


@pytest.fixture(scope="session", autouse=True)
def static_root() -> None:
    """Make the folder of static files, whose absence the desk would warn of."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


def pytest_configure(config: pytest.Config) -> None:
    """Have processes that tests start belong to this session, and clean up after it.

    One that only hands tests out to others leaves each of them a session of its own.
    A session that is told to end does so as after Ctrl-C.
    """
    if not distribution.hands_out(config):
        os.environ["RECSYS_TEST_SESSION"] = SESSION
    # However quickly a test asks, it may read every trace.
    settings.AUDIT_TRACES_PER_SECOND = 0
    os.environ["AUDIT_TRACES_PER_SECOND"] = "0"
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)


def pytest_unconfigure() -> None:
    """Remove the session's files, which settings make even if no test wants servers."""
    shutil.rmtree(_DIRECTORY, ignore_errors=True)


def living_sessions() -> set[str]:
    """Return the names of the sessions whose process still runs."""
    directories = [path for path in state.test_directory().iterdir() if path.is_dir()]
    return {path.name for path in directories if _lives(path)}


def _assert_throwaway() -> None:
    assert embedded.testing(), (
        "These tests empty databases, so only pytest may run them."
    )


def _sessions_lock() -> FileLock:
    return FileLock(state.test_directory() / "sessions.lock")


def _life_line(session: Path) -> Path:
    return session / "alive.lock"


def _lives(session: Path) -> bool:
    if not _life_line(session).exists():
        return False
    try:
        with FileLock(_life_line(session), timeout=0):
            return False
    except Timeout:
        return True


def _start_servers() -> None:
    found = embedded.addresses()
    if found.postgres_embedded:
        supervisor.start_server(supervisor.POSTGRES, report=print, leashed=False)
    if found.redis_embedded:
        supervisor.start_server(supervisor.VALKEY, report=print, leashed=True)


def _remove_leftovers() -> None:
    for directory in state.test_directory().iterdir():
        if _is_session(directory) and not _lives(directory):
            shutil.rmtree(directory, ignore_errors=True)


def _is_session(directory: Path) -> bool:
    """Return whether this is a session's, and not of one that is only starting.

    Settings make the directory before the session can tie its life line.
    """
    name = directory.name
    if not name.isdecimal():
        return False  # The cluster and its log.
    return _life_line(directory).exists() or not psutil.pid_exists(int(name))
