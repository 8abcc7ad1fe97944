"""What clients send to be ranked for, and what they get."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

DEFAULT_NAMESPACE = "default"
MAX_K = 200
MAX_RERANK_ITEMS = 1_000


class ConstraintsBody(Struct, frozen=True):
    """What an item must be to be shown at all."""

    include_tags_any: list[str] | None = None
    exclude_item_ids: list[str] | None = None
    price_between: Annotated[
        list[float | None] | None,
        Meta(description="[min, max], both inclusive; null leaves a side open."),
    ] = None
    created_after: Annotated[
        str | None,
        Meta(description="RFC 3339 with a zone; keeps items created strictly later."),
    ] = None


class BlendBody(Struct, frozen=True):
    """Weights for this call alone. Negative ones count as 0."""

    pop: float | None = None
    cooc: float | None = None
    als: float | None = None


class RankingBody(Struct, frozen=True, kw_only=True):
    """Who asks, where, and what to mind."""

    namespace: Annotated[
        str | None, Meta(description=f"{DEFAULT_NAMESPACE} when absent.")
    ] = None
    user_id: Annotated[
        str | None, Meta(description="Absent or unknown: an anonymous visitor.")
    ] = None
    k: Annotated[
        int | None,
        Meta(description=f"How many items, up to {MAX_K}; 0 and less mean 20."),
    ] = None
    surface: Annotated[
        str | None,
        Meta(description="Where the list is shown; also read from context.surface."),
    ] = None
    constraints: ConstraintsBody | None = None
    blend: BlendBody | None = None
    overrides: Annotated[
        dict[str, Any] | None, Meta(description="Knobs for this call alone.")
    ] = None
    context: Annotated[
        dict[str, Any] | None,
        Meta(description="Facts of the call; segment rules read them as ctx.*"),
    ] = None
    include_reasons: bool | None = None
    explain_level: Literal["tags", "numeric", "full"] | None = None
    profile: Annotated[
        str | None,
        Meta(description="Use this named profile, not the one in force."),
    ] = None
    dry_run: Annotated[
        bool | None,
        Meta(description="Rank without a trace and without exploration."),
    ] = None


class RerankItem(Struct, frozen=True):
    item_id: str
    score: Annotated[
        float | None, Meta(description="Stands for the item's popularity.")
    ] = None


class RerankBody(RankingBody, frozen=True, kw_only=True):
    """A ranking request that brings its own candidates."""

    items: list[RerankItem] = []


class RankedItem(Struct, kw_only=True):
    item_id: str
    score: float
    rank: int
    reasons: list[str] | UnsetType = UNSET
    explain: dict[str, Any] | UnsetType = UNSET


class SourceBody(Struct):
    count: int
    duration_ms: float


class Extras(Struct, kw_only=True):
    policy: dict[str, int]
    manual_overrides: list[dict[str, Any]]
    recent_event_count: int
    candidate_sources: dict[str, SourceBody]
    starter_profile: dict[str, float] | UnsetType = UNSET
    starter_profile_weight: float | UnsetType = UNSET


class TraceBody(Struct):
    extras: Extras


class RankingAnswer(Struct, kw_only=True):
    decision_id: str | None
    model_version: str
    items: list[RankedItem]
    segment_id: str | UnsetType = UNSET
    profile_id: str | UnsetType = UNSET
    degraded: list[str] | UnsetType = UNSET
    trace: TraceBody
    experiment: str | UnsetType = UNSET
    variant: str | UnsetType = UNSET
    warnings: list[str] | UnsetType = UNSET


class SimilarOut(Struct):
    item_id: str
    score: float
    reasons: list[str]


class ValidationAnswer(Struct, kw_only=True):
    """What a ranking request would use."""

    valid: bool
    namespace: str
    profile: dict[str, Any] | None = None
    segment_id: str | None = None
    segment_rule_id: str | None = None
    segment_profile_id: str | None = None
    is_new_user: bool = False
    recent_event_count: int = 0
    knobs: dict[str, Any] = {}
    changed: dict[str, Any] = {}
    unknown_items: list[str] = []
    rules: list[Any] = []
    warnings: list[str] = []
