"""What it costs to keep every answer: throughput with the audit against without."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from .latency import requests_for
from .load import closed_loop
from .report import Figure
from .servers import serving
from .shops import ORG, Shop, some_users

# Turns of all three, one after the other: what else the machine does hits each alike.
ROUNDS = 3
CLIENTS = 8
AUDITED = "recsys_site.wsgi_serve:application"
WAYS = {
    "without audit": ("recsys_site.bench.unaudited:application", "process"),
    "AUDIT_SYNC=process": (AUDITED, "process"),
    "AUDIT_SYNC=host": (AUDITED, "host"),
}


def measure(shop: Shop, *, seconds: float, workers: int) -> list[Figure]:
    """Compare requests a second without the audit, with it, and with fdatasync.

    The drainer runs meanwhile, as it does in production: its work is part of the cost.
    """
    found: dict[str, list[float]] = {way: [] for way in WAYS}
    with _drainer():
        for way in [way for _ in range(ROUNDS) for way in WAYS]:
            found[way].append(_per_second(shop, way, seconds=seconds, workers=workers))
    rates = {way: median(each) for way, each in found.items()}
    bare, *audited = rates
    return [
        Figure(section=shop.name, name=f"closed loop, {way}", value=rate, unit="/s")
        for way, rate in rates.items()
    ] + [
        Figure(
            section=shop.name,
            name=f"cost of the audit, {way}",
            value=100 * (1 - rates[way] / rates[bare]),
            unit="%",
            goal="≤ 10",
        )
        for way in audited
    ]


def _per_second(shop: Shop, way: str, *, seconds: float, workers: int) -> float:
    application, sync = WAYS[way]
    with serving(application, workers=workers, AUDIT_SYNC=sync) as server:
        target = requests_for(
            shop.name, org=str(ORG), users=some_users(shop), port=server.port
        )
        closed_loop(target, clients=CLIENTS, seconds=2)
        return closed_loop(target, clients=CLIENTS, seconds=seconds).per_second()


@contextmanager
def _drainer() -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "drain_decisions"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)
