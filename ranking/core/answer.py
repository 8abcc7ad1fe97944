"""An answer in canonical form, and the digest by which replays compare it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

from .explanation import explanations
from .ranking import Ranking
from .reasons import reasons
from .request import Request

__all__ = [
    "answer_digest",
    "canonical_answer",
    "explanations",
    "model_version",
    "reasons",
]


def canonical_answer(
    ranking: Ranking, *, degraded: Sequence[str] = ()
) -> dict[str, Any]:
    """Return all of an answer that equal inputs must give again.

    Items with score, rank, reasons and explanation (at the level that the
    request asks for), segment, profile, degradation and policy counts; no ids
    of the call, no timings.
    """
    shopper = ranking.pool.shopper
    request = ranking.pool.request
    told = explanations(ranking, level=request.explain_level)
    items: list[dict[str, Any]] = [
        {"item_id": item_id, "score": score, "rank": rank, "reasons": why}
        for rank, (item_id, score, why) in enumerate(
            zip(
                ranking.item_ids, ranking.scores.tolist(), reasons(ranking), strict=True
            ),
            1,
        )
    ]
    for item, parts in zip(items, told or (), strict=False):
        item["explain"] = parts
    return {
        "items": items,
        "segment_id": shopper.match.segment_id,
        "profile_id": shopper.match.profile_id,
        "degraded": list(degraded),
        "policy": dict(ranking.counts),
    }


def answer_digest(ranking: Ranking, *, degraded: Sequence[str] = ()) -> bytes:
    """Return the SHA-256 of the canonical answer's canonical bytes."""
    answer = canonical_answer(ranking, degraded=degraded)
    return hashlib.sha256(msgspec.json.encode(answer, order="deterministic")).digest()


def model_version(request: Request) -> str:
    """Return the label that old clients read.

    >>> model_version(Request())
    'popularity_v1'
    """
    blend = request.blend
    blends = blend is not None and max(blend.cooc or 0, blend.als or 0) > 0
    return "blend_v1" if blends else "popularity_v1"
