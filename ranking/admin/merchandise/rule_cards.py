"""Rules of the page as cards: one sentence each, and what the draft makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.admin.page import Chip
from catalog.models import Item
from ranking.core.editing.sheet import Line
from rules.admin.words import RULE_CHIPS, window_words
from rules.core.content import Content
from rules.core.differences import Difference, differences
from rules.core.rule import Action, Rule, TargetType
from rules.core.sentences import Titles, action_in_words, scope_in_words
from rules.core.window_words import windows_in_words
from rules.models import IN_FORCE, RuleState
from rules.models import Rule as RuleRow
from rules.queries.contents import read
from rules.queries.items import titles
from rules.queries.standing import state_at

from .asked import Asked
from .cards import Both
from .touching import Group, groups_of, met_by

STEPS = (0.15, 0.3, 0.6, 1.0)
_MOST_ITEMS = 6
_MOST_CARDS = 8
_MOST_LATER = 3
_NEW = Chip(words="New", icon="plus", kind="accent")
_CHANGED = Chip(words="Changed in this draft", icon="edit", kind="accent")
_ENDS = Chip(words="Ends with this draft", icon="close", kind="warn")


@dataclass(frozen=True, kw_only=True)
class Named:
    """An item that a rule names, and the place that it asks for."""

    item_id: str
    item: Item | None
    place: int | None
    before: int | None = None


@dataclass(frozen=True, kw_only=True)
class RuleCard:
    """A rule beside the grid."""

    rule: Rule
    chips: Sequence[Chip]
    scope: str
    action: str
    window: str
    items: Sequence[Named] = ()
    more: int = 0
    steps: Sequence[float] = ()
    changes: Sequence[Difference] = ()
    row: RuleRow | None = None
    is_drafted: bool = False


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What cards are written with: titles, items, and the moment of states."""

    titles: Titles
    items: Mapping[str, Item]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Later:
    """A rule of this page that begins after the moment that is looked at."""

    row: RuleRow
    when: str
    """How far away: "starts in 3 d"."""


@dataclass(frozen=True, kw_only=True)
class RuleSide:
    """All that stands left of the grid."""

    cards: Sequence[RuleCard]
    groups: Sequence[Group]
    later: Sequence[Later] = ()

    @property
    def count(self) -> int:
        return sum(len(group.rules) + group.more for group in self.groups)


def rule_side(asked: Asked, both: Both) -> RuleSide:
    lines = asked.sheet.changed
    drafted = {str(line.rule_id) for line in lines}
    met = {each.rule.id: each for each in met_by(both)}
    here = [
        each.rule
        for key, each in met.items()
        if key not in drafted and each.rule.surface == asked.target.surface
    ][:_MOST_CARDS]
    ids = [*drafted, *(rule.id for rule in here)]
    stored = RuleRow.objects.select_related("version").in_bulk(ids)
    rows = {str(key): row for key, row in stored.items()}
    said = [Content(rule=each.rule) for each in met.values()]
    named = titles(asked.namespace, [*(line.content for line in lines), *said])
    items = _items(asked, [*(line.content.rule for line in lines), *here])
    known = _Known(titles=named, items=items, at=asked.now)
    cards = [
        _drafted(line, row=rows.get(str(line.rule_id)), known=known) for line in lines
    ]
    cards += [_standing(each, rows.get(each.id), known=known) for each in here]
    return RuleSide(
        cards=cards,
        groups=groups_of(met.values(), asked=asked, titles=named),
        later=_later(asked),
    )


def _later(asked: Asked) -> list[Later]:
    """Return the next rules of this page; what they do nobody sees on it yet."""
    rows = RuleRow.objects.filter(
        namespace=asked.namespace,
        surface=asked.target.surface,
        state__in=IN_FORCE,
        is_override=False,
        starts_at__gt=asked.moment,
    )
    return [
        Later(row=row, when=window_words(row.starts_at, row.ends_at, at=asked.moment))
        for row in rows.order_by("starts_at", "pk")[:_MOST_LATER]
    ]


def _items(asked: Asked, rules: Iterable[Rule]) -> dict[str, Item]:
    ids = {
        value
        for rule in rules
        if rule.target.type is TargetType.ITEM
        for value in rule.target.values[:_MOST_ITEMS]
    }
    rows = Item.objects.filter(namespace=asked.namespace, item_id__in=sorted(ids))
    return {item.item_id: item for item in rows}


def _drafted(line: Line, *, row: RuleRow | None, known: _Known) -> RuleCard:
    rule = line.content.rule
    before = read(row.version.content) if row and row.version else None
    chips = [RULE_CHIPS[state_at(row, known.at) if row else RuleState.DRAFT]]
    chips.append(_ENDS if line.is_ended else _CHANGED if before else _NEW)
    is_own = rule.action in (Action.BOOST, Action.BURY) and line.is_new
    return RuleCard(
        rule=rule,
        chips=chips,
        scope=scope_in_words(rule),
        action=action_in_words(rule, titles=known.titles),
        window=", ".join(windows_in_words(rule.windows)),
        items=_named(rule, items=known.items, before=before),
        more=max(len(rule.target.values) - _MOST_ITEMS, 0),
        steps=STEPS if is_own else (),
        changes=differences(before, line.content, titles=known.titles)
        if before
        else (),
        row=row,
        is_drafted=True,
    )


def _standing(rule: Rule, row: RuleRow | None, *, known: _Known) -> RuleCard:
    return RuleCard(
        rule=rule,
        chips=[RULE_CHIPS[state_at(row, known.at)]] if row else [],
        scope=scope_in_words(rule),
        action=action_in_words(rule, titles=known.titles),
        window=", ".join(windows_in_words(rule.windows)),
        items=_named(rule, items=known.items, before=None),
        more=max(len(rule.target.values) - _MOST_ITEMS, 0),
        row=row,
    )


def _named(
    rule: Rule, *, items: Mapping[str, Item], before: Content | None
) -> list[Named]:
    if rule.target.type is not TargetType.ITEM or rule.action is not Action.PIN:
        return []
    earlier = _places(before.rule) if before else {}
    return [
        Named(
            item_id=item_id,
            item=items.get(item_id),
            place=place,
            before=earlier.get(item_id, place) if before else None,
        )
        for item_id, place in list(_places(rule).items())[:_MOST_ITEMS]
    ]


def _places(rule: Rule) -> dict[str, int | None]:
    missing = max(len(rule.target.values) - len(rule.positions), 0)
    places = (*rule.positions, *[None] * missing)
    return dict(zip(rule.target.values, places, strict=False))
