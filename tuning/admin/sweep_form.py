"""The form that starts a sweep: every number that can be tuned, with its range."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.http import QueryDict

from ranking.core.knobs import KNOBS, Knob, Knobs
from tuning.core.space import NUMERIC
from tuning.core.spec import STRATEGIES, SweepSpec, spec_of

# What a list is mostly made of; the other knobs stand below them.
FIRST = (
    "blend_alpha",
    "blend_beta",
    "blend_gamma",
    "repeat_weight",
    "profile_boost",
    "mmr_lambda",
    "long_tail_weight",
    "popularity_fanout",
    "popularity_halflife_days",
    "covis_window_days",
)
# Nothing of a page hangs on these.
_NOT_OFFERED = ("Telemetry", "Bandit", "Rules", "Already bought")
_USUAL_HIGH = {"number": 1.0, "whole": 1_000.0}
METRICS = (
    ("ndcg@10", "NDCG@10, up"),
    ("recall@20", "Recall@20, up"),
    ("mrr@10", "MRR@10, up"),
    ("hit_rate@10", "Hit rate@10, up"),
    ("catalog_coverage@20", "Coverage@20, up"),
    ("long_tail_share@20", "Long tail@20, up"),
    ("category_entropy@10", "Variety of categories@10, up"),
    ("popularity_bias@20:minimize", "Popularity@20, down"),
    ("brand_exposure_ratio@20:minimize", "Strongest brand@20, down"),
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One knob of the form."""

    knob: Knob
    now: Any
    low: float
    high: float
    step: str
    is_chosen: bool

    @property
    def least(self) -> float:
        """Where the sliders begin."""
        return min(self.low, self.knob.low or 0.0)

    @property
    def most(self) -> float:
        """Where they end: a weight may be 1000, but nobody slides there."""
        return max(self.high, _USUAL_HIGH.get(self.knob.kind, 1.0))

    @property
    def stride(self) -> float:
        """How far a slider moves at a time."""
        return 1.0 if self.knob.kind == "whole" else 0.01

    @property
    def choices(self) -> Sequence[str]:
        return self.knob.choices


def rows_of(knobs: Knobs, sent: Mapping[str, Any]) -> list[Row]:
    """Return the rows of the form: where knobs stand now, or as they were sent."""
    offered = [
        knob
        for knob in KNOBS
        if (knob.kind in NUMERIC or knob.kind == "choice")
        and knob.group not in _NOT_OFFERED
    ]
    order = {name: n for n, name in enumerate(FIRST)}
    offered.sort(key=lambda knob: order.get(knob.name, len(order)))
    return [_row(knob, getattr(knobs, knob.name), sent) for knob in offered]


def _row(knob: Knob, now: Any, sent: Mapping[str, Any]) -> Row:
    low, high = _range(knob, now)
    return Row(
        knob=knob,
        now=now,
        low=float(sent.get(f"low-{knob.name}") or low),
        high=float(sent.get(f"high-{knob.name}") or high),
        step="1" if knob.kind == "whole" else "any",
        is_chosen=f"tune-{knob.name}" in sent,
    )


def _range(knob: Knob, now: Any) -> tuple[float, float]:
    """Return from nothing to twice of what holds now, inside the knob's own range."""
    least = knob.low or 0.0
    if knob.above_low:
        least += 1.0
    most = knob.high if knob.high is not None else _USUAL_HIGH.get(knob.kind, 1.0)
    if isinstance(now, int | float) and now and not isinstance(now, bool):
        return least, min(most, max(2.0 * now, least + 1.0))
    return least, min(most, max(_USUAL_HIGH.get(knob.kind, 1.0), least + 1.0))


def read(sent: QueryDict) -> SweepSpec:
    """Read the specification that a form sent.

    Raises
    ------
    msgspec.ValidationError, ValueError
        In words for the reader.
    """
    segment = sent.get("segment", "").strip() or None
    parameters = [
        _parameter(knob, sent, segment=segment)
        for knob in KNOBS
        if f"tune-{knob.name}" in sent
    ]
    if not parameters:
        raise ValueError("Choose at least one knob to tune.")
    metrics = [each for each in sent.getlist("objective") if each] or ["ndcg@10"]
    document = {
        "name": sent.get("name", "").strip(),
        "profile": sent.get("profile") or None,
        "parameters": parameters,
        "strategy": sent.get("strategy", "gp"),
        "objectives": [_objective(each) for each in dict.fromkeys(metrics)],
        "budget": int(sent.get("budget") or 60),
        "seed": int(sent.get("seed") or 0),
        "pruning": "pruning" in sent,
        "guardrails": None if "guardrails" in sent else (),
        "evaluation": {
            "split": {"quantile": 0.6, "until_quantile": 0.75},
            "max_users": int(sent.get("max_users") or 1_000),
            "task": sent.get("task") or "served",
            "baselines": ["popularity"],
        },
    }
    return spec_of(document)


def _parameter(knob: Knob, sent: QueryDict, *, segment: str | None) -> dict[str, Any]:
    if knob.choices:
        return {"knob": knob.name, "segment": segment, "choices": list(knob.choices)}
    return {
        "knob": knob.name,
        "segment": segment,
        "low": float(sent.get(f"low-{knob.name}", "")),
        "high": float(sent.get(f"high-{knob.name}", "")),
    }


def _objective(text: str) -> dict[str, str]:
    metric, _, direction = text.partition(":")
    return {"metric": metric, "direction": direction or "maximize"}


def strategies() -> list[tuple[str, str]]:
    return list(STRATEGIES.items())


def in_words(error: Exception) -> str:
    """Return what is wrong with a form, without the library's own frame."""
    if isinstance(error, msgspec.ValidationError):
        return str(error).partition(" - at")[0]
    return str(error)
