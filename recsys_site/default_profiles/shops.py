"""Which shops have a profile of their own, what it is compared with, what is tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ranking.core.knobs import DEFAULTS
from tuning.core.spec import SweepSpec, spec_of

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
"""When the made-up shops end: equal moments and seeds, equal shops."""

HAND_SET: Mapping[str, Any] = {
    "blend_alpha": 0.3,
    "blend_beta": 0.4,
    "blend_gamma": 0.3,
    "repeat_weight": 0.0,
    "long_tail_weight": 0.0,
    "content_weight": 1.0,
    "embedding_weight": 1.0,
    "session_weight": 1.0,
    "similarity": "max",
    "mmr_lambda": 0.5,
}
"""What ranked before anything was swept: the first built-in defaults."""

_RANGES: Mapping[str, Mapping[str, Any]] = {
    "blend_alpha": {"low": 0.15, "high": 0.6, "step": 0.01},
    "blend_beta": {"low": 0, "high": 0.5, "step": 0.01},
    "blend_gamma": {"low": 0.3, "high": 1, "step": 0.01},
    "repeat_weight": {"low": 0, "high": 1, "step": 0.01},
    "long_tail_weight": {"low": 0, "high": 0.05, "step": 0.005},
    "trend_weight": {"low": 0, "high": 0.1, "step": 0.005},
    "collaborative_weight": {"low": 0, "high": 1, "step": 0.01},
    "content_weight": {"low": 0, "high": 1, "step": 0.01},
    "embedding_weight": {"low": 0, "high": 1, "step": 0.01},
    "session_weight": {"low": 0, "high": 1, "step": 0.01},
    "similarity": {"choices": ["max", "weighted"]},
    "mmr_lambda": {"low": 0.5, "high": 0.95, "step": 0.01},
    "profile_boost": {"low": 0, "high": 1.5, "step": 0.01},
}
_WHOLESALE: Mapping[str, Mapping[str, Any]] = {
    "repeat_weight": {"low": 0, "high": 3, "step": 0.01},
    "long_tail_weight": {"low": 0, "high": 0.4, "step": 0.005},
    "normalisation": {"choices": ["max", "root"]},
    "repeat_half_life_days": {"choices": [60, 365]},
}
"""Of a shop whose customers buy again, and of which the long tail is asked."""


@dataclass(frozen=True, kw_only=True)
class ShopToTune:
    """A shop, the profile that was set by hand for it, and the sweep."""

    name: str
    title: str
    hand_set: Mapping[str, Any] = field(default_factory=lambda: HAND_SET)
    fixture: str | None = None
    """A shipped template; a shop that is made up as a whole when absent."""

    is_imported: bool = False
    """Whether the shop is a namespace that holds real events."""

    kept: Mapping[str, Any] = field(default_factory=dict)
    """What belongs to the profile beside what is tried."""

    ranges: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: _RANGES)
    room: float = 0.0
    """How far inside the guardrails trials must stay, as a part of each: another
    day's shop is not quite the one that was swept."""

    evaluation: Mapping[str, Any] = field(default_factory=dict)

    @property
    def built_in(self) -> dict[str, Any]:
        """The built-in defaults of the knobs that are tried."""
        return {knob: getattr(DEFAULTS, knob) for knob in self.ranges}

    @property
    def spec(self) -> SweepSpec:
        """The sweep: what was set by hand first, then the built-in defaults."""
        return spec_of(
            {
                "name": f"Default profile: {self.title}",
                "parameters": [
                    {"knob": knob, **tried} for knob, tried in self.ranges.items()
                ],
                "strategy": "gp",
                "budget": 80,
                "batch": 10,
                "seed": 2026,
                "first": [self.built_in],
                "evaluation": {
                    "split": {
                        "quantile": 0.6,
                        "until_quantile": 0.75,
                        "folds": 2,
                    },
                    "max_users": 500,
                    "baselines": ["popularity"],
                    **self.evaluation,
                },
            }
        )


DEMO = ShopToTune(
    name="demo",
    title="the demo shop",
    hand_set={
        **HAND_SET,
        "repeat_weight": 0.5,
        "mmr_lambda": 0.85,
        "blend_gamma": 0.4,
    },
    # Whom it does not know yet it shows more categories.
    kept={"new_user_mmr_lambda": 0.5},
    ranges={**_RANGES, "long_tail_weight": {"low": 0, "high": 0.1, "step": 0.005}},
    # It is made anew in every installation, as of that day.
    room=0.2,
)
ONLINE_RETAIL = ShopToTune(
    name="online_retail",
    title="Online Retail",
    is_imported=True,
    # Wholesale: what was bought may be shown again.
    kept={"rule_exclude_events": False, "repeat_mode": "all"},
    ranges={**_RANGES, **_WHOLESALE},
    evaluation={
        "split": {"quantile": 0.6, "until_quantile": 0.75},
        "max_users": 1_000,
        "task": "all",
    },
)
SHOPS: Mapping[str, ShopToTune] = {
    each.name: each
    for each in (
        DEMO,
        ShopToTune(name="bank", title="bank", fixture="bank"),
        ShopToTune(name="marketplace", title="marketplace", fixture="marketplace"),
        ShopToTune(name="media", title="media", fixture="media"),
        ShopToTune(name="retail", title="retail", fixture="retail"),
        ONLINE_RETAIL,
    )
}
