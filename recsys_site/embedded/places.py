"""The files of each embedded server. Computes paths, creates nothing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from . import state

POSTGRES_MAJOR = 18
# sun_path holds 108 bytes on Linux, 104 on macOS, and PostgreSQL appends to it.
_LONGEST_SOCKET_PATH = 100


@dataclass(frozen=True, kw_only=True)
class Place:
    """One server's files. `home` and `sockets` belong to the server's own account."""

    name: str
    home: Path
    sockets: Path
    throwaway: bool

    @property
    def directory(self) -> Path:
        return self.home.parent

    @property
    def lock(self) -> Path:
        return self.directory / f"{self.name}.lock"

    @property
    def settings(self) -> Path:
        return self.directory / f"{self.name}.conf"

    @property
    def log(self) -> Path:
        return self.directory / "logs" / f"{self.name}.log"


def postgres() -> Place:
    """Return the place of PostgreSQL, which all test sessions of a checkout share."""
    testing = state.testing()
    directory = state.test_directory() if testing else state.installation_directory()
    # Another major version starts in a directory of its own instead of failing in this.
    home = directory / f"pg{POSTGRES_MAJOR}"
    sockets = _short_enough(home / "socket", longest_name=".s.PGSQL.5432.lock")
    return Place(name="postgres", home=home, sockets=sockets, throwaway=testing)


def valkey() -> Place:
    """Return the place of Valkey, of which every test session has one."""
    home = state.state_directory() / "valkey"
    sockets = _short_enough(home / "socket", longest_name="valkey.sock")
    return Place(name="valkey", home=home, sockets=sockets, throwaway=state.testing())


def valkey_socket() -> Path:
    return valkey().sockets / "valkey.sock"


def _short_enough(directory: Path, *, longest_name: str) -> Path:
    if len(os.fsencode(directory / longest_name)) < _LONGEST_SOCKET_PATH:
        return directory
    # Not tempfile.gettempdir(): TMPDIR may differ between the processes that meet here.
    return Path("/tmp") / f"recsys-{os.geteuid()}-{state.short_hash(directory)}"  # noqa: S108
