"""Everything that an answer depends on, besides the engine's version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .knobs import Value
from .layers import Plan
from .request import History, Request
from .world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """One question with all that answers it. Equal inputs, equal answers."""

    request: Request
    world: World
    """Snapshot and overlay."""

    history: History
    plan: Plan
    """The serving configuration, made ready."""

    at_us: int
    """The moment of the question, microseconds since 1970."""

    rules_at_us: int | None = None
    """The wall clock's instant, at which rules are in force or not; None: ``at_us``."""

    seed: int
    """Decides all draws of exploration; below 2**64."""

    arm: Mapping[str, Value] = field(default_factory=dict)
    """Knobs of the experiment's or bandit's arm."""
