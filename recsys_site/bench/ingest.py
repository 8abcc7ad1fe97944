"""How many events a second are stored: by the API in batches, and by an import."""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

from .load import Target, closed_loop, post
from .report import Figure
from .servers import postgres_cpu_seconds, serving

BATCH = 1_000
BATCHES_PREPARED = 200
USERS, ITEMS = 20_000, 5_000
_GOALS = {"events by API": "≥ 10,000", "import of": "≥ 60,000"}


def measure(namespace: str, *, org: str, seconds: float) -> list[Figure]:
    """Send batches of 1,000 events from two clients to one desk process."""
    with serving("recsys_site.wsgi:application", workers=1) as server:
        payloads = _payloads(namespace, org=org)
        target = Target(
            host="127.0.0.1",
            port=server.port,
            request=lambda n: payloads[n % len(payloads)],
        )
        closed_loop(target, clients=1, seconds=2)
        app, database = server.cpu_seconds(), postgres_cpu_seconds()
        result = closed_loop(target, clients=2, seconds=seconds)
        app = server.cpu_seconds() - app
        database = postgres_cpu_seconds() - database
    events = len(result.seconds) * BATCH
    return [
        _figure("events by API, batches of 1,000", events / result.elapsed, "/s"),
        _figure("batches that failed", result.failures, "batches"),
        _figure("CPU an event, web process", app / max(1, events) * 1e6, "µs"),
        _figure("CPU an event, PostgreSQL", database / max(1, events) * 1e6, "µs"),
    ]


def measure_import(file: Path, *, org: str) -> list[Figure]:
    """Import Online Retail into a namespace of its own: the command as a whole."""
    tenant = ("--org-id", org, "--namespace", f"import-{uuid4().hex[:8]}")
    zone = ("--time-zone", "Europe/London", "--currency", "GBP")
    before, started = _cpu_of_children(), time.perf_counter()
    report = _run(
        "import_dataset", "online_retail", str(file), *zone, *tenant, "--json"
    )
    seconds = time.perf_counter() - started
    cpu = _cpu_of_children() - before
    _run("reset_namespace", *tenant, "--force")
    events = json.loads(report)["events"]
    return [
        _figure("import of Online Retail, whole command", events / seconds, "/s"),
        _figure("CPU an event, the command", cpu / events * 1e6, "µs"),
    ]


def _run(*command: str) -> str:
    manage = [sys.executable, "manage.py", *command]
    return subprocess.run(manage, check=True, capture_output=True, text=True).stdout


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _figure(name: str, value: float, unit: str) -> Figure:
    goal = next((goal for start, goal in _GOALS.items() if name.startswith(start)), "")
    return Figure(section="ingest", name=name, value=value, unit=unit, goal=goal)


def _payloads(namespace: str, *, org: str) -> list[bytes]:
    draw = random.Random(7)  # noqa: S311  made-up events, no secret
    return [
        post("/v1/events:batch", _batch(namespace, draw), host="127.0.0.1", org=org)
        for _ in range(BATCHES_PREPARED)
    ]


def _batch(namespace: str, draw: random.Random) -> bytes:
    events = [
        {
            "user_id": f"user_{draw.randrange(USERS):05}",
            "item_id": f"item_{int(ITEMS * draw.random() ** 3):05}",
            "type": draw.choice((0, 0, 0, 1, 1, 2, 3)),
            "meta": {"surface": "home", "rank": draw.randrange(20)},
        }
        for _ in range(BATCH)
    ]
    return json.dumps({"namespace": namespace, "events": events}).encode()
