"""Start what does not run, leave what does, stop what we are asked to."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Protocol

from filelock import FileLock

from . import account, databases, places, postgres, processes, valkey
from .addresses import DATABASE, addresses
from .failure import ServerError
from .places import Place
from .state import testing

POSTGRES = "PostgreSQL"
VALKEY = "Valkey"
_STARTING_SECONDS = 180


class _Server(Protocol):
    def running(self, place: Place) -> bool: ...
    def answers(self, place: Place) -> bool: ...
    def start(self, place: Place, *, leashed: bool) -> None: ...
    def stop(self, place: Place) -> None: ...


_SERVERS: dict[str, tuple[_Server, Callable[[], Place]]] = {
    POSTGRES: (postgres, places.postgres),
    VALKEY: (valkey, places.valkey),
}


def start(*, report: Callable[[str], None], leashed: bool = False) -> frozenset[str]:
    """Start the embedded servers that do not answer, and return their names.

    A leashed server ends with this process; otherwise it runs until `stop`.
    """
    started = {
        name
        for name in _embedded()
        if start_server(name, report=report, leashed=leashed)
    }
    # A test session makes databases of its own.
    if addresses().postgres_embedded and not testing():
        _ensure_database(places.postgres())
    return frozenset(started)


def running() -> bool:
    """Return whether every embedded server lives, without asking it anything."""
    servers = (_SERVERS[name] for name in _embedded())
    return all(server.running(find_place()) for server, find_place in servers)


def stop(names: Iterable[str] = (VALKEY, POSTGRES)) -> None:
    """Stop these embedded servers; what is configured elsewhere is not ours to stop."""
    embedded = _embedded()
    for name in names:
        server, find_place = _SERVERS[name]
        place = find_place()
        if name in embedded and place.home.is_dir():
            with FileLock(place.lock):
                server.stop(place)
    processes.reap()


def start_server(name: str, *, report: Callable[[str], None], leashed: bool) -> bool:
    """Start one server unless it answers, and return whether we did."""
    server, find_place = _SERVERS[name]
    place = find_place()
    if server.answers(place):
        return False
    account.make_directory(place.log.parent)
    with FileLock(place.lock):
        if server.running(place):
            # Another process started it a moment ago, or it is on its way out.
            processes.wait_until(
                lambda: server.answers(place) or not server.running(place),
                seconds=_STARTING_SECONDS,
            )
        if server.answers(place):
            return False
        report(f"Starting {name} in {place.home}")
        _give_home(place)
        server.start(place, leashed=leashed)
        return True


def _embedded() -> list[str]:
    found = addresses()
    return [
        *([POSTGRES] if found.postgres_embedded else []),
        *([VALKEY] if found.redis_embedded else []),
    ]


def _give_home(place: Place) -> None:
    account.give_directory(place.home)
    reachable = ["/bin/sh", "-c", 'test -w "$0"', str(place.home)]
    options = account.process_options()
    if subprocess.run(reachable, check=False, **options).returncode != 0:
        dropped_to = account.server_account()
        who = dropped_to.name if dropped_to else "this account"
        raise ServerError(
            f"The servers run as {who}, which cannot reach {place.home}."
            " Set RECSYS_STATE_DIR to a directory that everybody may pass."
        )


def _ensure_database(place: Place) -> None:
    """Create roles and the shop's database, unless this version of us already did."""
    roles = databases.Roles()
    with closing(postgres.connect(place)) as server:
        if databases.is_prepared(server, name=DATABASE):
            return
        with FileLock(place.lock):
            databases.create_roles(server, roles=roles)
            databases.create_database(server, name=DATABASE, roles=roles)
            with closing(postgres.connect(place, database=DATABASE)) as database:
                databases.prepare(database, roles=roles, for_tests=False)
