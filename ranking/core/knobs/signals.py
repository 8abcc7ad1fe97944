"""Knobs of the builds, and of telemetry. A request cannot change what was built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .fields import choice, days, flag, listing, number, whole


@dataclass(frozen=True, kw_only=True)
class SignalKnobs:
    """What a build of the signals is told."""

    popularity_halflife_days: float = days(
        14,
        help="After how many days an event counts half for popularity, where its "
        "event type does not say otherwise.",
        group="Popularity",
        stage="signal",
        env="POPULARITY_HALFLIFE_DAYS",
        admin=("half_life_days",),
    )
    covis_window_days: float = days(
        60,
        help="How far apart two events of a user may lie to connect their items, and "
        "how old an item may be to start from.",
        group="Co-visitation",
        stage="signal",
        env="COVIS_WINDOW_DAYS",
        admin=("co_vis_window_days",),
    )
    covis_similarity: Literal["cosine", "jaccard", "lift", "llr"] = choice(
        "cosine",
        "cosine",
        "jaccard",
        "lift",
        "llr",
        help="How the strength of a pair is measured.",
        group="Co-visitation",
        stage="signal",
    )
    covis_min_support: int = whole(
        2,
        1,
        1000,
        unit="users",
        help="How many users must have chosen both items.",
        group="Co-visitation",
        stage="signal",
    )
    session_window_minutes: float = number(
        30,
        0,
        1440,
        above_low=True,
        unit="minutes",
        help="Pause after which a session is over.",
        group="Session",
        stage="signal",
    )
    repeat_half_life_days: float = days(
        60,
        help="After how many days an own earlier interaction counts half.",
        group="Repeat",
        stage="signal",
    )
    trend_half_life_days: float = days(
        14,
        help="After how many days an event counts half for what is wanted of late; "
        "a trend is that against a span eight times as long.",
        group="Trend",
        stage="signal",
    )
    coverage_cache_ttl_seconds: float = number(
        600,
        0,
        86400,
        unit="seconds",
        help="Accepted from old clients; coverage is always current.",
        group="Telemetry",
        stage="signal",
        env="COVERAGE_CACHE_TTL",
        overrides=(),
    )
    coverage_long_tail_hint_threshold: float = number(
        0.01,
        0,
        1,
        help="Accepted from old clients; the long tail is told by interactions.",
        group="Telemetry",
        stage="signal",
        env="COVERAGE_LONG_TAIL_HINT_THRESHOLD",
        overrides=(),
    )
    bandit_algo: Literal["thompson", "ucb1", "linucb"] = choice(
        "thompson",
        "thompson",
        "ucb1",
        "linucb",
        help="How bandit calls choose, where the call does not say.",
        group="Bandit",
        stage="arrange",
        env="BANDIT_ALGO",
    )
    bandit_experiment_enabled: bool = flag(
        default=False,
        help="Whether bandit calls keep a group without exploration.",
        group="Bandit",
        stage="arrange",
        env="BANDIT_EXPERIMENT_ENABLED",
        admin=("bandit_experiment.enabled",),
        overrides=(),
    )
    bandit_experiment_holdout_percent: float = number(
        0.0,
        0,
        1,
        help="Share of bandit calls without exploration, as a fraction.",
        group="Bandit",
        stage="arrange",
        env="BANDIT_EXPERIMENT_HOLDOUT_PERCENT",
        admin=("bandit_experiment.holdout_percent",),
        overrides=(),
    )
    bandit_experiment_surfaces: tuple[str, ...] = listing(
        "words",
        (),
        help="Surfaces of the bandit experiment; an empty list means all.",
        group="Bandit",
        stage="arrange",
        env="BANDIT_EXPERIMENT_SURFACES",
        admin=("bandit_experiment.surfaces",),
        overrides=(),
    )
    bandit_experiment_label: str = listing(
        "text",
        "bandit_exploration_rt7d",
        help="Name of the bandit experiment in reports.",
        group="Bandit",
        stage="arrange",
        env="BANDIT_EXPERIMENT_LABEL",
        admin=("bandit_experiment.label",),
        overrides=(),
    )
