"""What checks need to know of the items that rules name."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from catalog.models import Item, Namespace
from rules.core.content import Content
from rules.core.reach import ItemFacts
from rules.core.rule import TargetType


def known_items(
    namespace: Namespace, item_ids: Collection[str]
) -> dict[str, ItemFacts]:
    """Return the facts of those items that the catalog lists."""
    if not item_ids:
        return {}
    rows = Item.objects.filter(
        namespace=namespace, item_id__in=list(item_ids), listed=True
    ).values_list(
        "item_id",
        "title",
        "available",
        "stock",
        "tags",
        "brand",
        "category",
        "category_path",
    )
    return {
        item_id: ItemFacts(
            item_id=item_id,
            title=title or "",
            available=available,
            stock=stock,
            tags=tuple(tags),
            brand=brand,
            category_path=tuple(path) or ((category,) if category else ()),
        )
        for item_id, title, available, stock, tags, brand, category, path in rows
    }


def named_items(contents: Iterable[Content]) -> set[str]:
    """Return the ids of the items that rules name."""
    return {
        value
        for content in contents
        if content.rule.target.type == TargetType.ITEM
        for value in content.rule.target.values
    }


def titles(namespace: Namespace, contents: Iterable[Content]) -> dict[str, str]:
    """Return the titles of the items that rules name, where they have one."""
    known = known_items(namespace, named_items(contents))
    return {item_id: facts.title for item_id, facts in known.items() if facts.title}
