"""All rules that touch a page, by their reach."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from rules.admin.words import ACTION_ICONS
from rules.core.rule import EVERY_SURFACE, Kind, Rule
from rules.core.sentences import Titles, action_in_words, scope_in_words

from .asked import Asked
from .cards import Both
from .marks import Met

MOST_TOUCHING = 40


@dataclass(frozen=True, kw_only=True)
class Touching:
    """A rule that met something of this page."""

    rule: Rule
    sentence: str
    icon: str
    matched: int
    shown: int
    is_off: bool
    is_stored: bool


@dataclass(frozen=True, kw_only=True)
class Group:
    """Rules of one reach: those that show most, in the order in which they act."""

    title: str
    rules: Sequence[Touching]
    more: int = 0


def met_by(both: Both) -> list[Met]:
    """Return what either page's rules met; the draft's count where both did."""
    found = {each.rule.id: each for each in both.live.marks.met}
    found |= {each.rule.id: each for each in both.draft.marks.met}
    return sorted(found.values(), key=lambda each: each.rule.precedence)


def groups_of(
    met: Iterable[Met],
    *,
    asked: Asked,
    titles: Titles,
) -> list[Group]:
    """Return what touches the page by its reach: of many, those that show most."""
    new = {str(line.rule_id) for line in asked.sheet.changed if not line.is_stored}
    kinds: dict[str, list[Met]] = {
        "By hand": [],
        "Every surface": [],
        f"{asked.target.surface}, everyone": [],
        f"{asked.target.surface}, one segment": [],
    }
    titles_of = tuple(kinds)
    for each in met:
        kinds[titles_of[_reach(each.rule)]].append(each)
    return [
        Group(
            title=title,
            rules=[
                _touching(each, asked=asked, titles=titles, new=new)
                for each in _foremost(found, off=asked.off)
            ],
            more=max(len(found) - MOST_TOUCHING, 0),
        )
        for title, found in kinds.items()
        if found
    ]


def _reach(rule: Rule) -> int:
    if rule.kind is Kind.OVERRIDE:
        return 0
    if rule.surface == EVERY_SURFACE:
        return 1
    return 2 if rule.segment is None else 3


def _foremost(found: Sequence[Met], *, off: Collection[str]) -> list[Met]:
    """Return so many that a person can look through, in their order."""
    if len(found) <= MOST_TOUCHING:
        return list(found)
    by_weight = sorted(found, key=lambda each: (each.rule.id not in off, -each.shown))
    return sorted(by_weight[:MOST_TOUCHING], key=lambda each: each.rule.precedence)


def _touching(
    met: Met, *, asked: Asked, titles: Titles, new: Collection[str]
) -> Touching:
    rule = met.rule
    return Touching(
        rule=rule,
        sentence=f"{scope_in_words(rule)}, {action_in_words(rule, titles=titles)}",
        icon=ACTION_ICONS[rule.action],
        matched=met.matched,
        shown=met.shown,
        is_off=rule.id in asked.off,
        is_stored=rule.id not in new,
    )
