from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from catalog.models import Item, ItemVector

from .clock import namespace_now
from .event_reads import type_names
from .facets import Facet, facet
from .item_reads import (
    QUALITY,
    STATE,
    STOCK,
    daily_events,
    frequent_values,
    listed_items,
    narrowed,
)
from .lists import count, newest_first
from .page import Chip, PageAdmin, is_narrowed, namespace_of

_FEW = 5


@admin.register(Item)
class ItemAdmin(PageAdmin[Item]):
    def list_page(self, request: HttpRequest) -> HttpResponse:
        namespace = namespace_of(request)
        everything = listed_items(namespace)
        items = narrowed(everything, request.GET.dict())
        page = newest_first(
            items,
            moment="created_at",
            after=request.GET.get("after", ""),
            among=everything if is_narrowed(request) else None,
        )
        return self.page(
            request,
            "recsys/items.html",
            title="Items",
            page=page,
            rows=[(item, state_chips(item)) for item in page.rows],
            facets=self._facets(request),
            count=count(items) if page.is_first else None,
        )

    def _facets(self, request: HttpRequest) -> list[Facet]:
        asked = request.GET.dict()
        values = frequent_values(namespace_of(request))
        titles = {
            "state": ("Availability", STATE),
            "stock": ("Stock", STOCK),
            "quality": ("Data quality", QUALITY),
        }
        return [
            facet(
                "category", "Category", {v: v for v in values.categories}, asked=asked
            ),
            facet("brand", "Brand", {v: v for v in values.brands}, asked=asked),
            *(
                facet(
                    name,
                    title,
                    {v: words for v, (words, _) in known.items()},
                    asked=asked,
                )
                for name, (title, known) in titles.items()
            ),
        ]

    def row_page(self, request: HttpRequest, row: Item) -> HttpResponse:
        namespace = namespace_of(request)
        now = namespace_now(namespace, at=timezone.now())
        vectors = ItemVector.objects.filter(namespace=namespace, item=row)
        return self.page(
            request,
            "recsys/item_page.html",
            title=row.title or row.item_id,
            crumbs=self.lists(),
            item=row,
            chips=state_chips(row),
            vectors=vectors.defer("vector").order_by("source"),
            daily=daily_events(namespace, row, until=now),
            type_names=type_names(namespace),
            until=now,
        )


def state_chips(item: Item) -> list[Chip]:
    """Say whether an item can be shown now, and what its row lacks."""
    chips = [_availability(item), *_stock(item)]
    missing = [
        words
        for words, lacks in (
            ("no picture", not item.image_url),
            ("no price", item.price is None),
            ("no category", not (item.category or item.category_path)),
        )
        if lacks
    ]
    return chips + [Chip(words=words, icon="warning", kind="warn") for words in missing]


def _availability(item: Item) -> Chip:
    if not item.listed:
        return Chip(words="deleted", icon="block", kind="bad")
    if item.available:
        return Chip(words="available", icon="check", kind="good")
    return Chip(words="not available", icon="block", kind="bad")


def _stock(item: Item) -> list[Chip]:
    if item.stock is None:
        return []
    if item.stock <= 0:
        return [Chip(words="sold out", icon="catalog", kind="warn")]
    if item.stock <= _FEW:
        return [Chip(words=f"{item.stock} left", icon="warning", kind="warn")]
    return []
