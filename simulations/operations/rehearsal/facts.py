"""What is known of a private namespace beside what ranking knows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from msgspec import Struct

from catalog.models import Item, Namespace, User
from catalog.operations.event_types import event_types

SPLIT_QUANTILE = 0.75
_SPLIT = """
SELECT percentile_disc(%s) WITHIN GROUP (ORDER BY ts) FROM catalog_event
WHERE org_id = %s AND namespace_id = %s
"""
_LATER = """
SELECT shopper.user_id, item.item_id, sum(weight.weight)
FROM catalog_event AS event
JOIN unnest(%s::int[], %s::float8[]) AS weight(type, weight) ON weight.type = event.type
JOIN catalog_user AS shopper ON shopper.id = event.user_id
JOIN catalog_item AS item ON item.id = event.item_id
WHERE event.org_id = %s AND event.namespace_id = %s AND event.ts > %s
GROUP BY shopper.user_id, item.item_id
"""

type Relevance = Mapping[str, Mapping[str, float]]


class ItemFacts(Struct, frozen=True, kw_only=True):
    """One item, as expectations see it."""

    tags: frozenset[str]
    category: str | None
    props: Mapping[str, Any]
    available: bool = True


NO_FACTS = ItemFacts(tags=frozenset(), category=None, props={})


def split_of(namespace: Namespace, *, at: datetime) -> datetime:
    """Return the moment before which three quarters of the events lie."""
    with connection.cursor() as cursor:
        cursor.execute(_SPLIT, [SPLIT_QUANTILE, namespace.org_id, namespace.pk])
        (moment,) = cursor.fetchone()
    return moment or at


def relevance_after(namespace: Namespace, split: datetime) -> Relevance:
    """Return what each user did after a moment: item to the sum of type weights."""
    types = [each for each in event_types(namespace) if each.is_active]
    found: dict[str, dict[str, float]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(
            _LATER,
            [
                [each.type for each in types],
                [each.weight for each in types],
                namespace.org_id,
                namespace.pk,
                split,
            ],
        )
        for user_id, item_id, weight in cursor.fetchall():
            if weight > 0:
                found[user_id][item_id] = float(weight)
    return found


def item_facts(namespace: Namespace) -> dict[str, ItemFacts]:
    rows = Item.objects.filter(namespace=namespace, listed=True)
    columns = rows.values_list("item_id", "tags", "category", "props", "available")
    return {
        item_id: ItemFacts(
            tags=frozenset(tag.casefold() for tag in tags or ()),
            category=category,
            props=props or {},
            available=available,
        )
        for item_id, tags, category, props, available in columns
    }


def users_by_id(namespace: Namespace) -> dict[str, str | None]:
    """Return users with their segment by trait, in the order of their ids."""
    rows = User.objects.filter(namespace=namespace, listed=True).order_by("user_id")
    return {
        user_id: (traits or {}).get("segment")
        for user_id, traits in rows.values_list("user_id", "traits")
    }
