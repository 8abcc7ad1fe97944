"""The service's quality and coverage scripts: what they read, ask, and end well with.

Neither holds anything back: what is served has read the events that it is judged by.
That flatters every system alike and is why the platform evaluates otherwise; here it
only has to end their scripts with exit code 0.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import pytest

from tests.ranking.conftest import serving_connections, shop
from tests.simulations.test_service_scripts import WEIGHTS, Script, seeded

__all__ = ["seeded", "serving_connections", "shop"]

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = {"items": 500, "users": 200, "events": 1_000}
K, LEAST_EVENTS, LEAST_USERS = 20, 10, 100
MINIMA = {"ndcg": 0.1, "mrr": 0.1, "coverage": 0.6, "long_tail": 0.2}
STAGES = ("popularity", "collaborative", "content", "session", "merged")


def read_back(script: Script, what: str) -> list[dict[str, Any]]:
    """Read a whole list, page by page, by limit and offset."""
    found: list[dict[str, Any]] = []
    limit = PAGES[what]
    while True:
        page = script.shop.get(
            f"/v1/{what}", namespace="shop", limit=limit, offset=len(found)
        ).json()
        found += page["items"]
        if not page["has_more"]:
            assert len(found) == page["total"]
            return found


class Protocol:
    """`run_quality_eval`: split, warm users, relevance, baseline, and lists."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.catalog = {each["item_id"] for each in read_back(script, "items")}
        self.segments = {
            each["user_id"]: each["traits"]["segment"]
            for each in read_back(script, "users")
        }
        events = read_back(script, "events")
        moments = sorted(each["ts"] for each in events)
        split = moments[int(len(moments) * 0.75)]
        self.seen: dict[str, set[str]] = defaultdict(set)
        self.popularity: dict[str, float] = defaultdict(float)
        self.relevance: dict[str, dict[str, float]] = defaultdict(dict)
        n_before: dict[str, int] = defaultdict(int)
        for each in events:
            user, item, worth = each["user_id"], each["item_id"], WEIGHTS[each["type"]]
            if each["ts"] <= split:
                self.seen[user].add(item)
                self.popularity[item] += worth
                n_before[user] += 1
            else:
                mine = self.relevance[user]
                mine[item] = mine.get(item, 0.0) + worth
        self.warm = [
            user
            for user in sorted(self.segments)
            if n_before[user] >= LEAST_EVENTS and self.relevance[user]
        ]
        ranked = sorted(self.catalog, key=lambda item: (-self.popularity[item], item))
        self.popular = ranked
        bound = sorted(self.popularity[item] for item in self.catalog)
        self.tail_below = bound[int(len(bound) * 0.6)]

    def baseline(self, user: str) -> list[str]:
        unseen = (item for item in self.popular if item not in self.seen[user])
        return [item for _, item in zip(range(K), unseen, strict=False)]

    def figures(self, user: str, ids: list[str]) -> dict[str, float]:
        relevance = self.relevance[user]
        gains = [relevance.get(item, 0.0) for item in ids]
        best = sorted(relevance.values(), reverse=True)[:K]
        first = next((n for n, gain in enumerate(gains, 1) if gain > 0), None)
        return {
            "ndcg": _dcg(gains) / _dcg(best),
            "mrr": 1 / first if first else 0.0,
            "recall": sum(gain > 0 for gain in gains) / len(relevance),
        }

    def long_tail(self, ids: list[str]) -> float:
        return sum(self.popularity[item] <= self.tail_below for item in ids) / len(ids)


def _dcg(gains: list[float]) -> float:
    return sum(
        (2**gain - 1) / math.log2(rank + 1) for rank, gain in enumerate(gains, 1)
    )


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def test_the_quality_and_coverage_scripts_end_with_0(seeded: Script) -> None:
    told = Protocol(seeded)
    assert len(told.warm) >= LEAST_USERS, "fewer warm users than the script asks for"
    answers = {
        user: seeded.ask(user, K, include_reasons=True, explain_level="numeric")
        for user in told.warm
    }
    lists = {
        user: [each["item_id"] for each in answer["items"]]
        for user, answer in answers.items()
    }

    ours, theirs = (
        {user: told.figures(user, ids) for user, ids in each.items()}
        for each in (lists, {user: told.baseline(user) for user in told.warm})
    )
    for segment in sorted(set(told.segments.values())):
        users = [user for user in told.warm if told.segments[user] == segment]
        for name in ("ndcg", "mrr"):
            system = _mean([ours[user][name] for user in users])
            base = _mean([theirs[user][name] for user in users])
            lift = (system - base) / base if base else math.inf
            assert lift >= MINIMA[name], f"{segment}: {name} {lift:+.1%}"
    shown = {item for ids in lists.values() for item in ids}
    coverage = len(shown) / len(told.catalog)
    assert coverage >= MINIMA["coverage"], coverage
    tail = _mean([told.long_tail(ids) for ids in lists.values()])
    assert tail >= MINIMA["long_tail"], tail

    # `profile_coverage` reads the counts by stage of as many users' answers.
    for answer in answers.values():
        sources = answer["trace"]["extras"]["candidate_sources"]
        assert set(STAGES) <= set(sources)
        assert sources["merged"]["count"] >= sources["post_exclusion"]["count"] >= K
        assert all(each["duration_ms"] >= 0 for each in sources.values())
    reached = [
        answer["trace"]["extras"]["candidate_sources"]["collaborative"]["count"]
        for answer in answers.values()
    ]
    assert _mean([count > 0 for count in reached]) > 0.9
