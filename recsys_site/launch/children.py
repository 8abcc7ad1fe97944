"""The processes of the platform: what `make run` starts, and how each one stops."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from recsys_site import embedded

# One request has one thread; more would only wait for each other.
_ONE_BLAS_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
_THREADS_THAT_SYNC = 4
SHARED_COUNTS = "PROMETHEUS_MULTIPROC_DIR"


@dataclass(frozen=True, kw_only=True)
class Child:
    """A process to keep running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    is_web: bool = False
    patience_seconds: float = 3
    nice: int = 0
    """Who has more of it gives way to the others where they share cores."""


def all_children(*, host: str, port: int, serve_port: int) -> list[Child]:
    """Return the processes in the order of their start."""
    return [
        desk(host=host, port=port),
        serve(host=host, port=serve_port),
        drainer(),
        worker(),
        beat(),
    ]


def counts_directory() -> Path:
    """Return where the processes leave their counts, of which the desk tells."""
    return embedded.state_directory() / "metrics"


def desk(*, host: str, port: int) -> Child:
    return Child(
        name="desk",
        command=_granian("wsgi", host=host, port=port, workers=2, threads=4),
        is_web=True,
        environment=_ONE_BLAS_THREAD | _counting(),
    )


def serve(*, host: str, port: int) -> Child:
    cores = os.cpu_count() or 1
    threads = threads_of_serve(os.environ.get("AUDIT_SYNC", ""))
    return Child(
        name="serve",
        command=_granian(
            "wsgi_serve", host=host, port=port, workers=cores, threads=threads
        ),
        is_web=True,
        environment=_ONE_BLAS_THREAD | _counting(),
    )


def threads_of_serve(audit_sync: str) -> int:
    """Return how many threads a process has that answers.

    One has nothing to wait for but the disk, where each answer waits until its decision
    is there: then others go on, and those that wait share one turn of it.
    """
    return _THREADS_THAT_SYNC if audit_sync == "host" else 1


def drainer() -> Child:
    return Child(
        name="drainer", command=(sys.executable, "manage.py", "drain_decisions")
    )


def worker() -> Child:
    return Child(
        name="worker",
        command=_celery(
            *("worker", "--queues", "builds,bulk,tuning,celery", "--concurrency", "2"),
            *("--without-mingle", "--without-gossip"),
        ),
        environment={"OPENBLAS_NUM_THREADS": "1"} | _counting(),
        patience_seconds=4,
        nice=10,
    )


def beat() -> Child:
    scheduler = "django_celery_beat.schedulers:DatabaseScheduler"
    command = _celery("beat", "--scheduler", scheduler)
    return Child(name="beat", command=command, nice=5)


def _counting() -> dict[str, str]:
    return {SHARED_COUNTS: str(counts_directory())}


def _granian(
    module: str, *, host: str, port: int, workers: int, threads: int
) -> Sequence[str]:
    return (
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
        *("--host", host, "--port", str(port), "--workers", str(workers)),
        *("--blocking-threads", str(threads), "--workers-kill-timeout", "2"),
        *("--respawn-failed-workers", "--respawn-interval", "0.5"),
        f"recsys_site.{module}:application",
    )


def _celery(*arguments: str) -> Sequence[str]:
    command = (sys.executable, "-m", "celery", "--app", "recsys_site")
    return (*command, *arguments, "--loglevel", "INFO")
