"""Small shops with events, in the database and as plain tables."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from catalog.core.wire import EventIn, ItemIn, UserIn
from catalog.models import Namespace
from catalog.operations import store_events, upsert_items, upsert_users
from catalog.tenancy import org_scope
from tests.clock import NOON
from tests.factories.tenants import make_namespace

SHELVES = ("books", "garden", "toys")


def make_shop(*, items: int = 30, at: datetime = NOON) -> Namespace:
    """Return a namespace of items on three shelves, without events."""
    namespace = make_namespace()
    with org_scope(namespace.org_id):
        upsert_items(
            namespace,
            [
                ItemIn(
                    item_id=f"item-{i:03}",
                    title=f"{SHELVES[i % 3]} thing number {i}",
                    brand=f"Brand {i % 5}",
                    category_path=["shop", SHELVES[i % 3]],
                    tags=[SHELVES[i % 3], "Common"],
                    price=5.0 + i,
                    props={"margin": 0.25},
                )
                for i in range(items)
            ],
            at=at,
        )
        upsert_users(
            namespace,
            [
                UserIn(user_id=f"user-{i:03}", traits={"segment": SHELVES[i % 3]})
                for i in range(12)
            ],
            at=at,
        )
    return fresh(namespace)


def shop_events(
    count: int, *, seed: int = 1, items: int = 30, until: datetime = NOON
) -> list[EventIn]:
    """Return events of twelve users who each keep to a shelf, over forty days."""
    rng = np.random.default_rng(seed)
    users = rng.integers(0, 12, count)
    places = rng.integers(0, items // 3, count) * 3 + users % 3
    seconds = rng.integers(60, 40 * 86_400, count)
    types = rng.choice(4, count, p=[0.5, 0.2, 0.1, 0.2])
    return [
        EventIn(
            user_id=f"user-{user:03}",
            item_id=f"item-{place:03}",
            type=int(type_),
            ts=until - timedelta(seconds=int(ago)),
        )
        for user, place, ago, type_ in zip(users, places, seconds, types, strict=True)
    ]


def send_events(namespace: Namespace, events: list[EventIn], *, at=NOON) -> None:
    with org_scope(namespace.org_id):
        store_events(namespace, events, at=at)


def fresh(namespace: Namespace) -> Namespace:
    return Namespace.objects.get(pk=namespace.pk)
