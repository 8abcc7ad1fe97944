"""Start and stop Valkey. Callers hold the place's lock."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
from pathlib import Path

import psutil

from . import account, binaries, processes
from .failure import with_log
from .leash import leash
from .places import Place

_START_SECONDS = 20
_STOP_SECONDS = 5
_SOCKET = "valkey.sock"


def running(place: Place) -> bool:
    return _server(place) is not None


def answers(place: Place) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        try:
            connection.connect(str(place.sockets / _SOCKET))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def start(place: Place, *, leashed: bool) -> None:
    """Start the server that does not run. Leashed, it ends with this process."""
    account.give_directory(place.sockets)
    place.settings.write_text(_settings(place, daemonize=not leashed))
    command = [binaries.valkey(), place.settings]
    with place.log.open("ab") as log:
        server = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=leash(signal.SIGTERM) if leashed else None,  # noqa: PLW1509  # One thread.
            **account.process_options(),
        )
    if leashed:
        processes.adopt(server)
    elif server.wait() != 0:
        raise with_log("Valkey did not start.", log=place.log)
    processes.wait_until(
        lambda: answers(place) or (leashed and server.poll() is not None),
        seconds=_START_SECONDS,
    )
    if not answers(place):
        raise with_log("Valkey did not answer.", log=_server_log(place))


def stop(place: Place) -> None:
    server = _server(place)
    if server is None:
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        server.terminate()
        if not processes.wait_until(lambda: not running(place), seconds=_STOP_SECONDS):
            server.kill()


def _server(place: Place) -> psutil.Process | None:
    pid_file = place.home / "valkey.pid"
    return processes.server_in(place.home, name="valkey-server", pid_file=pid_file)


def _server_log(place: Place) -> Path:
    return place.home / "server.log"


def _settings(place: Place, *, daemonize: bool) -> str:
    settings = {
        "port": "0",
        "unixsocket": f'"{place.sockets / _SOCKET}"',
        "unixsocketperm": "700",
        "dir": f'"{place.home}"',
        "pidfile": f'"{place.home / "valkey.pid"}"',
        "logfile": f'"{_server_log(place)}"',
        "daemonize": "yes" if daemonize else "no",
        # Messages outlive a restart in the append-only file; snapshots add nothing.
        "save": '""',
        "appendonly": "no" if place.throwaway else "yes",
        "databases": "16",
    }
    return "".join(f"{name} {value}\n" for name, value in settings.items())
