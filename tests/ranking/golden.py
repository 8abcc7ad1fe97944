"""Answers that must not change unless the engine's version does.

After a change on purpose raise ``ENGINE_VERSION`` and write them again::

    python -m tests.ranking.golden
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from ranking.core.answer import answer_digest, canonical_answer
from ranking.core.configuration import Configuration, Segment, SegmentRule
from ranking.core.inputs import Inputs
from ranking.core.layers import Plan
from ranking.core.pipeline import ENGINE_VERSION, rank
from ranking.core.ranking import Ranking
from ranking.core.request import Constraints, History, Prefetched, Request
from ranking.core.world import World
from tests.ranking.worlds import NOON_US, Item, Shop, make_history, make_snapshot

FILE = Path(__file__).parent / "golden.json"
N_ITEMS = 120

SHOP = Shop(
    items=[
        Item(
            item_id=f"item-{i * 37 % N_ITEMS:03}",
            popularity=max(0, 80 - i) * (1 + i % 3),
            tags=[f"tag{i % 7}", f"Tag{i % 11}", f"brand:b{i % 9}"],
            brand=f"Brand {i % 9}",
            category=["shop", f"aisle {i % 4}", f"shelf {i % 12}"],
            price=None if i % 10 == 9 else 1.5 * (1 + i % 20),
            stock=None if i % 2 else i % 8,
            available=i % 17 != 5,
            margin=(i % 5) / 5,
            novelty=(i % 6) / 6,
            long_tail=i > 80,
            content=[i % 13 - 6, i % 5 - 2, i % 3 - 1, 1],
            factors=[(i % 4) / 4, (i % 7) / 7, (i % 9) / 9],
        )
        for i in range(N_ITEMS)
    ],
    covisitation={
        f"item-{i:03}": {f"item-{(i * 7 + j) % N_ITEMS:03}": 1 / j for j in range(1, 9)}
        for i in range(0, N_ITEMS, 2)
    },
    session={
        f"item-{i:03}": {f"item-{(i + j) % N_ITEMS:03}": 1 / j for j in range(1, 4)}
        for i in range(N_ITEMS)
    },
    ease={
        f"item-{i:03}": {
            f"item-{(i * 3 + j) % N_ITEMS:03}": 0.1 * j for j in range(1, 5)
        }
        for i in range(N_ITEMS)
    },
    segment_popularity={"loyal": {f"item-{i:03}": 20 - i for i in range(20)}},
)
VISITS = [(f"item-{i * 11 % N_ITEMS:03}", i % 4, 0.5 + 2 * i) for i in range(12)]
CONFIGURATION = Configuration(
    segments=(
        Segment(
            segment_id="loyal",
            profile_id="for-loyal",
            rules=(SegmentRule(rule_id="1", rule={"gte": ["user.traits.orders", 3]}),),
        ),
    ),
    segment_profiles={"for-loyal": {"repeat_weight": 0.2, "margin_weight": 0.1}},
)

QUESTIONS: dict[str, tuple[Request, History]] = {
    "anonymous": (Request(k=10), History.anonymous()),
    "stranger": (Request(k=10, user_id="stranger"), History.anonymous()),
    "known": (
        Request(k=12, user_id="ana", explain_level="full"),
        make_history(SHOP, *VISITS),
    ),
    "loyal": (
        Request(k=12, user_id="ben", explain_level="numeric"),
        make_history(SHOP, *VISITS[:5], traits={"orders": 4}),
    ),
    "capped": (
        Request(
            k=15,
            user_id="ana",
            overrides={
                "brand_cap": 2,
                "category_cap": 2,
                "mmr_lambda": 0.3,
                "mmr_similarity": "tags",
                "normalisation": "rank",
                "similarity": "weighted",
            },
        ),
        make_history(SHOP, *VISITS),
    ),
    "narrow": (
        Request(
            constraints=Constraints(
                include_tags_any=("TAG3",),
                exclude_item_ids=("item-000",),
                price_min=3.0,
                price_max=25.0,
            )
        ),
        make_history(SHOP, *VISITS[:2]),
    ),
    "explored": (
        Request(k=8, overrides={"exploration_slots": 3}),
        make_history(SHOP, *VISITS[:3]),
    ),
    "reranked": (
        Request(items=tuple(Prefetched(f"item-{i:03}", i % 7) for i in range(30))),
        make_history(SHOP, *VISITS),
    ),
}


def answered(name: str) -> Ranking:
    request, history = QUESTIONS[name]
    return rank(
        Inputs(
            request=request,
            world=World.of(make_snapshot(SHOP)),
            history=history,
            plan=Plan.of(CONFIGURATION),
            at_us=NOON_US,
            seed=11,
        )
    )


def golden() -> dict[str, object]:
    answers = {name: answered(name) for name in QUESTIONS}
    return {
        "engine_version": ENGINE_VERSION,
        "answers": {
            name: {
                "digest": answer_digest(ranking).hex(),
                "items": [
                    [item["item_id"], item["score"], list(item["reasons"])]
                    for item in canonical_answer(ranking)["items"]
                ],
            }
            for name, ranking in answers.items()
        },
    }


if __name__ == "__main__":
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(golden()), indent=1))
