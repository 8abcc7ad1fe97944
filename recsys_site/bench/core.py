"""How long the pure core takes, by catalog, with a full history and all stages on."""

from __future__ import annotations

import time

import numpy as np
from threadpoolctl import threadpool_limits

from ranking.core.configuration import Configuration
from ranking.core.inputs import Inputs
from ranking.core.layers import Plan
from ranking.core.overlay import Overlay
from ranking.core.pipeline import rank
from ranking.core.request import HISTORY_LIMIT, History, Request
from ranking.core.snapshot import Snapshot
from ranking.core.world import World
from ranking.operations.build_states import path_of
from ranking.signals.open import open_snapshot

from .report import Figure
from .shops import Shop, live_build

REQUESTS, WARM_UP = 1_000, 100
GOALS = {"ten-thousand": "≤ 0.9", "hundred-thousand": "≤ 1.3", "million": "≤ 1.8"}
HOUR_US = 3_600_000_000


def measure(shop: Shop) -> list[Figure]:
    """Rank for users with full histories, on one thread, without any I/O."""
    snapshot = open_snapshot(path_of(live_build(shop)))
    inputs = questions(snapshot)
    with threadpool_limits(1):
        seconds = np.array([seconds_of(each) for each in inputs])[WARM_UP:]
    return [
        Figure(
            section=shop.name,
            name=f"core rank(), {len(snapshot.numbers):,} items, {name}",
            value=float(np.quantile(seconds, q) * 1000),
            unit="ms",
            goal=GOALS.get(shop.name, "") if q == 0.5 else "",
        )
        for name, q in (("p50", 0.5), ("p99", 0.99))
    ]


def seconds_of(inputs: Inputs) -> float:
    """Return how long one ranking takes."""
    started = time.perf_counter()
    rank(inputs)
    return time.perf_counter() - started


def questions(snapshot: Snapshot) -> list[Inputs]:
    """Return questions of users with full histories."""
    draw = np.random.default_rng(11)
    world = World(snapshot, Overlay.empty(snapshot))
    plan = Plan.of(Configuration())
    return [
        Inputs(
            request=Request(
                user_id=f"user-{number}", surface="home", include_reasons=True
            ),
            world=world,
            history=_history(snapshot, draw),
            plan=plan,
            at_us=snapshot.as_of_us,
            seed=number,
        )
        for number in range(REQUESTS + WARM_UP)
    ]


def _history(snapshot: Snapshot, draw: np.random.Generator) -> History:
    """Return 50 events of one user of the snapshot, filled up with popular items."""
    user = int(draw.integers(max(1, len(snapshot.users))))
    own = snapshot.repeat.of(user)[0] if len(snapshot.users) else snapshot.numbers[:0]
    popular = snapshot.popularity_order[: 20 * HISTORY_LIMIT]
    rows = np.concatenate((own, draw.choice(popular, HISTORY_LIMIT)))[:HISTORY_LIMIT]
    count = len(rows)
    return History(
        event_ids=np.arange(count, 0, -1) + snapshot.last_event_id,
        numbers=snapshot.numbers[rows],
        types=draw.choice(np.array([0, 1, 2], dtype=np.int16), count),
        values=np.ones(count),
        ts_us=snapshot.as_of_us - np.arange(count) * HOUR_US,
        user_number=int(snapshot.users[user]) if len(snapshot.users) else None,
        known=True,
    )
