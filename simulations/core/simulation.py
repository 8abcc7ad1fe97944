"""What a simulation is asked for, and what its report says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from .figures import Figures
from .forecast import Shifting
from .judging import Judged
from .limits import faults_of_limits
from .pages import Movement
from .scenarios.shops import ShopRequest

REPORT_VERSION = 1
type Skippable = Literal["reset", "seed", "quality", "scenarios"]
type StepName = Literal[
    "profile", "seed", "signals", "quality", "scenarios", "lists", "guardrails"
]
STEPS: tuple[StepName, ...] = (
    "profile",
    "seed",
    "signals",
    "quality",
    "scenarios",
    "lists",
    "guardrails",
)
type Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$")]
"""Names folders as well."""


class SimulationRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that decides a simulation: equal requests, equal figures."""

    customer: Name
    batch: str = ""
    profile: str | None = None
    """Which profile to try; None: the one in force."""

    shop: ShopRequest = ShopRequest()
    skip: tuple[Skippable, ...] = ()
    limits: Mapping[str, float] = {}
    """Stop-limits over those of guardrails.yml."""

    guardrails_file: str | None = None
    """Another guardrails.yml; an empty text: no file."""

    given: Mapping[str, str] = {}
    max_users: Annotated[int, Meta(ge=1)] | None = None
    """Evaluate so many users at most."""

    reports_dir: str | None = None

    def __post_init__(self) -> None:
        for name, fault in faults_of_limits(self.limits):
            raise ValueError(f"the limit {name} {fault}")


class StepRecord(Struct, frozen=True, kw_only=True):
    """What became of one step."""

    step: str
    state: Literal["done", "skipped", "failed", "not reached"]
    note: str = ""
    seconds: float = 0.0


class Tile(Struct, frozen=True, kw_only=True):
    """One figure of the proposal beside its base."""

    metric: str
    title: str
    base: float | None
    proposed: float | None
    difference: float | None
    low: float | None
    high: float | None
    users: int


class SegmentRow(Struct, frozen=True, kw_only=True):
    """How one segment fares: NDCG@10, and relative lifts over popularity."""

    segment: str
    users: int
    ndcg: float | None
    ndcg_lift: float | None
    ndcg_low: float | None
    ndcg_high: float | None
    mrr_lift: float | None
    gap: float | None = None
    """NDCG@10 less that of popularity, and its interval."""

    gap_low: float | None = None
    gap_high: float | None = None


class ScenarioRow(Struct, frozen=True, kw_only=True):
    """One scenario, without its evidence."""

    id: str
    name: str
    expected: str
    observed: str
    passed: bool


class Example(Struct, frozen=True, kw_only=True):
    """What one user would get, side by side."""

    user: str
    segment: str
    base: tuple[str, ...]
    proposed: tuple[str, ...]
    chosen: tuple[str, ...]
    """Of what is shown, what the user went for after the split."""


class Lists(Struct, frozen=True, kw_only=True):
    """What changes between the base's lists and the proposal's."""

    users: int
    movement: Movement
    before: Figures
    after: Figures
    items: Shifting
    brands: Shifting
    categories: Shifting
    examples: tuple[Example, ...]


class SimulationReport(Struct, frozen=True, kw_only=True):
    """All of a simulation."""

    version: int = REPORT_VERSION
    headline: str
    verdict: str
    customer: str
    namespace: str
    base: str
    """What the proposal is compared with, in words."""

    proposed: str
    inputs: Mapping[str, Any]
    split: Mapping[str, Any] = {}
    versions: Mapping[str, Any] = {}
    steps: tuple[StepRecord, ...]
    quality: str = ""
    """The evaluation's own headline."""

    tiles: tuple[Tile, ...] = ()
    segments: tuple[SegmentRow, ...] = ()
    scenarios: tuple[ScenarioRow, ...] = ()
    guardrails: tuple[Judged, ...] = ()
    lists: Lists | None = None
    notes: tuple[str, ...] = ()
    """What is assumed, and what the figures cannot tell."""
