"""All that a build of the signals reads, as values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .columns import ColumnFile
from .expressions import Window
from .parameters import SignalParameters, fingerprint

NO_SEGMENTS = pa.table(
    {"user_number": pa.array([], pa.int64()), "segment": pa.array([], pa.string())}
)


@dataclass(frozen=True, kw_only=True)
class SuppliedVectors:
    """Vectors that the client sent, by ascending item number."""

    numbers: NDArray[np.int64]
    vectors: NDArray[np.float16]
    """Shape (n, d)."""


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The data of one namespace as one transaction saw them."""

    items: pa.Table
    """As `catalog.queries.item_export` gives them."""
    event_files: list[str]
    event_schema: pa.Schema
    event_rows: int
    """In the files, before the window cuts."""
    last_ts_us: int
    window: Window
    segments: pa.Table = field(default_factory=lambda: NO_SEGMENTS)
    """Users (`user_number`) by the name of their `segment`."""
    supplied: SuppliedVectors | None = None

    @cached_property
    def events_fingerprint(self) -> str:
        """Equal for equal events of equal items. The moment counts if it cuts."""
        numbers = self.items["item_number"].to_numpy()
        cut = self.window.as_of_us if self.last_ts_us > self.window.as_of_us else None
        return fingerprint(
            [
                sorted(self.event_files),
                self.window.last_event_id,
                hashlib.sha256(numbers.tobytes()).hexdigest(),
                cut,
            ]
        )


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to build, how, and what earlier builds left to share."""

    sources: Sources
    parameters: SignalParameters
    threads: int
    training_threads: int | None = None
    """Fewer for training, whose threads spin while they wait for each other: at the
    cost of whatever else runs meanwhile."""

    known: Mapping[str, ColumnFile] = field(default_factory=dict)
    """By their inputs: column files that need not be made again."""

    warm: ColumnFile | None = None
    """Factors from which those of a large shop may start."""

    keep_solved: bool = False
    """Whether the solved item-to-item model is wanted whole, too: it is large."""
