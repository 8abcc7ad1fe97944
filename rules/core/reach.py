"""Which items a target can reach, in words that two rules may share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from .rule import PATH_MARK, Target, TargetType


class ItemFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What checks of rules look at in an item. Unknown items have none."""

    item_id: str
    title: str = ""
    available: bool = True
    stock: int | None = None
    """None: not managed."""

    tags: tuple[str, ...] = ()
    brand: str | None = None
    category_path: tuple[str, ...] = ()
    """From the broadest step on."""

    @property
    def is_sold_out(self) -> bool:
        """Whether nothing is left of an item whose stock is managed."""
        return self.stock is not None and self.stock <= 0


type KnownItems = Mapping[str, ItemFacts]
"""By item id."""


def words_of_target(target: Target) -> frozenset[str]:
    """Return the words by which a target is found.

    Examples
    --------
    >>> target = Target(type=TargetType.CATEGORY, values=("Women>Shoes",))
    >>> words_of_target(target)
    frozenset({'category:women > shoes'})
    """
    if target.type == TargetType.CONDITION:
        document = msgspec.json.encode(target.condition, order="deterministic")
        return frozenset([f"condition:{document.decode()}"])
    if target.type == TargetType.ITEM:
        return frozenset(f"item:{value}" for value in target.values)
    if target.type == TargetType.CATEGORY:
        return frozenset(_category(value.split(PATH_MARK)) for value in target.values)
    kind = target.type.lower()
    return frozenset(f"{kind}:{_folded(value)}" for value in target.values)


def words_of_item(facts: ItemFacts) -> frozenset[str]:
    """Return the words under which an item is reached.

    >>> sorted(words_of_item(ItemFacts(item_id="a", tags=("New",), brand="Oak")))
    ['brand:oak', 'item:a', 'tag:new']
    """
    words = {f"item:{facts.item_id}"}
    words.update(f"tag:{_folded(tag)}" for tag in facts.tags)
    if facts.brand:
        words.add(f"brand:{_folded(facts.brand)}")
    path = facts.category_path
    words.update(_category(path[: depth + 1]) for depth in range(len(path)))
    return frozenset(words)


def words_of_reach(target: Target, items: KnownItems) -> frozenset[str]:
    """Return a target's words, with those of each known item that it names."""
    words = set(words_of_target(target))
    if target.type == TargetType.ITEM:
        for facts in _known(target.values, items):
            words |= words_of_item(facts)
    return frozenset(words)


def reaches(target: Target, facts: ItemFacts) -> bool | None:
    """Return whether a target is about an item; None when that is not told here.

    >>> shoes = ItemFacts(item_id="a", category_path=("Women", "Shoes"))
    >>> women = Target(type=TargetType.CATEGORY, values=("women",))
    >>> reaches(women, shoes)
    True
    >>> reaches(msgspec.structs.replace(women, include_subcategories=False), shoes)
    False
    """
    if target.type == TargetType.CONDITION:
        return None
    if target.type == TargetType.CATEGORY and not target.include_subcategories:
        return _category(facts.category_path) in words_of_target(target)
    return not words_of_target(target).isdisjoint(words_of_item(facts))


def _known(values: Iterable[str], items: KnownItems) -> Iterable[ItemFacts]:
    return (items[value] for value in values if value in items)


def _category(steps: Iterable[str]) -> str:
    return "category:" + f" {PATH_MARK} ".join(_folded(step) for step in steps)


def _folded(text: str) -> str:
    return text.strip().casefold()
