"""Records of decisions: valid, of realistic size, and different for every seed."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import msgspec
import numpy as np
import uuid_utils

from audit.core.columns import Columns
from audit.core.identity import seed_of
from audit.core.record import (
    DecisionRecord,
    Drops,
    Header,
    Items,
    Machine,
    Private,
    SourceCount,
    Stage,
    Trace,
)

ORG = uuid.UUID(int=1)
SOURCES = {
    "popularity": 1.0,
    "covisitation": 0.3,
    "factors": 0.4,
    "content": 0.4,
    "session": 0.1,
    "repeat": 0.05,
}
MACHINE = Machine(numpy="2.3.4", cpu="x86_64 AVX512_SKX", blas_threads=1)


def new_decision_id(*, at_ms: int | None = None) -> bytes:
    if at_ms is None:
        return uuid_utils.uuid7().bytes
    return uuid.UUID(
        int=at_ms << 80 | 7 << 76 | 2 << 62 | uuid.uuid4().int % 2**62
    ).bytes


def make_record(
    *,
    seed: int = 0,
    n_candidates: int = 200,
    k: int = 20,
    n_history: int = 50,
    n_drops: int = 40,
    **header: Any,
) -> DecisionRecord:
    """A record as a busy shop makes them. `header` replaces fields of the header."""
    rng = np.random.default_rng(seed)
    decision_id = header.get("decision_id") or new_decision_id()
    numbers = rng.choice(100_000, n_candidates, replace=False).astype(np.int64) + 1_000
    plain = Header(
        decision_id=decision_id,
        org_id=ORG.bytes,
        namespace_id=1,
        route="recommendations",
        surface="home",
        request_id=str(uuid.UUID(bytes=decision_id)),
        user_hash=hashlib.sha256(b"user %d" % seed).digest(),
        key_version=1,
        k=k,
        at_us=1_790_000_000_000_000,
        segment="returning",
        profile="default",
        profile_version=3,
        model_version="ease+ials v1",
        snapshot_hash=hashlib.sha256(b"snapshot").digest(),
        change_number=4_711,
        configuration_hash=hashlib.sha256(b"configuration").digest(),
        engine_version=1,
        rung=0,
        degraded=(),
        arm=None,
        answer_digest=hashlib.sha256(decision_id).digest(),
        latency_us=4_200,
    )
    return DecisionRecord(
        header=msgspec.structs.replace(plain, **header),
        trace=_trace(decision_id, rng=rng, numbers=numbers, k=k, n_drops=n_drops),
        private=_private(rng, n_history=n_history),
    )


def _trace(
    decision_id: bytes,
    *,
    rng: np.random.Generator,
    numbers: np.ndarray,
    k: int,
    n_drops: int,
) -> Trace:
    drops = np.sort(rng.choice(100_000, n_drops, replace=False)).astype(np.int64)
    return Trace(
        namespace="demo",
        request={"namespace": "demo", "k": k, "surface": "home", "constraints": None},
        clock="wall",
        seed=seed_of(decision_id),
        machine=MACHINE,
        items=_items(rng, numbers[:k]),
        candidates=_candidates(rng, numbers),
        drops=Drops(
            reasons=["out_of_stock", "already_bought"],
            columns=Columns({"number": drops, "reason": rng.integers(0, 2, n_drops)}),
        ),
        knobs={"mmr_lambda": 0.7, "brand_cap": 3, "popularity_half_life_days": 14.0},
        layers={
            "mmr_lambda": "surface",
            "brand_cap": "profile",
            "popularity_half_life_days": "profile",
        },
        policy={"total_candidates": 480, "after_exclusions": 440, "final_count": k},
        candidate_sources={name: SourceCount(80, 120) for name in SOURCES},
        stages=tuple(
            Stage(name, 480, 440, int(rng.integers(20, 900)))
            for name in (
                "gather",
                "eligibility",
                "score",
                "personalise",
                "rules",
                "pins",
                "diversify",
                "place",
            )
        ),
        extras={"recent_event_count": 12},
    )


def _items(rng: np.random.Generator, numbers: np.ndarray) -> Items:
    n_items = len(numbers)
    parts = (
        "part.popularity",
        "part.covisitation",
        "part.similarity",
        "part.overlap",
        "mmr.max_sim",
        "mmr.penalty",
    )
    return Items(
        ids=[f"sku-{number}" for number in numbers.tolist()],
        reasons=[["recent_popularity", "co_visitation"] for _ in range(n_items)],
        columns=Columns(
            {
                "number": numbers,
                "score": np.round(np.sort(rng.random(n_items))[::-1], 9),
            }
            | {name: rng.random(n_items).astype(np.float32) for name in parts}
        ),
    )


def _candidates(rng: np.random.Generator, numbers: np.ndarray) -> Columns:
    n_candidates = len(numbers)
    final = np.sort(rng.random(n_candidates).astype(np.float32))[::-1]
    sources = {}
    for name, share in SOURCES.items():
        column = rng.pareto(1.5, n_candidates).astype(np.float32)
        column[rng.random(n_candidates) > share] = np.nan
        sources[f"source.{name}"] = column
    slots = np.zeros(n_candidates, np.int16)
    slots[: n_candidates // 10] = 1 + np.arange(n_candidates // 10)
    return Columns(
        {"number": numbers, "rank": 1 + np.arange(n_candidates), "slot": slots}
        | sources
        | {"blended": final * np.float32(0.8), "personalised": final, "final": final}
    )


def _private(rng: np.random.Generator, *, n_history: int) -> Private:
    return Private(
        user_number=77,
        known=True,
        history=Columns(
            {
                "event_id": np.sort(rng.choice(5_000_000, n_history, replace=False))[
                    ::-1
                ],
                "number": rng.integers(1, 100_000, n_history),
                "type": rng.integers(0, 4, n_history).astype(np.int16),
                "value": np.ones(n_history),
                "ts_us": 1_789_000_000_000_000
                - np.cumsum(rng.integers(0, 10**10, n_history)),
            }
        ),
        traits={"segment": "returning", "country": "DE"},
        context={"device": "mobile"},
    )
