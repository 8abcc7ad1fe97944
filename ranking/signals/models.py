"""The signals that are learned: factors and EASE-R weights."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ranking.training.als import AlsSettings, ItemFactors, train_factors
from ranking.training.ease import solve_ease, strongest_weights
from ranking.training.matrix import Interactions

from .columns import ColumnFile, has_column, read_column
from .content import vector_table
from .workbench import Facts, Workbench


def make_factors(bench: Workbench, matrix: Interactions) -> None:
    plan, parameters = bench.plan, bench.plan.parameters
    is_large = matrix.strengths.nnz >= parameters.factor_warm_interactions
    warm = _factors_of(bench, plan.warm) if plan.warm and is_large else None
    settings = AlsSettings(
        dimensions=parameters.factor_dimensions,
        iterations=(
            parameters.factor_warm_iterations
            if is_large
            else parameters.factor_iterations
        ),
        regularization=parameters.factor_regularization,
        alpha=parameters.factor_alpha,
        seed=parameters.seed,
        threads=plan.training_threads or plan.threads,
    )

    def train() -> tuple[pa.Table, Facts]:
        if not matrix.strengths.nnz:
            nothing = np.zeros((0, settings.dimensions), dtype=np.float32)
            return vector_table(matrix.items, nothing, name="factor"), {}
        trained = train_factors(matrix, settings, warm=warm)
        facts: Facts = {
            "iterations": settings.iterations,
            "warm": int(warm is not None),
        }
        return vector_table(trained.items, trained.factors, name="factor"), facts

    knobs = [
        getattr(settings, name) for name in settings.__slots__ if name != "threads"
    ]
    bench.make(
        "factors",
        [plan.sources.events_fingerprint, parameters.weights, knobs],
        train,
    )


def _factors_of(bench: Workbench, column: ColumnFile) -> ItemFactors | None:
    if not has_column(bench.directory, column):
        return None
    table = read_column(bench.directory, column)
    factors = table["factor"].combine_chunks()
    width = factors.type.list_size
    return ItemFactors(
        items=table["item_number"].to_numpy(),
        factors=factors.flatten().to_numpy().reshape(-1, width),
    )


def make_ease(bench: Workbench, matrix: Interactions) -> None:
    sources, parameters = bench.plan.sources, bench.plan.parameters

    def train() -> tuple[pa.Table, Facts]:
        if not matrix.strengths.nnz or not parameters.ease_most_items:
            return _NO_NEIGHBOURS, {}
        solved = solve_ease(
            matrix,
            most_items=parameters.ease_most_items,
            penalty=parameters.ease_penalty,
        )
        if bench.plan.keep_solved:
            bench.solved = (matrix, solved)
        trained = strongest_weights(
            solved, weights_per_item=parameters.ease_weights_per_item
        )
        table = pa.table(
            [trained.items, trained.others, trained.weights],
            names=_NO_NEIGHBOURS.column_names,
        )
        return table, {"penalty": trained.penalty}

    names = [name for name in parameters.__struct_fields__ if name.startswith("ease")]
    knobs = [getattr(parameters, name) for name in names]
    inputs = [sources.events_fingerprint, parameters.weights, knobs]
    bench.make("ease", inputs, train)


_NO_NEIGHBOURS = pa.table(
    {
        "item_number": pa.array([], pa.int64()),
        "neighbour": pa.array([], pa.int64()),
        "score": pa.array([], pa.float32()),
    }
)
