"""Examples of feedback and of its figures, for the documentation and its tests."""

from __future__ import annotations

from typing import Any

_DECISION = "0197f0a2-7b3c-7d4e-9f10-2a3b4c5d6e7f"
FEEDBACK: dict[str, Any] = {
    "namespace": "shop",
    "feedback": [
        {"decision_id": _DECISION, "slot": 1, "kind": "impression"},
        {"decision_id": _DECISION, "item_id": "tee-blue-m", "kind": "click"},
        {
            "decision_id": _DECISION,
            "item_id": "tee-blue-m",
            "kind": "purchase",
            "value": 19.9,
            "ts": "2026-03-01T12:05:00Z",
            "feedback_id": "order-1001-1",
        },
    ],
}
ACCEPTED = {"status": "accepted", "accepted": 3, "duplicates": 0}
_FIGURE: dict[str, Any] = {
    "value": "home",
    "answers": 12_000,
    "served": 240_000,
    "impressions": 96_000,
    "clicks": 4_100,
    "carts": 700,
    "purchases": 210,
    "dismissals": 12,
    "skips": 0,
    "of": "impressions",
    "ctr": 0.0427,
    "ctr_low": 0.0414,
    "ctr_high": 0.044,
    "conversion": 0.0022,
    "conversion_low": 0.0019,
    "conversion_high": 0.0025,
}
FIGURES: dict[str, Any] = {
    "namespace": "shop",
    "by": "surface",
    "from": "2026-02-22T00:00:00Z",
    "to": "2026-03-01T00:00:00Z",
    "items": [_FIGURE],
    "more": 0,
}
