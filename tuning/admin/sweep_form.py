"""The form that starts a sweep: every number that can be tuned, with its range."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.http import QueryDict

from ranking.admin.knob_form import title_of, told
from ranking.admin.sliders import Slider, slider_of
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
_FIRST_TITLE = "Most used"
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
class End:
    """The lower or the upper end of a range."""

    name: str
    word: str
    label: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """One knob of the form."""

    knob: Knob
    now: str
    is_set: bool
    low: str
    high: str
    slider: Slider | None
    is_chosen: bool

    @property
    def title(self) -> str:
        return title_of(self.knob)

    @property
    def step(self) -> str:
        return "1" if self.knob.kind == "whole" else "any"

    @property
    def choices(self) -> Sequence[str]:
        """What is tried of a knob that is no number: all of it."""
        return [told(each) for each in _choices(self.knob)]

    @property
    def ends(self) -> Sequence[End]:
        ends = (("low", "from", self.low), ("high", "to", self.high))
        return [
            End(
                name=f"{end}-{self.knob.name}",
                word=word,
                label=f"{self.title} {word}",
                text=text,
            )
            for end, word, text in ends
        ]


@dataclass(frozen=True, kw_only=True)
class Group:
    """Knobs that stand together, open where something of them is chosen."""

    title: str
    rows: Sequence[Row]

    @property
    def is_open(self) -> bool:
        return any(row.is_chosen for row in self.rows)


def groups_of(knobs: Knobs, sent: Mapping[str, str]) -> list[Group]:
    """Return the form: where knobs stand now, or as they were sent."""
    offered = [
        knob
        for knob in KNOBS
        if (knob.kind in NUMERIC or _choices(knob)) and knob.group not in _NOT_OFFERED
    ]
    titles = dict.fromkeys([_FIRST_TITLE, *(knob.group for knob in offered)])
    by_group = {
        title: [k for k in offered if _group_of(k) == title] for title in titles
    }
    by_group[_FIRST_TITLE].sort(key=lambda knob: FIRST.index(knob.name))
    return [
        Group(
            title=title,
            rows=[_row(knob, getattr(knobs, knob.name), sent) for knob in members],
        )
        for title, members in by_group.items()
        if members
    ]


def _group_of(knob: Knob) -> str:
    return _FIRST_TITLE if knob.name in FIRST else knob.group


def _choices(knob: Knob) -> Sequence[str | bool]:
    return (False, True) if knob.kind == "flag" else knob.choices


def _row(knob: Knob, now: Any, sent: Mapping[str, str]) -> Row:
    slider = slider_of(knob, now)
    return Row(
        knob=knob,
        now=told(now) if now is not None or knob.may_be_off else "not set",
        is_set=now is not None,
        low=sent.get(f"low-{knob.name}") or _low(knob),
        high=sent.get(f"high-{knob.name}") or (slider.most if slider else ""),
        slider=slider,
        is_chosen=f"tune-{knob.name}" in sent,
    )


def _low(knob: Knob) -> str:
    """Return where a range begins: at the least, of windows and half-lives at 1."""
    return f"{(knob.low or 0.0) + knob.above_low:g}"


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
        "budget": whole(sent.get("budget"), "Trials", usual=60),
        "seed": whole(sent.get("seed"), "Seed", usual=0),
        "pruning": "pruning" in sent,
        "guardrails": None if "guardrails" in sent else (),
        "evaluation": {
            "split": {"quantile": 0.6, "until_quantile": 0.75},
            "max_users": whole(sent.get("max_users"), "Users", usual=1_000),
            "task": sent.get("task") or "served",
            "baselines": ["popularity"],
        },
    }
    return spec_of(document)


def _parameter(knob: Knob, sent: QueryDict, *, segment: str | None) -> dict[str, Any]:
    if choices := _choices(knob):
        return {"knob": knob.name, "segment": segment, "choices": list(choices)}
    title = title_of(knob)
    return {
        "knob": knob.name,
        "segment": segment,
        "low": _number(sent.get(f"low-{knob.name}"), f"{title}, from"),
        "high": _number(sent.get(f"high-{knob.name}"), f"{title}, to"),
    }


def _number(text: str | None, title: str) -> float:
    try:
        return float(text or "")
    except ValueError:
        raise ValueError(f"{title}: {text or 'nothing'} is no number.") from None


def whole(text: str | None, title: str, *, usual: int) -> int:
    """Read a whole number that somebody typed; the usual one where nothing was.

    Raises
    ------
    ValueError
        In words for the reader.
    """
    try:
        return int(text or usual)
    except ValueError:
        raise ValueError(f"{title}: {text} is no whole number.") from None


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
