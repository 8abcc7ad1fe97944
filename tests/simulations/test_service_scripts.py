"""The RecSys service's own scripts: what they send, in their order, and what they want.

Their seeder's shop (categories, brands, tags, segments, Zipf hints, hashed vectors left
out), then scenarios S1 to S10, the determinism check and the check of rules, over HTTP.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.ranking.builds import build
from tests.ranking.shops import Shop

pytestmark = pytest.mark.django_db(transaction=True)
SEED = 20251103
ITEMS, USERS, EVENTS = 320, 120, 5_200
FIRST_DAY = datetime(2025, 9, 1, tzinfo=UTC)
WEIGHTS = {0: 0.1, 1: 0.3, 2: 0.6, 3: 1.0, 4: 0.2}
SHELVES = {
    "Electronics": (["electronics", "gadgets", "smart"], "AcmeTech Voltify Nimbus"),
    "Books": (["books", "reading", "literature"], "LeafPress Quanta AtlasReads"),
    "Home": (["home", "decor", "living"], "CozyNest HavenCraft BrightLiving"),
    "Fitness": (["fitness", "health", "active"], "PulseGear Stride ZenMotion"),
    "Fashion": (["fashion", "style", "apparel"], "AuraThreads CoutureX LoomLab"),
    "Beauty": (["beauty", "skincare", "wellness"], "LuxeGlow PureBloom RadiantHue"),
    "Gourmet": (["food", "gourmet", "kitchen"], "SavoryCo Epicurean SpiceTrail"),
    "Outdoors": (["outdoors", "adventure", "travel"], "SummitPeak Skyline TerraQuest"),
}
MIXES: dict[str, dict[str, float]] = {
    "power_users": {"Electronics": 0.35, "Fitness": 0.2, "Outdoors": 0.2, "Home": 0.25},
    "new_users": {"Electronics": 0.25, "Books": 0.2, "Home": 0.2, "Fashion": 0.35},
    "niche_readers": {"Books": 0.6, "Gourmet": 0.25, "Home": 0.15},
    "trend_seekers": {"Fashion": 0.4, "Beauty": 0.35, "Home": 0.15, "Electronics": 0.1},
    "weekend_adventurers": {"Outdoors": 0.5, "Fitness": 0.25, "Gourmet": 0.25},
}


def made_items(rng: random.Random) -> list[dict[str, Any]]:
    rows = []
    for number in range(1, ITEMS + 1):
        category = rng.choice(list(SHELVES))
        tags, brands = SHELVES[category]
        brand = rng.choice(brands.split())
        margin, novelty = rng.uniform(0.1, 0.6), rng.random()
        available = rng.random() < 0.95 or number == 5
        marks = ["high_margin"] * (margin > 0.45) + ["new_arrival"] * (novelty > 0.8)
        marks += [] if available else ["backorder"]
        rows.append(
            {
                "item_id": f"item_{number:04d}",
                "available": available,
                "price": round(rng.uniform(12, 240), 2),
                "tags": [*tags, brand.lower(), *marks],
                "brand": brand,
                "category": category,
                "props": {
                    "margin": round(margin, 3),
                    "novelty": round(novelty, 3),
                    "popularity_hint": number**-0.85,
                },
            }
        )
    return rows


def made_events(
    rng: random.Random, items: list[dict[str, Any]], users: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    shelves: dict[str, list[str]] = {name: [] for name in SHELVES}
    for item in items:
        shelves[item["category"]].append(item["item_id"])
    made = 0
    while made < EVENTS:
        user = rng.choice(users)
        mix = MIXES[user["traits"]["segment"]]
        for _ in range(max(3, round(rng.gauss(8, 3)))):
            category = rng.choices(list(mix), list(mix.values()))[0]
            moment = FIRST_DAY + timedelta(days=60 * rng.random())
            yield {
                "user_id": user["user_id"],
                "item_id": rng.choice(shelves[category]),
                "type": rng.choices([0, 1, 2, 3], [0.55, 0.25, 0.12, 0.08])[0],
                "value": 1,
                "ts": moment.isoformat(),
            }
            made += 1


@pytest.fixture
def seeded(shop: Shop) -> Script:
    """A namespace as the service's seeder fills it."""
    rng = random.Random(SEED)
    items = made_items(rng)
    users = [
        {
            "user_id": f"user_{number:04d}",
            "traits": {"segment": list(MIXES)[number % len(MIXES)]},
        }
        for number in range(1, USERS + 1)
    ]
    events = list(made_events(rng, items, users))
    for path, name, rows, size in (
        ("items:upsert", "items", items, 50),
        ("users:upsert", "users", users, 100),
        ("events:batch", "events", events, 500),
    ):
        for start in range(0, len(rows), size):
            shop.ask(f"/v1/{path}", **{name: rows[start : start + size]})
    build(shop)
    return Script(shop, items, users, events)


class Script:
    """What the scripts keep in hand between calls."""

    def __init__(
        self,
        shop: Shop,
        items: list[dict[str, Any]],
        users: list[dict[str, Any]],
        events: list[dict[str, Any]],
    ) -> None:
        self.shop = shop
        self.items = {item["item_id"]: item for item in items}
        self.users = users
        moments = sorted(event["ts"] for event in events)
        split = moments[int(len(moments) * 0.75)]
        self.relevance: dict[str, dict[str, float]] = {}
        for event in events:
            if event["ts"] > split:
                mine = self.relevance.setdefault(event["user_id"], {})
                gain = WEIGHTS[event["type"]]
                mine[event["item_id"]] = mine.get(event["item_id"], 0.0) + gain

    def ask(self, user: str, k: int = 20, **fields: Any) -> Any:
        context = {"surface": "home"}
        return self.shop.recommend(user, k=k, context=context, **fields)

    def ids(self, user: str, k: int = 20, **fields: Any) -> list[str]:
        return [item["item_id"] for item in self.ask(user, k, **fields)["items"]]

    def tags(self, item_id: str) -> set[str]:
        return set(self.items[item_id]["tags"])

    def rule(self, **fields: Any) -> Any:
        body = {"surface": "home", "enabled": True, "name": "scenario", **fields}
        return self.shop.ask("/v1/admin/rules", **body)

    def switch_off(self, rule: Any) -> None:
        body = {**rule, "namespace": self.shop.name, "enabled": False}
        answer = self.shop.client.put(
            f"/v1/admin/rules/{rule['rule_id']}",
            body,
            content_type="application/json",
            headers={"X-Org-ID": str(self.shop.org_id)},
        )
        assert answer.status_code == 200, answer.content

    def override(self, item_id: str, value: float) -> str:
        made = self.shop.ask(
            "/v1/admin/manual_overrides",
            surface="home",
            item_id=item_id,
            action="boost",
            boost_value=value,
        )
        return str(made["override_id"])

    def cancel(self, override_id: str) -> None:
        path = f"/v1/admin/manual_overrides/{override_id}/cancel"
        self.shop.ask(path, cancelled_by="scenario")

    def ndcg(self, user: str, ids: list[str]) -> float:
        relevance = self.relevance.get(user, {})
        gains = [relevance.get(item_id, 0.0) for item_id in ids]
        best = sorted(relevance.values(), reverse=True)[: len(ids)]
        return _dcg(gains) / _dcg(best) if best else 0.0

    def similarity(self, ids: list[str]) -> float:
        pairs = [(a, b) for n, a in enumerate(ids) for b in ids[n + 1 :]]
        shares = [
            len(self.tags(a) & self.tags(b)) / len(self.tags(a) | self.tags(b))
            for a, b in pairs
        ]
        return sum(shares) / len(shares)


def _dcg(gains: list[float]) -> float:
    return sum(
        (2**gain - 1) / math.log2(rank + 1) for rank, gain in enumerate(gains, 1)
    )


def test_scenarios_s1_to_s10_pass(seeded: Script) -> None:
    books = seeded.ids("user_0003", 15, constraints={"include_tags_any": ["books"]})
    assert books
    assert all("books" in seeded.tags(item) for item in books), "S1"

    seeded.ids("user_0001", 15)
    block = seeded.rule(
        action="BLOCK", target_type="TAG", target_key="high_margin", priority=100
    )
    blocked = seeded.ids("user_0001", 15)
    seeded.switch_off(block)
    assert blocked
    assert not any("high_margin" in seeded.tags(item) for item in blocked), "S2"

    before = seeded.ids("user_0002", 15)
    lifted = seeded.override(before[2], 3.0)
    after = seeded.ids("user_0002", 15)
    seeded.cancel(lifted)
    assert after.index(before[2]) < 2, "S3"

    usual = seeded.ids("user_0005")
    diverse = seeded.ids("user_0005", overrides={"mmr_lambda": 0})
    assert seeded.similarity(diverse) < seeded.similarity(usual), "S4"
    accuracy = [seeded.ndcg("user_0005", each) for each in (usual, diverse)]
    assert accuracy[1] >= 0.7 * accuracy[0], "S4"

    pin = seeded.rule(
        action="PIN",
        target_type="ITEM",
        item_ids=["item_0005"],
        priority=200,
        max_pins=1,
    )
    pinned = seeded.ids("user_0007", 15)
    seeded.switch_off(pin)
    assert pinned[0] == "item_0005", "S5"

    acme = seeded.ids("user_0008", 10, constraints={"include_tags_any": ["acmetech"]})
    assert acme
    assert all("acmetech" in seeded.tags(item) for item in acme), "S6"

    newcomers = [
        user["user_id"]
        for user in seeded.users
        if user["traits"]["segment"] == "new_users"
        and seeded.relevance.get(user["user_id"])
    ][:10]
    lists = {user: seeded.ids(user, 10) for user in newcomers}
    ranks = [
        next(
            (1 / n for n, item in enumerate(ids, 1) if item in seeded.relevance[user]),
            0.0,
        )
        for user, ids in lists.items()
    ]
    shelves = [
        len({seeded.items[item]["category"] for item in ids}) for ids in lists.values()
    ]
    assert min(map(len, lists.values())) >= 5, "S7"
    assert sum(shelves) / len(shelves) >= 4, "S7"
    assert sum(ranks) / len(ranks) >= 0.2, "S7"

    _launch(seeded)
    _margin(seeded)

    told = seeded.ask("user_0004", 10, include_reasons=True, explain_level="full")
    assert told["model_version"], "S10"
    assert any(item["reasons"] for item in told["items"]), "S10"
    assert any(item["explain"] for item in told["items"]), "S10"


def _launch(seeded: Script) -> None:
    new = {
        "item_id": "item_new_explore",
        "available": True,
        "price": 149,
        "brand": "AuraThreads",
        "category": "Fashion",
        "tags": ["fashion", "style", "apparel", "aurathreads", "new_arrival"],
        "props": {"novelty": 0.95, "margin": 0.4},
    }
    seeded.shop.ask("/v1/items:upsert", items=[new])
    seeded.items[new["item_id"]] = new
    users = [user["user_id"] for user in seeded.users[:40]]

    def shown() -> float:
        return sum("item_new_explore" in seeded.ids(user, 15) for user in users) / 40

    base = shown()
    lift = seeded.override("item_new_explore", 2.5)
    boosted = shown()
    answer = seeded.ask(users[0], 15)
    seeded.cancel(lift)
    assert boosted > base, "S8"
    assert boosted >= 0.2, "S8"
    assert answer["trace"]["extras"]["policy"]["rule_boost_exposure"] > 0, "S8"


def _margin(seeded: Script) -> None:
    users = [user["user_id"] for user in seeded.users[:40]]
    margins, ndcgs = [], []
    for boost in (0.0, 0.4, 0.8):
        rule = boost and seeded.rule(
            action="BOOST",
            target_type="TAG",
            target_key="high_margin",
            boost_value=boost,
        )
        lists = {user: seeded.ids(user) for user in users}
        if rule:
            seeded.switch_off(rule)
        found = [
            seeded.items[item]["props"]["margin"]
            for ids in lists.values()
            for item in ids
        ]
        margins.append(sum(found) / len(found))
        ndcgs.append(sum(seeded.ndcg(*each) for each in lists.items()) / len(lists))
    assert margins == sorted(margins), "S9"
    assert margins[-1] - margins[0] > 0.003, "S9"
    assert ndcgs[1] <= ndcgs[0] + 0.02, "S9"
    assert ndcgs[2] <= ndcgs[1] + 0.02, "S9"


@pytest.mark.prove
def test_ten_equal_questions_agree(seeded: Script) -> None:
    lists = [seeded.ids("user_0005") for _ in range(10)]

    assert all(each == lists[0] for each in lists)


@pytest.mark.prove
def test_rules_block_boost_and_pin_what_they_name(seeded: Script) -> None:
    baseline = seeded.ids("user_0001")
    made = [
        seeded.rule(action="BLOCK", target_type="ITEM", item_ids=[baseline[0]]),
        seeded.rule(
            action="BOOST",
            target_type="ITEM",
            item_ids=[baseline[1]],
            boost_value=0.15,
        ),
        seeded.rule(
            action="PIN", target_type="ITEM", item_ids=[baseline[2]], max_pins=1
        ),
    ]
    answer = seeded.ask("user_0001")
    for rule in made:
        seeded.switch_off(rule)

    policy = answer["trace"]["extras"]["policy"]
    assert policy["rule_block_count"] >= 1
    assert policy["rule_boost_count"] + policy["rule_boost_exposure"] >= 1
    assert policy["rule_pin_count"] >= 1
    assert seeded.ids("user_0001") == baseline
