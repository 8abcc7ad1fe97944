"""The target picker: items by id or title, with pictures; tags, brands, categories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from catalog.admin.item_reads import SAMPLE, frequent_values, with_title
from catalog.admin.lists import within
from catalog.models import Item, Namespace
from rules.core.rule import PATH_MARK, TargetType

_MOST_OFFERED = 8
_MOST_FOUND = 16
_PATIENCE_MS = 150
_MOST_PASTED = 1_000
_MOST_KEPT = 64
_SEPARATORS = str.maketrans({";": "\n", "\t": "\n", ",": "\n"})


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Something that can be chosen."""

    value: str
    item: Item | None = None
    note: str = ""


def offers(
    namespace: Namespace, *, kind: str, words: str, chosen: Sequence[str]
) -> list[Offer]:
    """Return what a few words find, without what is chosen already."""
    if kind == TargetType.ITEM:
        found: Iterable[Offer] = _items(namespace, words)
    else:
        found = (Offer(value=value) for value in _values(namespace, kind, words))
    return [each for each in found if each.value not in chosen][:_MOST_OFFERED]


def picked(chosen: Sequence[str], text: str, *, kind: str) -> list[str]:
    """Return the chosen values with one more, or with a pasted list of item ids."""
    texts = (
        text.translate(_SEPARATORS).split("\n") if kind == TargetType.ITEM else [text]
    )
    more = [each.strip() for each in texts if each.strip()]
    return list(dict.fromkeys([*chosen, *more]))[:_MOST_PASTED]


def _items(namespace: Namespace, words: str) -> Iterable[Offer]:
    rows = Item.objects.filter(namespace=namespace, listed=True)
    if not words:
        found = list(rows.order_by("-created_at", "-pk")[:_MOST_FOUND])
    else:
        by_id = list(
            rows.filter(item_id__startswith=words).order_by("item_id")[:_MOST_FOUND]
        )
        others = rows.exclude(pk__in=[item.pk for item in by_id])
        titled = with_title(others, words)[:_MOST_FOUND]
        found = [*by_id, *(within(_PATIENCE_MS, lambda: list(titled)) or [])]
    for item in found:
        yield Offer(value=item.item_id, item=item, note=_why_not(item))


def _why_not(item: Item) -> str:
    if not item.available:
        return "not available now"
    if item.stock is not None and item.stock <= 0:
        return "out of stock now"
    return ""


def _values(namespace: Namespace, kind: str, words: str) -> Iterable[str]:
    if kind == TargetType.BRAND:
        known: Iterable[str] = frequent_values(namespace).brands
    elif kind == TargetType.TAG:
        known = _tags_and_paths(namespace.pk, namespace.change_number)[0]
    else:
        known = _tags_and_paths(namespace.pk, namespace.change_number)[1]
    folded = words.casefold().strip()
    return (each for each in known if folded in each.casefold())


@lru_cache(maxsize=_MOST_KEPT)
def _tags_and_paths(
    namespace_id: int, _change_number: int
) -> tuple[Sequence[str], Sequence[str]]:
    newest = Item.objects.filter(namespace=namespace_id, listed=True).order_by(
        "-created_at", "-pk"
    )
    tags: Counter[str] = Counter()
    paths: Counter[str] = Counter()
    for own, category, path in newest.values_list("tags", "category", "category_path")[
        :SAMPLE
    ]:
        tags.update(own)
        steps = path or ([category] if category else [])
        paths.update(
            f" {PATH_MARK} ".join(steps[: depth + 1]) for depth in range(len(steps))
        )
    return (
        [name for name, _ in tags.most_common()],
        [name for name, _ in paths.most_common()],
    )
