"""Everything that may change while answers are given, at random."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.ranking.builds import build
from tests.ranking.shops import Shop, item

TAGS = ("tea", "mug", "tray", "fresh", "sale")
BRANDS = ("leaf", "clay", "oak")
USERS = tuple(f"u{number}" for number in range(25))
SURFACES = ("home", "pdp", "cart")
KINDS = ("view", "click", "add", "purchase")


@dataclass
class Churn:
    """A shop whose items, rules, settings and events never stand still."""

    shop: Shop
    rng: random.Random
    n_items: int = 40
    builds_every: int = 150
    rules: list[str] = field(default_factory=list)
    overrides: list[str] = field(default_factory=list)
    n_changes: int = 0

    def open_shop(self) -> None:
        self.shop.sell(*[self._item(number) for number in range(self.n_items)])
        self.shop.record(*[self._event() for _ in range(200)])
        build(self.shop)

    def change(self) -> None:
        """Do one thing of those that change what is answered."""
        self.n_changes += 1
        if self.n_changes % self.builds_every == 0:
            build(self.shop)
            return
        ways: dict[Callable[[], None], int] = {
            self.sell: 6,
            self.delete_item: 1,
            self.happen: 6,
            self.happen_late: 4,
            self.rule: 3,
            self.change_rule: 2,
            self.override: 2,
            self.profile: 2,
            self.segment: 1,
            self.segment_profile: 1,
            self.event_type: 1,
            self.traits: 2,
        }
        (way,) = self.rng.choices([*ways], [*ways.values()])
        way()

    def ask(self) -> dict[str, Any]:
        """Ask for a ranking as some visitor would; return the answer."""
        rng = self.rng
        fields: dict[str, Any] = {
            "k": rng.choice([1, 5, 10, 20]),
            "user_id": rng.choice([None, "stranger", *USERS]),
            "surface": rng.choice(SURFACES),
        }
        extras: list[dict[str, Any]] = [
            {},
            {},
            {"context": {"device": "phone"}},
            {"overrides": {"exploration_slots": 3}},
            {"overrides": {"mmr_lambda": 0.4}},
            {"blend": {"pop": 0.2, "cooc": 0.8}},
            {"explain_level": "full", "include_reasons": True},
            {"constraints": {"include_tags_any": ["tea", "sale"]}},
            {"constraints": {"price_between": [2, 40]}},
        ]
        answer: dict[str, Any] = self.shop.ask(
            "/v1/recommendations", **fields, **rng.choice(extras)
        )
        return answer

    def sell(self) -> None:
        numbers = self.rng.sample(range(self.n_items + 3), self.rng.randint(1, 4))
        self.n_items = max(self.n_items, *(number + 1 for number in numbers))
        self.shop.sell(*[self._item(number) for number in numbers])

    def delete_item(self) -> None:
        self.shop.ask("/v1/items:delete", item_id=self._item_id())

    def happen(self) -> None:
        self.shop.record(*[self._event() for _ in range(self.rng.randint(1, 5))])

    def happen_late(self) -> None:
        late = datetime.now(UTC) - timedelta(hours=self.rng.uniform(0.1, 700))
        self.shop.record(self._event(), ts=late.isoformat())

    def rule(self) -> None:
        action = self.rng.choice(["BLOCK", "PIN", "BOOST"])
        target: dict[str, Any] = {
            "target_type": "ITEM",
            "item_ids": [f"i{n}" for n in self.rng.sample(range(self.n_items), 2)],
        }
        if action != "PIN" and self.rng.random() < 0.5:
            target = {"target_type": "TAG", "target_key": self.rng.choice(TAGS)}
        if action == "BOOST":
            target["boost_value"] = self.rng.choice([0.5, 2.0])
        if len(self.rules) > 12:
            self._enable(self.rules.pop(0), enabled=False)
        said = self.shop.ask(
            "/v1/admin/rules",
            name=f"rule {self.n_changes}",
            surface=self.rng.choice(SURFACES),
            action=action,
            priority=self.rng.randint(1, 100),
            **target,
        )
        self.rules.append(said["rule_id"])

    def change_rule(self) -> None:
        if self.rules:
            self._enable(self.rng.choice(self.rules), enabled=self.rng.random() < 0.5)

    def override(self) -> None:
        if len(self.overrides) > 5:
            path = f"/v1/admin/manual_overrides/{self.overrides.pop(0)}/cancel"
            self.shop.ask(path)
        said = self.shop.ask(
            "/v1/admin/manual_overrides",
            surface=self.rng.choice(SURFACES),
            item_id=self._item_id(),
            action=self.rng.choice(["boost", "suppress"]),
        )
        self.overrides.append(said["override_id"])

    def profile(self) -> None:
        knobs = [
            {"brand_cap": self.rng.randint(1, 9)},
            {"mmr_lambda": round(self.rng.random(), 2)},
            {"blend_alpha": round(self.rng.random(), 2)},
            {"surfaces": {"home": {"mmr_lambda": round(self.rng.random(), 2)}}},
        ]
        self.shop.ask("/v1/admin/recommendation/config", config=self.rng.choice(knobs))

    def segment(self) -> None:
        self.segment_profile()
        rule = {"eq": ["ctx.device", self.rng.choice(["phone", "tablet"])]}
        self.shop.ask(
            "/v1/segments:upsert",
            segment={
                "segment_id": self.rng.choice(["mobile", "other"]),
                "profile_id": "handy",
                "rules": [{"rule": rule}],
            },
        )

    def segment_profile(self) -> None:
        boost = round(self.rng.uniform(0, 3), 2)
        self.shop.ask(
            "/v1/segment-profiles:upsert",
            profiles=[{"profile_id": "handy", "profile_boost": boost}],
        )

    def event_type(self) -> None:
        weight = round(self.rng.uniform(0.05, 1), 2)
        self.shop.ask(
            "/v1/event-types:upsert",
            types=[{"type": 1, "name": "click", "weight": weight}],
        )

    def traits(self) -> None:
        user = {"user_id": self.rng.choice(USERS), "traits": {"n": self.n_changes}}
        self.shop.ask("/v1/users:upsert", users=[user])

    def _enable(self, rule_id: str, *, enabled: bool) -> None:
        path = f"/v1/admin/rules/{rule_id}"
        rule = self.shop.get(path).json()
        self.shop.client.put(
            path,
            {**rule, "namespace": self.shop.name, "enabled": enabled},
            content_type="application/json",
            headers={"X-Org-ID": str(self.shop.org_id)},
        )

    def _item(self, number: int) -> dict[str, Any]:
        rng = self.rng
        return item(
            f"i{number}",
            title=f"{rng.choice(TAGS)} {number}",
            tags=rng.sample(TAGS, 2),
            brand=rng.choice(BRANDS),
            price=round(rng.uniform(1, 60), 2),
            stock=rng.choice([None, 0, 3, 50]),
            available=rng.random() < 0.9,
        )

    def _item_id(self) -> str:
        return f"i{self.rng.randrange(self.n_items)}"

    def _event(self) -> tuple[str, str, str]:
        return self.rng.choice(USERS), self._item_id(), self.rng.choice(KINDS)
