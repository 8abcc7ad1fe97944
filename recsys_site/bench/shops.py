"""The shops that are measured, each filled and built by the commands of the product."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil

from catalog.models import Event, Item, Namespace, User
from catalog.tenancy import org_scope
from ranking.models import BuildState, SignalBuild

from .report import Figure

ORG = UUID(int=0xBE)
RETAIL_FILE = Path("../shared/data/online_retail/online_retail.csv.gz")
POLL_SECONDS = 0.05
MOST_USERS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A namespace and the command that fills it."""

    name: str
    fill: Sequence[str]
    fill_goal: str = ""
    build_goal: str = ""


def _seeded(name: str, items: int, users: int, events: int, **goals: str) -> Shop:
    sizes = {"--items": items, "--users": users, "--events": events}
    arguments = [text for size, count in sizes.items() for text in (size, str(count))]
    return Shop(name=name, fill=("seed_dataset", *arguments), **goals)


SHOPS = {
    shop.name: shop
    for shop in (
        _seeded("demo", 320, 600, 40_000, build_goal="≤ 5 s with the wait"),
        Shop(
            name="retail",
            fill=(
                *("import_dataset", "online_retail", str(RETAIL_FILE)),
                *("--time-zone", "Europe/London", "--currency", "GBP"),
            ),
            fill_goal="≥ 60,000",
        ),
        _seeded("ten-thousand", 10_000, 20_000, 500_000, fill_goal="≥ 60,000"),
        _seeded("hundred-thousand", 100_000, 60_000, 2_000_000, fill_goal="≥ 60,000"),
        _seeded(
            *("million", 1_000_000, 300_000, 10_000_000),
            fill_goal="≥ 60,000",
            build_goal="≤ 120 s, ≤ 4 GB",
        ),
    )
}


def prepare(shop: Shop) -> list[Figure]:
    """Fill the shop and build its signals, unless that was done before."""
    tenant = ("--org-id", str(ORG), "--namespace", shop.name)
    figures: list[Figure] = []
    if not _exists(shop):
        seconds, _ = _timed(*shop.fill, *tenant)
        speed = count_events(shop) / seconds
        figures.append(
            Figure(
                section=shop.name,
                name="import, indexes in place, whole command",
                value=speed,
                unit="events/s",
                goal=shop.fill_goal,
            )
        )
    seconds, peak = _timed("build_signals", *tenant, "--wait")
    return [*figures, *_build_figures(shop, seconds=seconds, peak=peak)]


def require_built(shop: Shop) -> None:
    """Fill and build the shop, unless it is served already."""
    if _exists(shop):
        with org_scope(ORG):
            builds = SignalBuild.objects.filter(namespace=namespace_of(shop))
            if builds.filter(state=BuildState.LIVE).exists():
                return
    prepare(shop)


def namespace_of(shop: Shop) -> Namespace:
    return Namespace.objects.get(org_id=ORG, name=shop.name)


def live_build(shop: Shop) -> SignalBuild:
    with org_scope(ORG):
        return SignalBuild.objects.get(
            namespace=namespace_of(shop), state=BuildState.LIVE
        )


def count_events(shop: Shop) -> int:
    with org_scope(ORG):
        return Event.objects.filter(namespace=namespace_of(shop)).count()


def some_users(shop: Shop) -> list[str]:
    """Return ids of users, spread over all of them."""
    with org_scope(ORG):
        rows = User.objects.filter(namespace=namespace_of(shop)).order_by("id")
        step = max(1, rows.count() // MOST_USERS)
        return list(rows.values_list("user_id", flat=True)[::step][:MOST_USERS])


def _exists(shop: Shop) -> bool:
    return Namespace.objects.filter(org_id=ORG, name=shop.name).exists()


def _build_figures(shop: Shop, *, seconds: float, peak: float) -> list[Figure]:
    build = live_build(shop)
    with org_scope(ORG):
        items = Item.objects.filter(namespace=namespace_of(shop)).count()
    rows: list[tuple[str, float, str, str]] = [
        ("signal build, reading events to served", seconds, "s", shop.build_goal),
        ("signal build, peak memory", peak / 2**30, "GiB", ""),
        ("snapshot, bytes an item", build.bytes / max(1, items), "B", ""),
    ]
    rows += [
        (f"of which {name}", float(value), "s", "")
        for name, value in _phases(build.manifest)
    ]
    return [
        Figure(section=shop.name, name=name, value=value, unit=unit, goal=goal)
        for name, value, unit, goal in rows
    ]


def _phases(manifest: dict[str, Any]) -> list[tuple[str, float]]:
    phases: dict[str, float] = manifest.get("seconds", {})
    return sorted(phases.items(), key=lambda phase: -phase[1])[:8]


def _timed(*command: str) -> tuple[float, float]:
    """Run a command of the product. Return its seconds and its peak memory in bytes."""
    started = time.perf_counter()
    process = psutil.Popen([sys.executable, "manage.py", *command], env=os.environ)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, _memory_of(process))
        time.sleep(POLL_SECONDS)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return time.perf_counter() - started, peak


def _memory_of(process: psutil.Process) -> float:
    try:
        family = [process, *process.children(recursive=True)]
        return float(sum(member.memory_info().rss for member in family))
    except psutil.NoSuchProcess:
        return 0.0
