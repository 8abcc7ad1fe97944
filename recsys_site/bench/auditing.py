"""What it costs to keep every answer: throughput with the audit against without."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median

from audit import spool

from .latency import requests_for
from .load import Target, closed_loop
from .report import Figure
from .servers import Server, serving
from .shops import ORG, Shop, some_users

# Odd, so that there is a middle one. Of nine costs the second and the eighth enclose
# the true median in 96 of 100 cases, whatever they are distributed like.
ROUNDS = 9
SLICES_A_LOAD = 3
LEAD_SECONDS = 1.0
CLIENTS = 8
AUDITED = "recsys_site.wsgi_serve:application"
WITHOUT = "without audit"
WAYS = {
    WITHOUT: ("recsys_site.bench.unaudited:application", "process"),
    "AUDIT_SYNC=process": (AUDITED, "process"),
    "AUDIT_SYNC=host": (AUDITED, "host"),
}
_DRAINED_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Slice:
    """A few seconds of one way."""

    per_second: float
    cpu_us: float
    """CPU of the web processes, a request."""


def measure(shop: Shop, *, seconds: float, workers: int) -> list[Figure]:
    """Compare requests a second without the audit, with it, and with fdatasync.

    All three run at once and are asked by turns, for a few seconds each, so that what
    else the machine does hits each alike; a cost is that of one round's neighbours.
    The drainer runs meanwhile, as it does in production: its work is part of the cost.
    """
    with _drainer(), ExitStack() as stack:
        servers = {
            way: stack.enter_context(
                serving(application, workers=workers, AUDIT_SYNC=sync)
            )
            for way, (application, sync) in WAYS.items()
        }
        targets = {
            way: requests_for(
                shop.name, org=str(ORG), users=some_users(shop), port=server.port
            )
            for way, server in servers.items()
        }
        rounds = [
            {
                way: _slice(
                    targets[way],
                    servers[way],
                    seconds=seconds / SLICES_A_LOAD,
                    after_all_is_stored=way == WITHOUT,
                )
                for way in _rotated(list(WAYS), by=turn)
            }
            for turn in range(ROUNDS)
        ]
    return [*_rates(shop.name, rounds), *_costs(shop.name, rounds)]


def _rotated(ways: list[str], *, by: int) -> list[str]:
    start = by % len(ways)
    return ways[start:] + ways[:start]


def _slice(
    target: Target, server: Server, *, seconds: float, after_all_is_stored: bool
) -> Slice:
    if after_all_is_stored:
        # Else the drainer's work for others would be done at its cost.
        _wait_until_stored()
    closed_loop(target, clients=CLIENTS, seconds=LEAD_SECONDS)
    before = server.cpu_seconds()
    found = closed_loop(target, clients=CLIENTS, seconds=seconds)
    if found.failures or not found.seconds:
        raise RuntimeError(f"{found.failures} requests were not answered.")
    cpu = (server.cpu_seconds() - before) / len(found.seconds)
    return Slice(per_second=found.per_second(), cpu_us=cpu * 1e6)


def _wait_until_stored() -> None:
    until = time.monotonic() + _DRAINED_SECONDS
    while spool.state().n_segments:
        if time.monotonic() > until:
            raise RuntimeError("The drainer does not keep up.")
        time.sleep(0.1)


def _rates(section: str, rounds: Sequence[Mapping[str, Slice]]) -> Iterator[Figure]:
    for way in WAYS:
        rate = median(each[way].per_second for each in rounds)
        cpu = median(each[way].cpu_us for each in rounds)
        yield Figure(section=section, name=f"closed loop, {way}", value=rate, unit="/s")
        yield Figure(
            section=section, name=f"CPU a request, {way}", value=cpu, unit="µs"
        )


def _costs(section: str, rounds: Sequence[Mapping[str, Slice]]) -> Iterator[Figure]:
    for way in [way for way in WAYS if way != WITHOUT]:
        costs = sorted(
            100 * (1 - each[way].per_second / each[WITHOUT].per_second)
            for each in rounds
        )
        name = f"cost of the audit, {way}"
        yield Figure(
            section=section, name=name, value=median(costs), unit="%", goal="≤ 10"
        )
        for bound, cost in (("at least", costs[1]), ("at most", costs[-2])):
            yield Figure(section=section, name=f"{name}, {bound}", value=cost, unit="%")


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
