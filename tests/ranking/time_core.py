"""Time the core by catalog size, without database and HTTP.

::

    OPENBLAS_NUM_THREADS=1 python -m tests.ranking.time_core 10000 100000 1000000
"""

from __future__ import annotations

import sys
import time

import numpy as np

from ranking.core.configuration import Configuration
from ranking.core.inputs import Inputs
from ranking.core.layers import Plan
from ranking.core.pipeline import rank
from ranking.core.reasons import reasons
from ranking.core.request import Request
from ranking.core.stopwatch import Stopwatch
from ranking.core.world import World
from tests.ranking.synthetic import make_synthetic_history, make_synthetic_snapshot
from tests.ranking.worlds import NOON_US

USERS = 200
REPEATS = 1000


def time_core(n_items: int) -> str:
    world = World.of(make_synthetic_snapshot(n_items))
    plan = Plan.of(Configuration())
    questions = [
        Inputs(
            request=Request(user_id="u", include_reasons=True),
            world=world,
            history=make_synthetic_history(world.snapshot, seed=user),
            plan=plan,
            at_us=NOON_US,
            seed=user,
        )
        for user in range(USERS)
    ]
    spent, watch = [], Stopwatch(time.perf_counter_ns)
    for i in range(USERS + REPEATS):
        before = time.thread_time_ns()
        ranking = rank(questions[i % USERS], watch=watch)
        reasons(ranking)
        spent.append(time.thread_time_ns() - before)
    p50, p99 = np.percentile(spent[USERS:], (50, 99)) / 1e6
    shares = sorted(watch.durations_ns.items(), key=lambda entry: -entry[1])
    each = ", ".join(f"{n} {ns / len(spent) / 1e3:.0f}" for n, ns in shares[:8])
    return (
        f"{n_items:>9,} items: CPU p50 {p50:.2f} ms, p99 {p99:.2f} ms; "
        f"pool {len(ranking.pool)}; µs: {each}\n"
    )


if __name__ == "__main__":
    for size in sys.argv[1:] or ["10000"]:
        sys.stdout.write(time_core(int(size)))
