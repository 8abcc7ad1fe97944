"""Where one build makes its column files, or finds that it need not."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from ranking.training.ease import Solved
from ranking.training.matrix import Interactions

from .columns import ColumnFile, has_column, read_column, write_column
from .engine import Engine
from .parameters import fingerprint
from .sources import Plan

# Raised when the same inputs would give other column files.
BUILD_VERSION = 1

type Progress = Callable[[float, str], None]
type Facts = dict[str, int | float | str]
type Maker = Callable[[], tuple[pa.Table, Facts]]


@dataclass(kw_only=True)
class Workbench:
    """One build at work: its plan, engine, files so far and how long each took."""

    plan: Plan
    engine: Engine
    directory: Path
    progress: Progress
    columns: dict[str, ColumnFile] = field(default_factory=dict)
    tables: dict[str, pa.Table] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    solved: tuple[Interactions, Solved] | None = None
    """The matrix and the model made of it, if the plan wants to keep them."""

    def make(
        self,
        name: str,
        inputs: Sequence[object],
        maker: Callable[[], tuple[pa.Table, Facts]],
    ) -> None:
        """Write a column file, or take the one known to have the same inputs."""
        started = time.perf_counter()
        self.progress(_SHARE_DONE[name], f"Computing {name.replace('_', ' ')}")
        inputs_hash = fingerprint([BUILD_VERSION, name, *inputs])
        known = self.plan.known.get(inputs_hash)
        if known and has_column(self.directory, known):
            self.columns[name] = known
            self.tables[name] = read_column(self.directory, known)
        else:
            table, facts = maker()
            self.tables[name] = table
            self.columns[name] = write_column(
                table, self.directory, inputs=inputs_hash, facts=facts
            )
        self.seconds[name] = round(time.perf_counter() - started, 3)


# What part of the work lies before each signal, as measured on ten million events.
_SHARE_DONE = {
    "items": 0.05,
    "popularity": 0.08,
    "trend": 0.11,
    "segment_popularity": 0.12,
    "covisitation": 0.16,
    "session": 0.34,
    "repeat": 0.42,
    "bought": 0.46,
    "factors": 0.48,
    "ease": 0.75,
    "content": 0.85,
}
