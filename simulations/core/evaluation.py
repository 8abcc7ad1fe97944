"""What is evaluated, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from .baselines import NAMES
from .bootstrap import Figure
from .splits import Split

SYSTEM = "system"
"""The name of what is evaluated, among the models of a report."""

type Task = Literal["served", "all", "new"]


class EvaluationSpec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that decides an evaluation beside the data: equal specs, equal figures."""

    name: Annotated[str, Meta(max_length=200)] = ""
    split: Split = Split()
    task: Task = "served"
    """What may be recommended: what serving would show; everything; or only what the
    user never had to do with before the split."""

    k: Annotated[int, Meta(ge=1, le=200)] = 20
    """Length of the lists."""

    ks: tuple[Annotated[int, Meta(ge=1, le=200)], ...] = (10, 20)
    """Where the measures cut the lists."""

    relevance: Literal["weights", "binary"] = "weights"
    """The sum of the type weights of the user's events after the split, or 1."""

    min_events: Annotated[int, Meta(ge=0)] = 1
    """Events before the split that a user must have."""

    max_users: Annotated[int, Meta(ge=1)] | None = None
    """Ask for so many users at most, drawn by the seed."""

    surface: str | None = None
    profile: str | None = None
    """Name of a profile in place of the one in force."""

    overrides: Mapping[str, Any] = {}
    """Knobs by name, of any stage: with those of signals, signals are built anew."""

    with_rules: bool = False
    """Whether the merchandisers' rules of today act."""

    baselines: tuple[str, ...] = NAMES
    compare_to: tuple[str, ...] = ()
    """Ids of stored evaluations of the same split, task and relevance."""

    draws: Annotated[int, Meta(ge=50, le=10_000)] = 500
    seed: Annotated[int, Meta(ge=0, lt=2**32)] = 0

    def __post_init__(self) -> None:
        unknown = set(self.baselines) - set(NAMES)
        if unknown:
            raise ValueError(
                f"{sorted(unknown)[0]!r} is no baseline; there are {', '.join(NAMES)}"
            )
        if not self.ks or max(self.ks) > self.k:
            raise ValueError("ks must hold cuts, none of them beyond k")


class Lift(Struct, frozen=True, kw_only=True):
    """How far ours is above a baseline, on the same users with the same exclusions."""

    metric: str
    baseline: str
    difference: Figure
    """Mean of the users' own differences: paired."""

    relative: Figure
    """Difference over the baseline's mean; not computed where that is 0."""

    @property
    def is_sure(self) -> bool:
        """Whether the interval of the difference leaves out 0."""
        low, high = self.difference.low, self.difference.high
        return low is not None and high is not None and (low > 0 or high < 0)


type Figures = dict[str, Figure]
"""Metric to figure."""


type SliceKind = Literal["segment", "surface", "history", "category"]


class Slice(Struct, frozen=True, kw_only=True):
    """The same figures of some of the users."""

    kind: SliceKind
    key: str
    users: int
    models: dict[str, Figures]
    lifts: list[Lift]


class FoldReport(Struct, frozen=True, kw_only=True):
    """One cut, and how each model did there."""

    name: str
    cut: str
    """ISO moment."""

    events_before: int
    events_after: int
    items: int
    """Candidates: items that were known at the cut."""

    users: int
    left_out: dict[str, int]
    """Users who take no part, by why."""

    models: dict[str, dict[str, float | None]]


class Report(Struct, frozen=True, kw_only=True):
    """All figures of one evaluation."""

    headline: str
    task: Task
    k: int
    split: dict[str, Any]
    models: dict[str, Figures]
    """By name; ours is `system`."""

    lifts: list[Lift]
    slices: list[Slice]
    folds: list[FoldReport]
    counts: dict[str, int]
    notes: list[str]
    """What a reader has to know before believing any of it."""

    seconds: dict[str, float]

    def in_order(self) -> list[tuple[str, Figures]]:
        """Return the models' figures: ours first, then the baselines, then others."""
        places = {name: place for place, name in enumerate((SYSTEM, *NAMES))}
        names = sorted(self.models, key=lambda name: (places.get(name, 99), name))
        return [(name, self.models[name]) for name in names]

    def lift(self, metric: str, baseline: str) -> Lift | None:
        """Return one lift, None when it was not asked for."""
        wanted = (metric, baseline)
        found = [each for each in self.lifts if (each.metric, each.baseline) == wanted]
        return found[0] if found else None


def spec_of(document: Mapping[str, Any]) -> EvaluationSpec:
    """Read a specification from plain values.

    Raises
    ------
    msgspec.ValidationError
        Naming the field and what is wrong with it.
    """
    return msgspec.convert(document, EvaluationSpec)
