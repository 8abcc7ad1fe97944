"""Calls and answers as the documentation shows them."""

from __future__ import annotations

from typing import Any

from ranking.core.policy import POLICY_COUNTS

RECOMMENDATION: dict[str, Any] = {
    "namespace": "demo",
    "user_id": "user-0001",
    "k": 2,
    "surface": "home",
    "constraints": {"include_tags_any": ["shoes"], "price_between": [10, 80]},
    "overrides": {"mmr_lambda": 0.6},
    "context": {"device": "phone"},
    "include_reasons": True,
}
RERANK: dict[str, Any] = {
    "namespace": "demo",
    "user_id": "user-0001",
    "items": [{"item_id": "item-0007", "score": 0.8}, {"item_id": "item-0042"}],
}
RANKING: dict[str, Any] = {
    "decision_id": "0199a7c2-6b1e-7c3a-9d42-5f0e8a1b2c3d",
    "model_version": "popularity_v1",
    "items": [
        {
            "item_id": "item-0007",
            "score": 0.913,
            "rank": 1,
            "reasons": ["recent_popularity", "co_visitation"],
        },
        {
            "item_id": "item-0042",
            "score": 0.774,
            "rank": 2,
            "reasons": ["collaborative", "personalization"],
        },
    ],
    "segment_id": "vip",
    "profile_id": "vip-profile",
    "trace": {
        "extras": {
            "policy": {
                **dict.fromkeys(POLICY_COUNTS, 0),
                "total_candidates": 480,
                "after_exclusions": 471,
                "after_constraint_filters": 52,
                "after_rules": 52,
                "final_count": 2,
            },
            "manual_overrides": [],
            "recent_event_count": 7,
            "candidate_sources": {
                "popularity": {"count": 320, "duration_ms": 0.02},
                "merged": {"count": 480, "duration_ms": 0.05},
            },
        }
    },
}
SIMILAR: list[dict[str, Any]] = [
    {
        "item_id": "item-0042",
        "score": 0.71,
        "reasons": ["embedding_similarity", "co_visitation"],
    }
]
VALIDATION: dict[str, Any] = {
    "valid": True,
    "namespace": "demo",
    "profile": {"name": "default", "version": 3},
    "segment_id": "vip",
    "segment_rule_id": "7",
    "segment_profile_id": "vip-profile",
    "is_new_user": False,
    "recent_event_count": 7,
    "knobs": {"mmr_lambda": {"value": 0.6, "source": "overrides"}},
    "changed": {"mmr_lambda": 0.6},
    "unknown_items": [],
    "rules": [],
    "warnings": [],
}
REPLAY: dict[str, Any] = {"mode": "rules_off"}
REPLAYED: dict[str, Any] = {
    "decision_id": "0199a7c2-6b1e-7c3a-9d42-5f0e8a1b2c3d",
    "mode": "rules_off",
    "identical": False,
    "same_engine": True,
    "answer_digest": "5c0e" * 16,
    "replayed_digest": "91ab" * 16,
    "items": [
        {
            "item_id": "item-0042",
            "score": 0.774,
            "rank": 1,
            "reasons": ["collaborative"],
        }
    ],
    "differences": [
        {
            "item_id": "item-0042",
            "change": "moved",
            "before": 2,
            "after": 1,
            "sentence": "item-0042 moves up from 2 to 1.",
        }
    ],
}
