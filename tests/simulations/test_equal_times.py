"""Events of equal time in another order give the same answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.ranking.builds import build
from tests.ranking.conftest import serving_connections, shop
from tests.ranking.shops import Shop, items

__all__ = ["serving_connections", "shop"]

pytestmark = pytest.mark.django_db(transaction=True)
ITEMS, USERS, BASKETS = 24, 8, 6
# What is looked at next decides alone: nothing else reads an order.
BY_SESSION = {
    "rule_exclude_events": False,
    "blend_alpha": 0.0,
    "blend_beta": 0.0,
    "repeat_weight": 0.0,
    **dict.fromkeys(
        ("collaborative_weight", "ease_weight", "content_weight", "embedding_weight"),
        0.0,
    ),
}


def baskets() -> list[list[dict[str, Any]]]:
    """Return baskets: all events of one have the very same time."""
    first = datetime.now(UTC).replace(microsecond=0) - timedelta(days=BASKETS)
    return [
        [
            {
                "user_id": f"u{user}",
                "item_id": f"i{_place(user, basket, step):02d}",
                "type": ("click", "add", "purchase")[(user + step) % 3],
                "ts": (first + timedelta(days=basket, minutes=user)).isoformat(),
            }
            for step in range(6)
        ]
        for basket in range(BASKETS)
        for user in range(USERS)
    ]


def _place(user: int, basket: int, step: int) -> int:
    return (user * 5 + basket * 7 + step * (step + 3)) % ITEMS


def answers(shop: Shop, name: str, *, turned: bool) -> dict[str, Any]:
    """Fill a namespace with the baskets, each in its order or turned, and ask."""
    here = replace(shop, name=name)
    here.sell(*items([f"i{n:02d}" for n in range(ITEMS)], tags=["x"]))
    here.ask("/v1/users:upsert", users=[{"user_id": f"u{n}"} for n in range(USERS)])
    events = [
        event for basket in baskets() for event in (basket[::-1] if turned else basket)
    ]
    here.ask("/v1/events:batch", events=events)
    here.ask("/v1/admin/recommendation/config", config=BY_SESSION)
    build(here)
    return {
        user: [
            (each["item_id"], each["score"])
            for each in here.recommend(user, k=12, include_reasons=True)["items"]
        ]
        for user in (f"u{n}" for n in range(USERS))
    }


@pytest.mark.prove
def test_events_of_equal_time_may_come_in_any_order(shop: Shop) -> None:
    straight, turned = (
        answers(shop, name, turned=name == "turned") for name in ("straight", "turned")
    )

    moved = sum(
        one != other
        for user, each in straight.items()
        for one, other in zip(each, turned[user], strict=True)
    )
    assert moved == 0, f"{moved} of {USERS * 12} positions are others"
