"""Examples for the API's description, checked against its types by a test."""

from __future__ import annotations

from typing import Any

SUMMARY: dict[str, Any] = {
    "decision_id": "01a1fd49-7a69-750f-9475-0c69bf67cd7a",
    "ts": "2026-03-01T12:00:00.123Z",
    "at": "2026-03-01T12:00:00Z",
    "namespace": "shop",
    "route": "recommendations",
    "surface": "home",
    "request_id": "01a1fd49-7a69-750f-9475-0c69bf67cd7b",
    "user_hash": "2554f72c0325e6f3" * 4,
    "k": 2,
    "segment_id": "returning",
    "profile_id": "default",
    "profile_version": 3,
    "degraded": [],
    "answer_digest": "9f86d081884c7d65" * 4,
    "latency_us": 3_120,
    "final_items": [
        {
            "item_id": "sku-1",
            "score": 0.91,
            "rank": 1,
            "reasons": ["co_visitation"],
        }
    ],
    "extras": {
        "model_version": "blend_v1",
        "duration_ms": 3.12,
        "candidate_sources": {"popularity": {"count": 480, "duration_ms": 0.1}},
    },
}
LIST: dict[str, Any] = {
    "items": [SUMMARY],
    "total": 1,
    "limit": 100,
    "offset": 0,
    "has_more": False,
    "next_offset": None,
    "next_cursor": None,
    "total_is_estimate": False,
}
SEARCH: dict[str, Any] = {
    "namespace": "shop",
    "user_id": "ana",
    "from": "2026-03-01T00:00:00Z",
    "limit": 50,
}
DETAIL: dict[str, Any] = SUMMARY | {
    "snapshot_hash": "2c26b46b68ffc68f" * 4,
    "change_number": 4_711,
    "configuration_hash": "fcde2b2edba56bf4" * 4,
    "engine_version": 1,
    "machine": {"numpy": "2.3.4", "cpu": "x86_64 AVX512_ICL", "blas_threads": 1},
    "seed": "3983162290893594069",
    "clock": "wall",
    "rung": 0,
    "rung_reason": None,
    "arm": None,
    "request": {"namespace": "shop", "surface": "home", "k": 2},
    "constraints": None,
    "effective_config": {"mmr_lambda": 0.7},
    "config_layers": {"mmr_lambda": "surface"},
    "bandit": {},
    "candidates_pre": [
        {
            "item_id": "sku-1",
            "number": 17,
            "score": 0.91,
            "rank": 1,
            "slot": 1,
            "columns": {"source.popularity": 12.5, "blended": 0.8, "final": 0.91},
        }
    ],
    "drops": [{"item_id": "sku-9", "number": 99, "reason": "out_of_stock"}],
    "mmr_info": [{"item_id": "sku-1", "max_sim": 0.0, "relevance": 1.0}],
    "caps": {},
    "explanations": {"sku-1": {"popularity": 0.3, "covisitation": 0.4}},
    "propensities": {},
    "stages": [{"name": "gather", "n_in": 0, "n_out": 480, "duration_us": 900}],
    "policy": {"total_candidates": 480, "final_count": 2},
}
EXPORTED = (
    '{"decision_id":"01a1fd49-7a69-750f-9475-0c69bf67cd7a",'
    '"ts":"2026-03-01T12:00:00.123Z","namespace":"shop","surface":"home","k":2,'
    '"final_items":[{"item_id":"sku-1","score":0.91,"rank":1,"reasons":[]}]}\n'
)
