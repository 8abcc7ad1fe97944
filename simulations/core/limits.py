"""Which limits guardrails.yml may set, and what each is a limit of."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Literal

from msgspec import Struct

from catalog.core.nearest import hint

type Group = Literal["quality", "scenarios", "fairness", "latency"]

GROUPS: tuple[Group, ...] = ("quality", "scenarios", "fairness", "latency")


class Limit(Struct, frozen=True, kw_only=True):
    """The limits of one figure. Either may be missing, not both."""

    warn: float | None = None
    stop: float | None = None
    """Beyond this nothing is published, except by an operator with a reason."""

    source: str = ""
    """The part of the file that sets it, and the line: ``defaults, line 5``."""


class Guardrail(Struct, frozen=True, kw_only=True):
    """One key of the file."""

    name: str
    group: Group
    title: str
    figure: str | None
    """The field of :class:`~simulations.core.figures.Figures`; None for what a replay
    cannot tell."""

    low: float = 0.0
    high: float | None = None
    """The range of values that make sense, both inclusive. None: no end."""

    unit: Literal["share", "count", "ratio", "ms"] = "share"
    needs: str = ""
    """What has to run for it, where a replay cannot tell."""

    @property
    def is_floor(self) -> bool:
        """Whether the figure must not fall below the limit, else not rise above.

        >>> GUARDRAILS["min_catalog_coverage"].is_floor
        True
        """
        return not self.name.startswith("max_")

    def is_broken(self, value: float, limit: float) -> bool:
        """Say whether a value lies beyond a limit; on it is within."""
        return value < limit if self.is_floor else value > limit

    def fault_of(self, value: float) -> str:
        """Say why a value is no limit; an empty text where it is one.

        >>> GUARDRAILS["min_catalog_coverage"].fault_of(5)
        'must be a number from 0 to 1, not 5'
        """
        high = math.inf if self.high is None else self.high
        if math.isfinite(value) and self.low <= value <= high:
            return ""
        end = "up" if self.high is None else f"to {self.high:g}"
        return f"must be a number from {self.low:g} {end}, not {value:g}"

    def in_words(self, value: float) -> str:
        """Return a value as people read it.

        >>> GUARDRAILS["min_catalog_coverage"].in_words(0.6)
        '60.0 %'
        """
        match self.unit:
            case "share":
                return f"{value * 100:.1f} %"
            case "count":
                return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
            case "ratio":
                return f"{value:.2f}"
            case "ms":
                return f"{value:.1f} ms"


_EVALUATION = "an evaluation against what users did afterwards"
_SCENARIO = "the scenario S7, new users"

_ALL = (
    Guardrail(
        name="min_segment_lift_ndcg",
        group="quality",
        title="NDCG over popularity, in every segment",
        figure=None,
        low=-1.0,
        needs=_EVALUATION,
    ),
    Guardrail(
        name="min_segment_lift_mrr",
        group="quality",
        title="MRR over popularity, in every segment",
        figure=None,
        low=-1.0,
        needs=_EVALUATION,
    ),
    Guardrail(
        name="min_catalog_coverage",
        group="quality",
        title="Share of the catalog that is shown",
        figure="catalog_coverage",
        high=1.0,
    ),
    Guardrail(
        name="min_long_tail_share",
        group="quality",
        title="Share of positions for rarely wanted items",
        figure="long_tail_share",
        high=1.0,
    ),
    Guardrail(
        name="max_constraint_leaks",
        group="quality",
        title="Items shown against a request's constraints",
        figure="constraint_leaks",
        unit="count",
    ),
    Guardrail(
        name="max_empty_share",
        group="quality",
        title="Share of requests that get nothing",
        figure="empty_share",
        high=1.0,
    ),
    Guardrail(
        name="s7_min_avg_mrr",
        group="scenarios",
        title="MRR for new users",
        figure=None,
        high=1.0,
        needs=_SCENARIO,
    ),
    Guardrail(
        name="s7_min_avg_categories",
        group="scenarios",
        title="Categories shown to new users",
        figure=None,
        unit="count",
        needs=_SCENARIO,
    ),
    Guardrail(
        name="max_brand_exposure_ratio",
        group="fairness",
        title="The most shown brand against the mean",
        figure="brand_exposure_ratio",
        low=1.0,
        unit="ratio",
    ),
    Guardrail(
        name="max_popularity_bias",
        group="fairness",
        title="Mean popularity of what is shown, as a percentile",
        figure="popularity_bias",
        high=1.0,
        unit="ratio",
    ),
    Guardrail(
        name="max_p95_ms",
        group="latency",
        title="Time that 95 of 100 rankings keep within",
        figure="p95_ms",
        unit="ms",
    ),
)
GUARDRAILS = {each.name: each for each in _ALL}
"""Every key, in the order in which tables show them."""


def faults_of_limits(limits: Mapping[str, float]) -> Iterator[tuple[str, str]]:
    """Yield the name of each limit that cannot be set, and why.

    >>> list(faults_of_limits({"min_catalog_coverage": 60}))
    [('min_catalog_coverage', 'must be a number from 0 to 1, not 60')]
    """
    for name, value in limits.items():
        guardrail = GUARDRAILS.get(name)
        fault = (
            f"is no guardrail. {hint(name, GUARDRAILS)}"
            if guardrail is None
            else guardrail.fault_of(value)
        )
        if fault:
            yield name, fault
