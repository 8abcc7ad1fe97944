"""The cards of a page: what stands where, what moved, and which rules did it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.models import Item, Namespace
from ranking.serve import Answer
from ranking.serve.previews import Pages
from rules.core.effects import Effect
from rules.core.rule import Rule

from .marks import WAITING, LeftOver, Marks, marks_of

_FEW = 5


@dataclass(frozen=True, kw_only=True)
class Lift:
    """A boost or a bury, in few words."""

    words: str
    is_up: bool
    rule: Rule


@dataclass(frozen=True, kw_only=True)
class Card:
    """One place of the grid."""

    item_id: str
    title: str
    item: Item | None
    slot: int | None = None
    """None for what is not on the page."""
    was: int | None = None
    """Its slot on the other page."""
    pin: Rule | None = None
    lifts: Sequence[Lift] = ()
    is_compared: bool = False
    ghost: str = ""
    """Why it is not on the page though somebody may look for it here."""
    blocked_by: Rule | None = None
    is_waiting: bool = False

    @property
    def moved(self) -> int:
        """How many places it went up."""
        return 0 if self.was is None or self.slot is None else self.was - self.slot

    @property
    def is_new(self) -> bool:
        return self.is_compared and self.was is None and not self.ghost

    @property
    def is_changed(self) -> bool:
        return self.is_new or self.moved != 0

    @property
    def is_sold_out(self) -> bool:
        stock = None if self.item is None else self.item.stock
        return stock is not None and stock <= 0

    @property
    def is_scarce(self) -> bool:
        stock = None if self.item is None else self.item.stock
        return stock is not None and 0 < stock <= _FEW


@dataclass(frozen=True, kw_only=True)
class Pane:
    """One page of the shop."""

    cards: Sequence[Card]
    marks: Marks
    is_drafted: bool
    total: int
    gone: Sequence[Card] = field(default_factory=list)
    """What the other page shows and this one does not, and no rule says why."""


@dataclass(frozen=True, kw_only=True)
class Both:
    live: Pane
    draft: Pane


def panes_of(namespace: Namespace, pages: Pages) -> Both:
    """Return both pages with items read in one query."""
    live, draft = marks_of(pages.live.ranking), marks_of(pages.draft.ranking)
    numbers = {*_numbers(pages.live), *_numbers(pages.draft)}
    ids = {each.item_id for each in (*live.left_over, *draft.left_over) if each.item_id}
    items = Item.objects.in_bulk(numbers)
    by_id = {item.item_id: item for item in items.values()}
    if missing := ids - by_id.keys():
        rows = Item.objects.filter(namespace=namespace, item_id__in=sorted(missing))
        by_id |= {item.item_id: item for item in rows}
    old = _pane(pages.live, live, by_id=by_id, before=None)
    if pages.draft is pages.live:
        return Both(live=old, draft=_pane(pages.live, live, by_id=by_id, before=old))
    return Both(live=old, draft=_pane(pages.draft, draft, by_id=by_id, before=old))


def _numbers(answer: Answer) -> list[int]:
    ranking = answer.ranking
    return [int(number) for number in ranking.pool.numbers.take(ranking.places)]


def _pane(
    answer: Answer, marks: Marks, *, by_id: Mapping[str, Item], before: Pane | None
) -> Pane:
    slots = {} if before is None else _slots(before.cards)
    shown = [
        _card(item_id, item=by_id.get(item_id), slot=slot, marks=marks, slots=slots)
        for slot, item_id in enumerate(answer.ranking.item_ids, 1)
    ]
    if before is not None:
        shown = [_compared(card) for card in shown]
    on_page = {card.item_id for card in shown}
    left = [card for card in (before.cards if before else ()) if card.slot]
    left = [card for card in left if card.item_id not in on_page]
    ghosts = _ghosts(left, marks, by_id=by_id, on_page=on_page)
    waiting = {card.item_id for card in ghosts}
    return Pane(
        cards=_woven(shown, ghosts),
        marks=marks,
        is_drafted=before is not None,
        total=len(shown),
        gone=[card for card in left if card.item_id not in waiting],
    )


def _card(
    item_id: str,
    *,
    item: Item | None,
    slot: int,
    marks: Marks,
    slots: Mapping[str, int],
) -> Card:
    return Card(
        item_id=item_id,
        title=(item.title if item else None) or item_id,
        item=item,
        slot=slot,
        was=slots.get(item_id),
        pin=marks.pins.get(slot),
        lifts=[_lift(effect) for effect in marks.effects.get(slot, ())],
    )


def _compared(card: Card) -> Card:
    return Card(**{**vars(card), "is_compared": True})


def _slots(cards: Iterable[Card]) -> dict[str, int]:
    return {card.item_id: card.slot for card in cards if card.slot}


def _lift(effect: Effect) -> Lift:
    value = effect.rule.value or 0.0
    is_up = effect.after > effect.before
    sign = "+" if is_up else "\N{MINUS SIGN}"
    return Lift(words=f"{sign}{abs(value):.2f}", is_up=is_up, rule=effect.rule)


def _ghosts(
    left: Sequence[Card],
    marks: Marks,
    *,
    by_id: Mapping[str, Item],
    on_page: set[str],
) -> list[Card]:
    """Return what a rule keeps off the page, or cannot put on it."""
    blocked = [
        Card(
            item_id=card.item_id,
            title=card.title,
            item=card.item,
            was=card.slot,
            ghost="Blocked" if marks.blocked[card.item.pk] else "Filtered out",
            blocked_by=marks.blocked[card.item.pk],
        )
        for card in left
        if card.item is not None and card.item.pk in marks.blocked
    ]
    taken = on_page | {card.item_id for card in blocked}
    pins = {
        each.item_id: each
        for each in marks.left_over
        if each.item_id and each.item_id not in taken
    }
    return blocked + [_waiting(each, by_id.get(key)) for key, each in pins.items()]


def _waiting(left: LeftOver, item: Item | None) -> Card:
    assert left.item_id is not None
    return Card(
        item_id=left.item_id,
        title=(item.title if item else None) or left.item_id,
        item=item,
        was=left.position,
        pin=left.rule,
        ghost=left.words.rstrip("."),
        is_waiting=left.reason == WAITING,
    )


def _woven(shown: Sequence[Card], ghosts: Sequence[Card]) -> list[Card]:
    """Put ghosts where somebody would look for them, behind the slot they had."""
    keyed = [(float(card.slot or 0), card) for card in shown]
    last = len(shown) + 1.0
    keyed += [(min((card.was or last) - 0.5, last), card) for card in ghosts]
    return [card for _, card in sorted(keyed, key=lambda pair: pair[0])]
