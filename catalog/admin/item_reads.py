"""What the item pages show, in a bounded number of bounded queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from catalog.models import ALL_CATEGORIES, Event, Item, ItemVector, Namespace

# Facets and data quality are counted over the newest items only, and say so.
SAMPLE = 5_000
_MOST_VALUES = 50
_MOST_EVENTS = 10_000
_MOST_KEPT = 256
DAYS = 28
_SHORTEST_INDEXED = 3  # The index is one of trigrams.

_NO_VECTOR = ~Exists(ItemVector.unscoped.filter(item=OuterRef("pk")))
QUALITY: Mapping[str, tuple[str, Q]] = {
    "no-picture": ("no picture", Q(image_url__isnull=True) | Q(image_url="")),
    "no-price": ("no price", Q(price__isnull=True)),
    "no-category": ("no category", Q(category__isnull=True, category_path=[])),
    "no-title": ("no title", Q(title__isnull=True) | Q(title="")),
    "no-embedding": ("no embedding", Q(_NO_VECTOR)),
}
STOCK: Mapping[str, tuple[str, Q]] = {
    "in": ("in stock", Q(stock__gt=0)),
    "out": ("sold out", Q(stock__lte=0)),
    "unmanaged": ("stock not managed", Q(stock__isnull=True)),
}
STATE: Mapping[str, tuple[str, Q]] = {
    "available": ("available", Q(available=True)),
    "unavailable": ("not available", Q(available=False)),
}


def listed_items(namespace: Namespace) -> QuerySet[Item]:
    return _listed(namespace.pk)


def _listed(namespace_id: int) -> QuerySet[Item]:
    return Item.objects.filter(namespace=namespace_id, listed=True)


def narrowed(items: QuerySet[Item], asked: Mapping[str, str]) -> QuerySet[Item]:
    """Apply the filters of the list's address; unknown values narrow nothing."""
    if brand := asked.get("brand"):
        items = items.filter(brand=brand)
    if category := asked.get("category"):
        holds = Q(("categories__contains", [category]))
        items = items.alias(categories=ALL_CATEGORIES).filter(holds)
    for name, known in (("state", STATE), ("stock", STOCK), ("quality", QUALITY)):
        if found := known.get(asked.get(name, "")):
            items = items.filter(found[1])
    for word in asked.get("q", "").split():
        items = items.alias(lowered=Lower("title")).filter(
            _titled(word) | Q(item_id__startswith=word)
        )
    return items


def with_title(items: QuerySet[Item], words: str) -> QuerySet[Item]:
    """Return the items with all the words, or beginnings of them, in the title."""
    for word in words.split():
        items = items.alias(lowered=Lower("title")).filter(_titled(word))
    return items


def _titled(word: str) -> Q:
    if len(word) < _SHORTEST_INDEXED:
        # All of the index would be read for it, which costs more than all rows.
        return Q(("lowered__contains", word.lower()))
    return Q(title__icontains=word)


@dataclass(frozen=True, kw_only=True)
class Values:
    """Which brands and categories the newest items have, most frequent first."""

    brands: Sequence[str]
    categories: Sequence[str]


def frequent_values(namespace: Namespace) -> Values:
    return _frequent_values(namespace.pk, namespace.change_number)


# A namespace at one change number is always the same, so this can be kept.
@lru_cache(maxsize=_MOST_KEPT)
def _frequent_values(namespace_id: int, _change_number: int) -> Values:
    newest = _listed(namespace_id).order_by("-created_at", "-pk")
    rows = list(newest.values_list("brand", "category", "category_path")[:SAMPLE])
    brands = Counter(brand for brand, _, _ in rows if brand)
    categories = Counter(name for _, own, path in rows for name in {own, *path} if name)
    return Values(
        brands=[name for name, _ in brands.most_common(_MOST_VALUES)],
        categories=[name for name, _ in categories.most_common(_MOST_VALUES)],
    )


def quality_counts(namespace: Namespace) -> Mapping[str, int]:
    """Count what is missing among the newest items, by the names of :data:`QUALITY`."""
    newest = (
        listed_items(namespace).order_by("-created_at", "-pk").values("pk")[:SAMPLE]
    )
    sample = Item.objects.filter(pk__in=newest)
    counts = {
        name.replace("-", "_"): Count("pk", filter=condition)
        for name, (_, condition) in QUALITY.items()
    }
    found = sample.aggregate(total=Count("pk"), **counts)
    return {name: found[name.replace("-", "_")] for name in (*QUALITY, "total")}


@dataclass(frozen=True, kw_only=True)
class DailyEvents:
    """Events of one type per day, oldest day first; newest 10,000 events at most."""

    type: int
    total: int
    per_day: Sequence[int]


def daily_events(
    namespace: Namespace, item: Item, *, until: datetime
) -> Sequence[DailyEvents]:
    """Count an item's events of the last 28 days by type and day of the namespace."""
    zone = ZoneInfo(namespace.time_zone)
    last_day = until.astimezone(zone).date()
    rows = (
        Event.objects.filter(
            namespace=namespace,
            item=item,
            ts__gt=until - timedelta(days=DAYS),
            ts__lte=until,
        )
        .order_by("-ts")
        .values_list("type", "ts")[:_MOST_EVENTS]
    )
    ages = Counter(
        (kind, (last_day - ts.astimezone(zone).date()).days) for kind, ts in rows
    )
    counted = {
        kind: [ages[kind, age] for age in range(DAYS - 1, -1, -1)]
        for kind in sorted({kind for kind, _ in ages})
    }
    return [
        DailyEvents(type=kind, total=sum(per_day), per_day=per_day)
        for kind, per_day in counted.items()
    ]
