from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from catalog.core.wire import ItemIn, UserIn
from catalog.operations.event_tables import EventTable

from .tally import Tally


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What some rows of a file become, stored in one transaction."""

    rows: int
    """How many rows of the step are done once this is stored."""

    read: float
    """Share of the step that is read, in [0, 1]."""

    items: Sequence[ItemIn] = ()
    users: Sequence[UserIn] = ()
    events: EventTable | None = None
    # When items first appeared, where the data tell: item id to µs since 1970.
    appeared_us: Mapping[str, int] = field(default_factory=dict)


class Step(Protocol):
    """One pass over a file. Its batches must be the same each time."""

    @property
    def name(self) -> str: ...

    @property
    def weight(self) -> float:
        """How much of the import's time it takes, relative to the other steps."""

    def batches(self, tally: Tally, *, skip: int) -> Iterator[Batch]:
        """Yield the batches after the first `skip` rows."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything an import will do, in order."""

    steps: Sequence[Step]
