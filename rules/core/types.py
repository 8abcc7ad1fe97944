"""Rules as the ranking sees them, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

type Rows = NDArray[np.int64]
type Scores = NDArray[np.float64]


class Candidates(Protocol):
    """What rules may look at; row i of every column is the same candidate."""

    def __len__(self) -> int: ...

    @property
    def numbers(self) -> NDArray[np.int64]:
        """Shape (n,). Item numbers."""

    @property
    def id_rank(self) -> NDArray[np.float64]:
        """Shape (n,). Decides ties of score: the lower goes first."""

    def attribute(self, name: str) -> NDArray[Any]:
        """Return an item column by its name, such as ``brand``. Shape (n,)."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules in force for one surface, compiled."""

    rules: tuple[Mapping[str, Any], ...] = ()

    def __len__(self) -> int:
        return len(self.rules)

    @classmethod
    def empty(cls) -> Self:
        """Return the rules of a shop that has none."""
        return cls()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Candidates after BLOCK, FILTER, BOOST and BURY."""

    scores: Scores
    """Shape (n,)."""

    visible: NDArray[np.bool_]
    """Shape (n,). False where a rule hides the candidate."""

    reasons: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Position of a touched candidate to the reasons it owes to rules."""

    counts: Mapping[str, int] = field(default_factory=dict)
    """Policy counts by their names in the answer, where they are not 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """Candidates that have a fixed place on the page."""

    positions: Rows
    """Shape (p,). Which candidates."""

    slots: Rows
    """Shape (p,). Place of each on the page, from 1, without repeats, ascending."""

    @classmethod
    def none(cls) -> Self:
        """Return the pins of a page that has none."""
        nothing = np.empty(0, dtype=np.int64)
        return cls(positions=nothing, slots=nothing)

    def __len__(self) -> int:
        return len(self.positions)
