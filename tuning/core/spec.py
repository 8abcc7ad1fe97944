"""What a sweep searches, how, for what, and on which part of the past."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from simulations.core.evaluation import EvaluationSpec
from simulations.core.splits import Split

from .goals import MEASURED, Objective
from .space import MOST_PARAMETERS, Parameter, Space

type Strategy = Literal["grid", "random", "tpe", "nsga2", "gp"]

STRATEGIES: Mapping[Strategy, str] = {
    "gp": "Gaussian process: learns from every trial, tells how sure it is",
    "tpe": "TPE: learns what good trials have in common",
    "nsga2": "NSGA-II: evolves a front of several objectives",
    "random": "Random: anywhere in the ranges",
    "grid": "Grid: every combination",
}
PER_USER = (
    "ndcg",
    "mrr",
    "recall",
    "precision",
    "map",
    "hit_rate",
    "novelty",
    "serendipity",
    "intra_list_similarity",
    "category_entropy",
    "long_tail_share",
    "popularity_bias",
)
TOGETHER = ("catalog_coverage", "gini_exposure", "brand_exposure_ratio")
LIFTS = ("lift_ndcg", "lift_mrr", "segment_lift_ndcg", "segment_lift_mrr")
MOST_TRIALS = 2_000
MOST_FIRST = 20

USUAL_EVALUATION = EvaluationSpec(
    split=Split(quantile=0.6, until_quantile=0.75),
    max_users=1_000,
    baselines=("popularity",),
)


class SweepSpec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that decides a sweep beside the data: equal specs, equal trials."""

    name: Annotated[str, Meta(max_length=200)] = ""
    profile: str | None = None
    """Whose knobs are changed; the one in force when absent."""

    parameters: Annotated[
        tuple[Parameter, ...], Meta(min_length=1, max_length=MOST_PARAMETERS)
    ]
    strategy: Strategy = "gp"
    objectives: Annotated[tuple[Objective, ...], Meta(min_length=1, max_length=4)] = (
        Objective(metric="ndcg@10"),
    )
    guardrails: tuple[str, ...] | None = None
    """Which limits of guardrails.yml bind; all that a trial can tell of when absent."""

    budget: Annotated[int, Meta(ge=1, le=MOST_TRIALS)] = 100
    """Trials at most. The first is the profile as it is."""

    batch: Annotated[int, Meta(ge=1, le=100)] = 10
    """So many are suggested at once: what they teach counts for those after them."""

    levels: Annotated[int, Meta(ge=2, le=50)] = 3
    """Values of each range in a grid, where no step says otherwise."""

    pruning: bool = False
    """Whether a trial ends early that does badly with a quarter of the users."""

    first: Annotated[tuple[dict[str, Any], ...], Meta(max_length=MOST_FIRST)] = ()
    """Values to try before any strategy is asked, such as what was suggested."""

    workers: Annotated[int, Meta(ge=1, le=2)] = 1
    seed: Annotated[int, Meta(ge=0, lt=2**32)] = 0
    evaluation: EvaluationSpec = USUAL_EVALUATION

    def __post_init__(self) -> None:
        names = [each.name for each in self.parameters]
        if len(set(names)) < len(names):
            raise ValueError("a knob stands twice among the parameters")
        unknown = set(self.guardrails or ()) - set(MEASURED)
        if unknown:
            raise ValueError(
                f"{sorted(unknown)[0]!r} is no guardrail that a trial can tell of;"
                f" those are {', '.join(MEASURED)}"
            )
        for each in self.objectives:
            self._check_metric(each.metric)
        self._check_first()
        if self.strategy == "grid":
            self.space.grid(self.levels)

    def _check_first(self) -> None:
        if self.first and self.strategy == "grid":
            raise ValueError("a grid tries every combination, and nothing first")
        if len(self.first) >= self.budget:
            raise ValueError(
                f"a budget of {self.budget} holds the profile as it is and"
                f" {self.budget - 1} others, not {len(self.first)} to try first"
            )
        for values in self.first:
            for each in self.parameters:
                if not each.holds(values.get(each.name)):
                    raise ValueError(
                        f"{each.name} {values.get(each.name)!r} cannot be tried first:"
                        " it is outside its range"
                    )

    def _check_metric(self, metric: str) -> None:
        name, at, cut = metric.rpartition("segments.")[2].rpartition("@")
        base = name.rpartition(".")[2]
        if metric in LIFTS:
            return
        if not at or base not in (*PER_USER, *TOGETHER):
            raise ValueError(
                f"{metric!r} is no figure of a trial; there are"
                f" {', '.join((*PER_USER, *TOGETHER))}, each with @k, and"
                f" {', '.join(LIFTS)}"
            )
        if cut not in {str(k) for k in self.evaluation.ks}:
            ks = ", ".join(map(str, self.evaluation.ks))
            raise ValueError(f"{metric!r}: lists are cut at {ks}")

    @property
    def space(self) -> Space:
        """What is changed."""
        return Space(self.parameters)

    @property
    def held_out(self) -> EvaluationSpec:
        """How the outcome is verified: on the events after all that trials saw."""
        split = self.evaluation.split
        unseen = (
            Split(quantile=split.until_quantile) if split.until_quantile < 1 else split
        )
        return msgspec.structs.replace(self.evaluation, split=unseen)

    @property
    def has_held_out(self) -> bool:
        """Whether some events are kept from the trials."""
        return self.evaluation.split.until_quantile < 1


def spec_of(document: Mapping[str, Any]) -> SweepSpec:
    """Read a specification from plain values.

    Raises
    ------
    msgspec.ValidationError
        Naming the field and what is wrong with it.
    """
    return msgspec.convert(document, SweepSpec)
