"""Examples for the API's description, checked against its types by a test."""

from __future__ import annotations

from typing import Any

EXPLAIN: dict[str, Any] = {
    "namespace": "demo",
    "target_type": "item",
    "target_id": "item-0042",
    "surface": "home",
    "from": "2026-11-14T00:00:00Z",
    "to": "2026-11-21T00:00:00Z",
}
EXPLAINED: dict[str, Any] = {
    "markdown": (
        "## Summary\n\nThere were 412 answers on home, 31 of which held item-0042."
        " [metric_decisions] [metric_impressions]\n\n## Status\n\n…\n"
    ),
    "facts": {
        "target_type": "item",
        "target_id": "item-0042",
        "namespace": "demo",
        "surface": "home",
        "segment_id": None,
        "since": "2026-11-14T00:00:00Z",
        "until": "2026-11-21T00:00:00Z",
        "status": "working_as_configured",
        "decisions": 412,
        "impressions": 31,
        "clicks": 4,
        "ctr": 0.129,
        "evidence": [
            {"id": "metric_decisions", "words": "412 answers were given."},
            {"id": "metric_impressions", "words": "31 of them held the item."},
        ],
        "links": ["/v1/audit/decisions/0199a7c2-6b1e-7c3a-9d42-5f0e8a1b2c3d"],
    },
    "cache": "miss",
    "model": "template",
    "warnings": ["llm_disabled"],
}
