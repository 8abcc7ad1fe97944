"""Start and stop PostgreSQL. Callers hold the place's lock."""

from __future__ import annotations

import shlex
import signal
import subprocess
from pathlib import Path
from typing import IO

import psutil
import psycopg

from . import account, binaries, postgres_settings, processes
from .failure import with_log
from .leash import leash
from .places import Place

SUPERUSER = "postgres"
# Crash recovery replays at most max_wal_size, and a laptop's disk may be busy.
_START_SECONDS = 180
_STOP_SECONDS = 10
_ORPHANS_SECONDS = 15


def running(place: Place) -> bool:
    """Return whether the postmaster lives; it may still be starting or stopping."""
    return _postmaster(place) is not None


def answers(place: Place) -> bool:
    try:
        connect(place).close()
    except psycopg.OperationalError:
        return False
    return True


def connect(
    place: Place, *, database: str = "postgres"
) -> psycopg.Connection[tuple[object, ...]]:
    """Connect as the superuser, to what only the supervisor does."""
    return psycopg.connect(
        host=str(place.sockets),
        user=SUPERUSER,
        dbname=database,
        connect_timeout=10,
        autocommit=True,
    )


def start(place: Place, *, leashed: bool) -> None:
    """Start the server that does not run. Leashed, it ends with this process."""
    _initialise(place)
    _forget_dead_postmaster(place)
    account.give_directory(place.sockets)
    place.settings.write_text(postgres_settings.text(place))
    with place.log.open("ab") as log:
        begin = _begin_leashed if leashed else _begin_detached
        started = begin(place, log=log)
    if not started:
        raise with_log("PostgreSQL did not start.", log=place.log)


def stop(place: Place) -> None:
    if not running(place):
        return
    for mode in ("fast", "immediate"):
        if _pg_ctl(place, "stop", "-m", mode, "-t", str(_STOP_SECONDS)).returncode == 0:
            return
    raise with_log("PostgreSQL did not stop.", log=place.log)


def _data(place: Place) -> Path:
    return place.home / "data"


def _postmaster(place: Place) -> psutil.Process | None:
    data = _data(place)
    return processes.server_in(data, name="postgres", pid_file=data / "postmaster.pid")


def _initialise(place: Place) -> None:
    """Create the cluster once; a half-made one never gets the name `data`."""
    data = _data(place)
    if data.is_dir():
        return
    unfinished = place.home / "data.tmp"
    # As the servers' account, which owns what an earlier, interrupted try left.
    _run("rm", "-rf", str(unfinished), place=place)
    command = [
        *(str(binaries.postgres("initdb")), "--pgdata", str(unfinished)),
        *("--username", SUPERUSER, "--auth", "trust", "--encoding", "UTF8"),
        # The same order of text on every system, whatever its C library says.
        *(
            "--locale",
            "C",
            "--locale-provider",
            "builtin",
            "--builtin-locale",
            "C.UTF-8",
        ),
        "--no-instructions",
        *(("--no-sync", "--no-data-checksums") if place.throwaway else ()),
    ]
    if _run(*command, place=place).returncode != 0:
        raise with_log("PostgreSQL's initdb failed.", log=place.log)
    _run("mv", str(unfinished), str(data), place=place)


def _forget_dead_postmaster(place: Place) -> None:
    """Remove the PID files of a killed postmaster, once its last backend is gone.

    PostgreSQL would refuse to start while the PID exists, be it a zombie's or by now
    another program's; and backends that outlive the postmaster still write to the data.
    """
    data = _data(place)
    if not processes.wait_until(
        lambda: not processes.working_in(data, name="postgres"),
        seconds=_ORPHANS_SECONDS,
    ):
        pids = [process.pid for process in processes.working_in(data, name="postgres")]
        raise with_log(
            f"PostgreSQL was killed, but its processes {pids} still run. End them.",
            log=place.log,
        )
    (data / "postmaster.pid").unlink(missing_ok=True)
    (place.sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)


def _settings_option(place: Place) -> str:
    # Ours lie outside the data: root does not write where the servers' account rules.
    return f"--config-file={place.settings}"


def _begin_detached(place: Place, *, log: IO[bytes]) -> bool:
    options = ("-t", str(_START_SECONDS), "-o", shlex.quote(_settings_option(place)))
    return _pg_ctl(place, "start", *options, output=log).returncode == 0


def _begin_leashed(place: Place, *, log: IO[bytes]) -> bool:
    server = subprocess.Popen(
        [binaries.postgres("postgres"), "-D", _data(place), _settings_option(place)],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        preexec_fn=leash(signal.SIGINT),  # noqa: PLW1509  # The launcher has one thread.
        **account.process_options(),
    )
    processes.adopt(server)
    processes.wait_until(
        lambda: server.poll() is not None or answers(place), seconds=_START_SECONDS
    )
    return server.poll() is None and answers(place)


def _pg_ctl(
    place: Place, *arguments: str, output: IO[bytes] | int = subprocess.DEVNULL
) -> subprocess.CompletedProcess[bytes]:
    program = str(binaries.postgres("pg_ctl"))
    command = [program, *arguments, "--wait", "--silent", "--pgdata", str(_data(place))]
    return subprocess.run(
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        **account.process_options(),
    )


def _run(*command: str, place: Place) -> subprocess.CompletedProcess[bytes]:
    with place.log.open("ab") as log:
        return subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **account.process_options(),
        )
