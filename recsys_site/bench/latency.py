"""How long an answer takes, and what it costs, measured against real processes."""

from __future__ import annotations

import json
from collections.abc import Sequence

from .load import Latencies, Target, closed_loop, open_loop, post
from .report import Figure
from .servers import Server, postgres_cpu_seconds, serving

RATES = (50, 100, 200, 300, 400)
GOALS = {300: "p50 < 5, p99 < 15"}


def requests_for(
    namespace: str, *, org: str, users: Sequence[str], port: int
) -> Target:
    """Return a target that asks for each user in turn, on two surfaces."""
    bodies = [
        json.dumps(
            {
                "namespace": namespace,
                "user_id": user,
                "k": 20,
                "surface": ("home", "pdp")[i % 2],
                "include_reasons": True,
            }
        ).encode()
        for i, user in enumerate(users)
    ]
    payloads = [
        post("/v1/recommendations", body, host="127.0.0.1", org=org) for body in bodies
    ]
    return Target(
        host="127.0.0.1",
        port=port,
        request=lambda n: payloads[n * 7919 % len(payloads)],
    )


def measure(
    namespace: str, *, org: str, users: Sequence[str], seconds: float, workers: int
) -> tuple[list[Figure], list[tuple[float, float, float]]]:
    """Measure latency over load, throughput and CPU per request of one namespace."""
    figures: list[Figure] = []
    curve: list[tuple[float, float, float]] = []
    application = "recsys_site.wsgi_serve:application"
    with serving(application, workers=workers) as server:
        target = requests_for(namespace, org=org, users=users, port=server.port)
        closed_loop(target, clients=4, seconds=min(5.0, seconds))
        for rate in RATES:
            result = open_loop(target, rate=rate, seconds=seconds, seed=rate)
            curve.append((rate, result.quantile_ms(0.5), result.quantile_ms(0.99)))
            figures += _latency_figures(namespace, result, rate=rate)
        figures += _throughput(namespace, target, server=server, seconds=seconds)
        figures.append(
            _figure(namespace, "memory of serve", server.memory_mib(), "MiB")
        )
    figures += _against_bare(
        figures, users=users, org=org, seconds=seconds, workers=workers
    )
    return figures, curve


def _figure(section: str, name: str, value: float, unit: str, goal: str = "") -> Figure:
    return Figure(section=section, name=name, value=value, unit=unit, goal=goal)


def _latency_figures(section: str, result: Latencies, *, rate: int) -> list[Figure]:
    prefix = f"open loop {rate}/s"
    goal = GOALS.get(rate, "")
    return [
        _figure(section, f"{prefix}, p50", result.quantile_ms(0.5), "ms", goal),
        _figure(section, f"{prefix}, p99", result.quantile_ms(0.99), "ms", goal),
        _figure(section, f"{prefix}, p99.9", result.quantile_ms(0.999), "ms"),
        _figure(section, f"{prefix}, not answered", result.failures, "requests", "0"),
    ]


def _throughput(
    section: str, target: Target, *, server: Server, seconds: float
) -> list[Figure]:
    app, database = server.cpu_seconds(), postgres_cpu_seconds()
    result = closed_loop(target, clients=8, seconds=seconds)
    count = max(1, len(result.seconds))
    app = (server.cpu_seconds() - app) / count * 1e6
    database = (postgres_cpu_seconds() - database) / count * 1e6
    return [
        _figure(section, "closed loop, 8 clients", result.per_second(), "/s", "≥ 700"),
        _figure(section, "closed loop, 8 clients, p99", result.quantile_ms(0.99), "ms"),
        _figure(section, "CPU a request, web process", app, "µs"),
        _figure(section, "CPU a request, PostgreSQL", database, "µs"),
    ]


def _against_bare(
    figures: Sequence[Figure],
    *,
    users: Sequence[str],
    org: str,
    seconds: float,
    workers: int,
) -> list[Figure]:
    """Run the bare view on the same machine, now, and compare CPU per request.

    With as many workers, since cores that share their units cost each other time.
    """
    section = figures[0].section
    ours = next(f.value for f in figures if f.name == "CPU a request, web process")
    with serving("recsys_site.bench.bare:application", workers=workers) as server:
        target = requests_for(section, org=org, users=users, port=server.port)
        closed_loop(target, clients=4, seconds=1)
        before = server.cpu_seconds()
        result = closed_loop(target, clients=8, seconds=min(5.0, seconds))
        bare = (server.cpu_seconds() - before) / max(1, len(result.seconds)) * 1e6
    return [
        _figure(section, "CPU a request, bare Django view", bare, "µs"),
        _figure(section, "whole path against the bare view", ours / bare, "×", "≤ 16"),
    ]
