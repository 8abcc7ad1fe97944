"""Experiments as clients send them and get them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType, field

from ranking.core.experiments import METRICS, Variant
from ranking.models import Experiment
from ranking.operations.experiments import ExperimentDraft

type Moment = Annotated[datetime, Meta(tz=True)]


class VariantBody(Struct, kw_only=True):
    """One of the ways in which the experiment answers."""

    name: str
    weight: float = 1.0
    profile: Annotated[
        str | None, Meta(description="Absent: the profile in force.")
    ] = None
    knobs: Annotated[
        dict[str, Any], Meta(description="Above the profile, by their admin names.")
    ] = field(default_factory=dict)


class ExperimentBody(Struct, kw_only=True):
    """An experiment. The first variant is what the others are compared with."""

    namespace: str | None = None
    name: str
    variants: list[VariantBody]
    hypothesis: str = ""
    surface: Annotated[str | None, Meta(description="Absent: every surface.")] = None
    share: Annotated[
        float, Meta(description="Of subjects who take part, above 0, at most 1.")
    ] = 1.0
    metric: Annotated[
        str, Meta(description=f"What it is judged by: {', '.join(METRICS)}.")
    ] = "conversion"
    smallest_effect: Annotated[
        float, Meta(description="Relative change that would matter; 0.02 is 2 %.")
    ] = 0.02
    starts_at: Moment | None = None
    ends_at: Annotated[
        Moment | None, Meta(description="Nothing is shipped before this end.")
    ] = None


class NamespaceBody(Struct, kw_only=True):
    """Whose experiment it is."""

    namespace: str | None = None


class ExperimentOut(Struct, kw_only=True):
    name: str
    hypothesis: str
    state: str
    surface: str | None
    share: float
    variants: list[dict[str, Any]]
    metric: str
    smallest_effect: float
    starts_at: datetime | None
    ends_at: datetime | None
    started_at: datetime | None
    stopped_at: datetime | None
    owner: str
    warnings: list[str] | UnsetType = UNSET


class ExperimentList(Struct):
    namespace: str
    experiments: list[ExperimentOut]


EXAMPLE: dict[str, Any] = {
    "namespace": "demo",
    "name": "more-variety",
    "hypothesis": "A more varied home page makes more visitors buy.",
    "surface": "home",
    "share": 0.5,
    "variants": [
        {"name": "control"},
        {"name": "varied", "knobs": {"mmr_lambda": 0.3}},
    ],
    "metric": "conversion",
    "smallest_effect": 0.03,
    "ends_at": "2026-04-01T00:00:00Z",
}
EXAMPLE_OUT: dict[str, Any] = {
    "name": "more-variety",
    "hypothesis": "A more varied home page makes more visitors buy.",
    "state": "draft",
    "surface": "home",
    "share": 0.5,
    "variants": [
        {"name": "control", "weight": 1.0, "profile": None, "knobs": {}},
        {
            "name": "varied",
            "weight": 1.0,
            "profile": None,
            "knobs": {"mmr_lambda": 0.3},
        },
    ],
    "metric": "conversion",
    "smallest_effect": 0.03,
    "starts_at": None,
    "ends_at": "2026-04-01T00:00:00Z",
    "started_at": None,
    "stopped_at": None,
    "owner": "Demo key",
}


def draft_of(body: ExperimentBody) -> ExperimentDraft:
    return ExperimentDraft(
        name=body.name,
        variants=[
            Variant(
                name=each.name,
                weight=each.weight,
                profile=each.profile or None,
                knobs=each.knobs,
            )
            for each in body.variants
        ],
        hypothesis=body.hypothesis,
        surface=body.surface or "",
        share=body.share,
        metric=body.metric,
        smallest_effect=body.smallest_effect,
        starts_at=body.starts_at,
        ends_at=body.ends_at,
    )


def shown(row: Experiment) -> ExperimentOut:
    same = set(ExperimentOut.__struct_fields__) - {"surface", "warnings"}
    return ExperimentOut(
        surface=row.surface or None, **{name: getattr(row, name) for name in same}
    )
