"""What rules did on a ranked page, taken from the ranking itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from audit.admin import words
from ranking.core.ranking import Ranking
from rules.core.effects import Effect, effects, rule_at, tally
from rules.core.rule import Action, Rule
from rules.core.types import Pins, Ruled

_UNPINNED = {
    "unknown_item": "Not in the catalog yet: it waits",
    "rule_block": "A rule blocks it",
    "rule_filter": "A filter asks for others",
    "pinned_by_other": "Pinned by another rule already",
    "beyond_page": "Its place is beyond this page",
    "no_slot_left": "No position is left for it",
}
WAITING = "unknown_item"


@dataclass(frozen=True, kw_only=True)
class LeftOver:
    """A pin that is not on the page."""

    rule: Rule
    item_id: str | None
    position: int | None
    reason: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Met:
    """A rule that met something of this request."""

    rule: Rule
    matched: int
    shown: int


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What rules did, by slot or by item number."""

    pins: Mapping[int, Rule]
    """By slot."""
    effects: Mapping[int, Sequence[Effect]]
    """By slot."""
    blocked: Mapping[int, Rule | None]
    """By item number: the rule that blocks it; None where a filter hides it."""
    left_over: Sequence[LeftOver]
    met: Sequence[Met]


NO_MARKS = Marks(pins={}, effects={}, blocked={}, left_over=(), met=())


def marks_of(ranking: Ranking) -> Marks:
    ruled = ranking.outcome.ruled
    if ruled is None:
        return NO_MARKS
    slots = {place: slot for slot, place in enumerate(ranking.places.tolist(), 1)}
    done = effects(ruled, ranking.places)
    return Marks(
        pins=_pins(ruled, ranking.pins),
        effects={slots[place]: found for place, found in done.items()},
        blocked=_blocked(ranking, ruled),
        left_over=_left_over(ruled, ranking.pins),
        met=_met(ranking, ruled),
    )


def why_unpinned(reason: str) -> str:
    """Say why a pin is not on the page.

    >>> why_unpinned("out_of_stock")
    'Nothing in stock.'
    """
    return _UNPINNED.get(reason) or words.drop(reason)


def _pins(ruled: Ruled, pins: Pins) -> dict[int, Rule]:
    pairs = zip(pins.slots.tolist(), pins.rules.tolist(), strict=True)
    return {slot: rule_at(ruled.groups, place) for slot, place in pairs}


def _blocked(ranking: Ranking, ruled: Ruled) -> dict[int, Rule | None]:
    hidden = np.flatnonzero(~ranking.outcome.visible)
    numbers = ranking.pool.numbers.take(hidden).tolist()
    return {
        number: _blocker(ruled, place)
        for number, place in zip(numbers, hidden.tolist(), strict=True)
    }


def _blocker(ruled: Ruled, place: int) -> Rule | None:
    groups = ruled.groups
    for group in ruled.hits.groups[ruled.hits.places == place].tolist():
        members = groups.members[groups.starts[group] : groups.starts[group + 1]]
        for member in members.tolist():
            rule = rule_at(groups, member)
            if rule.action is Action.BLOCK:
                return rule
    return None


def _left_over(ruled: Ruled, pins: Pins) -> list[LeftOver]:
    return [
        LeftOver(
            rule=rule_at(ruled.groups, each.rule),
            item_id=each.item_id,
            position=each.position,
            reason=each.reason,
            words=why_unpinned(each.reason),
        )
        for each in pins.unpinned
    ]


def _met(ranking: Ranking, ruled: Ruled) -> list[Met]:
    found = tally(ruled, ranking.pins, ranking.places)
    lines = zip(
        found.rules.tolist(), found.matched.tolist(), found.shown.tolist(), strict=True
    )
    met = [
        Met(rule=rule_at(ruled.groups, place), matched=matched, shown=shown)
        for place, matched, shown in lines
    ]
    known = {each.rule.id for each in met}
    waiting = {
        rule.id: rule
        for each in ranking.pins.unpinned
        if (rule := rule_at(ruled.groups, each.rule)).id not in known
    }
    return met + [Met(rule=rule, matched=0, shown=0) for rule in waiting.values()]
