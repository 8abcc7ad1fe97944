"""Start a web process for a measurement and read what it costs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from recsys_site.launch.children import threads_of_serve

START_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running granian with all its processes."""

    port: int
    process: psutil.Process

    def _all(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]

    def cpu_seconds(self) -> float:
        """Return user and system seconds that its processes have used so far."""
        times = [process.cpu_times() for process in self._all()]
        return sum(spent.user + spent.system for spent in times)

    def memory_mib(self) -> float:
        """Return the memory that is its own; mapped snapshots are shared."""
        return float(sum(p.memory_full_info().uss for p in self._all())) / 2**20


@contextmanager
def serving(application: str, *, workers: int, **environment: str) -> Iterator[Server]:
    """Run a WSGI application, with the platform's threads a process, on a free port."""
    port = _free_port()
    threads = threads_of_serve(environment.get("AUDIT_SYNC", ""))
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
            *("--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"),
            *("--workers", str(workers), "--blocking-threads", str(threads)),
            application,
        ],
        env={**os.environ, **environment},
    )
    try:
        _wait_for(port, process=process)
        yield Server(port=port, process=psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(timeout=30)


def postgres_cpu_seconds() -> float:
    """Return the CPU seconds of every PostgreSQL process of this machine so far."""
    total = 0.0
    for process in psutil.process_iter(["name", "cpu_times"]):
        if process.info["name"] == "postgres" and process.info["cpu_times"]:
            total += process.info["cpu_times"].user + process.info["cpu_times"].system
    return total


def backend_seconds() -> float:
    """Return the processor seconds of the server processes of our own connections."""
    return sum(_backend_seconds(connection) for connection in connections.all())


def _backend_seconds(connection: BaseDatabaseWrapper) -> float:
    if connection.connection is None:
        return 0.0
    times = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return int(times.read_text().split()[0]) / 1e9


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, *, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"The server on port {port} stopped while starting.")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"Nothing answered on port {port} within {START_SECONDS} s.")
