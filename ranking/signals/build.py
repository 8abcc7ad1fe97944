"""All signals of one namespace, from its events to column files, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from ranking.training.ease import Solved
from ranking.training.matrix import Interactions, to_matrix

from . import expressions
from .columns import ColumnFile
from .content import content_inputs, content_space, content_vectors
from .engine import start_engine
from .models import make_ease, make_factors
from .sources import Plan
from .workbench import BUILD_VERSION, Facts, Progress, Workbench

__all__ = ["BUILD_VERSION", "Built", "build_columns", "most_events"]


@dataclass(frozen=True, kw_only=True)
class Built:
    """Every signal by name: its file, its table, and the seconds it took."""

    columns: dict[str, ColumnFile]
    tables: dict[str, pa.Table]
    seconds: dict[str, float]
    solved: tuple[Interactions, Solved] | None = None
    """The whole item-to-item model with its matrix, if that was wanted and made."""


def build_columns(plan: Plan, *, directory: Path, progress: Progress) -> Built:
    """Compute every signal of a plan, or take over what has not changed."""
    with start_engine(directory, threads=plan.threads) as engine:
        bench = Workbench(
            plan=plan, engine=engine, directory=directory, progress=progress
        )
        _items(bench)
        counted = _counted_events(bench)
        _popularity(bench, counted)
        _covisitation(bench, counted)
        _session(bench, counted)
        matrix = _interactions(bench, counted)
    make_factors(bench, matrix)
    make_ease(bench, matrix)
    sources = plan.sources
    bench.make(
        "content",
        content_inputs(sources),
        lambda: (content_vectors(sources), {"space": content_space(sources)}),
    )
    return Built(
        columns=bench.columns,
        tables=bench.tables,
        seconds=bench.seconds,
        solved=bench.solved,
    )


def _items(bench: Workbench) -> None:
    items = bench.plan.sources.items
    bench.make("items", [uuid4().hex], lambda: (items, {}))


def _counted_events(bench: Workbench) -> ir.Table:
    sources = bench.plan.sources
    numbers = bench.engine.table("items", sources.items.select(["item_number"]))
    events = bench.engine.files(sources.event_files, schema=sources.event_schema)
    return expressions.counted_events(
        events,
        numbers,
        weights=bench.plan.parameters.weights,
        window=sources.window,
    )


def _popularity(bench: Workbench, counted: ir.Table) -> None:
    sources, parameters = bench.plan.sources, bench.plan.parameters
    inputs = [sources.events_fingerprint, sources.window.as_of_us, parameters.weights]
    bench.make(
        "popularity",
        inputs,
        lambda: (bench.engine.run(expressions.popularity(counted)), {}),
    )
    half_life = parameters.trend_half_life_days
    bench.make(
        "trend",
        [*inputs, half_life],
        lambda: (
            bench.engine.run(expressions.trend(counted, half_life_days=half_life)),
            {},
        ),
    )
    named = sources.segments.to_pydict()

    def by_segment() -> tuple[pa.Table, Facts]:
        segments = bench.engine.table("segments", sources.segments)
        worth = expressions.worth_by_segment(counted, segments)
        members = bench.engine.keep("members", worth)
        found = bench.engine.run(expressions.segment_popularity(members))
        bench.engine.drop("members")
        return found, {}

    bench.make("segment_popularity", [*inputs, named], by_segment)


def _covisitation(bench: Workbench, counted: ir.Table) -> None:
    sources, parameters = bench.plan.sources, bench.plan.parameters

    def neighbours() -> tuple[pa.Table, Facts]:
        days = bench.engine.keep("days", expressions.item_days(counted))
        sizes = bench.engine.run(expressions.events_per_user(days))
        most = most_events(
            sizes["events"].to_numpy(),
            sizes["users"].to_numpy(),
            most=parameters.covis_most_events,
            budget=parameters.covis_pair_budget,
        )
        newest = expressions.newest(days, most_events=most)
        users = int(sizes["users"].to_numpy().sum())
        table = _neighbours(bench, newest, users=users)
        return table, {"events_per_user_cap": most, "users": users}

    names = [name for name in parameters.__struct_fields__ if name.startswith("covis")]
    knobs = [getattr(parameters, name) for name in names]
    inputs = [sources.events_fingerprint, parameters.weights, knobs]
    bench.make("covisitation", inputs, neighbours)


def _neighbours(bench: Workbench, newest: ir.Table, *, users: int) -> pa.Table:
    """Return each item's best neighbours; what is in between is not held together."""
    engine, parameters = bench.engine, bench.plan.parameters
    newest = engine.keep("newest", newest)
    engine.drop("days")
    pairs, masses = expressions.covisitation(newest, parameters=parameters)
    pairs, masses = engine.keep("pairs", pairs), engine.keep("masses", masses)
    engine.drop("newest")
    kept = expressions.neighbours(pairs, masses, parameters=parameters, users=users)
    table = engine.run(kept)
    engine.drop("pairs")
    return table


def most_events(
    events: np.ndarray[tuple[int], np.dtype[np.int64]],
    users: np.ndarray[tuple[int], np.dtype[np.int64]],
    *,
    most: int,
    budget: int,
) -> int:
    """Return how many events of each user may be paired within a budget of pairs.

    At least 2. `users[i]` is the number of users with `events[i]` item-days.

    >>> most_events(np.array([3, 100]), np.array([1, 1]), most=200, budget=48)
    10
    """
    low, high = 2, max(most, 2)
    while low < high:
        middle = (low + high + 1) // 2
        capped = np.minimum(events, middle)
        fits = int((users * capped * (capped - 1) // 2).sum()) <= budget
        low, high = (middle, high) if fits else (low, middle - 1)
    return low


def _session(bench: Workbench, counted: ir.Table) -> None:
    sources, parameters = bench.plan.sources, bench.plan.parameters
    minutes, most = parameters.session_window_minutes, parameters.session_neighbours
    expression = expressions.transitions(counted, window_minutes=minutes, most=most)
    bench.make(
        "session",
        [sources.events_fingerprint, parameters.weights, minutes, most],
        lambda: (bench.engine.run(expression), {}),
    )


def _interactions(bench: Workbench, counted: ir.Table) -> Interactions:
    """Write what users did themselves; return the matrix for the models."""
    sources, parameters = bench.plan.sources, bench.plan.parameters
    rows = bench.engine.keep(
        "interactions", expressions.interactions(counted, parameters=parameters)
    )
    inputs = [sources.events_fingerprint, sources.window.as_of_us, parameters.weights]
    most = parameters.repeat_most_items
    repeated = expressions.repeat(rows, most=most)
    bench.make(
        "repeat",
        [*inputs, parameters.repeat_half_life_days, most],
        lambda: (bench.engine.run(repeated), {}),
    )
    purchases = expressions.bought(rows)
    bench.make(
        "bought",
        [*inputs, parameters.purchase_types],
        lambda: (bench.engine.run(purchases), {}),
    )
    table = bench.engine.run(rows.order_by("user_number", "item_number"))
    return to_matrix(
        table["user_number"].to_numpy(),
        table["item_number"].to_numpy(),
        table["strength"].to_numpy(),
    )
