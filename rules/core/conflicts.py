"""Which rules are at odds with a change, in sentences: who wins, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from .content import Content
from .findings import Finding, FindingKind
from .hull import meet_in_time
from .odds import odds_between
from .pages import USUAL_PAGE, Pages
from .reach import KnownItems, words_of_reach
from .rule import EVERY_SURFACE, Action, Rule, TargetType


def find_conflicts(
    changed: Sequence[Content],
    others: Sequence[Content],
    *,
    items: KnownItems,
    pages: Pages,
    at_us: int,
) -> list[Finding]:
    """Return what is at odds between changed rules and all that would be in force.

    Parameters
    ----------
    changed : sequence of Content
        The rules as they would be after the change.
    others : sequence of Content
        Rules in force that the change leaves alone.
    items : mapping
        Facts of the items that any of the rules names, as far as they are known.
    pages : mapping
        What the pages of a surface take, by surface.
    at_us : int
        Now, microseconds since 1970: what was over before is at odds with nothing.

    Notes
    -----
    Takes time linear in the rules that share a word, a pin or a filter.
    """
    ours = [each.rule for each in changed if each.enabled]
    everyone = ours + [each.rule for each in others if each.enabled]
    found: dict[tuple[object, ...], Finding] = {}
    for rule, other in _pairs(ours, everyone, items=items):
        if meet(rule, other, at_us=at_us):
            for finding in odds_between(rule, other, items=items):
                key = (finding.kind, frozenset(finding.rule_ids), finding.item_ids)
                found.setdefault(key, finding)
    crowded = _shadowed(ours, everyone, pages=pages, at_us=at_us)
    return [*found.values(), *crowded]


def meet(one: Rule, other: Rule, *, at_us: int) -> bool:
    """Say whether one request may have both rules in force, from now on."""
    surfaces = {one.surface, other.surface}
    if len(surfaces) == 2 and EVERY_SURFACE not in surfaces:
        return False
    segments = {each.casefold() for each in (one.segment, other.segment) if each}
    if len(segments) == 2:
        return False
    return meet_in_time(one.windows, other.windows, at_us=at_us)


def _pairs(
    ours: Sequence[Rule], everyone: Sequence[Rule], *, items: KnownItems
) -> Iterator[tuple[Rule, Rule]]:
    """Yield each changed rule with those that may touch the same items or slots."""
    by_word: defaultdict[str, list[Rule]] = defaultdict(list)
    for rule in everyone:
        for word in _words(rule, items):
            by_word[word].append(rule)
    filters = [rule for rule in everyone if rule.action == Action.FILTER]
    lifting = [rule for rule in everyone if rule.action in (Action.PIN, Action.BOOST)]
    for rule in ours:
        near = {
            other.id: other for word in _words(rule, items) for other in by_word[word]
        }
        if rule.action in (Action.PIN, Action.BOOST):
            near |= {other.id: other for other in filters}
        if rule.action == Action.FILTER:
            near |= {other.id: other for other in lifting}
        for other in near.values():
            if other.id != rule.id:
                yield rule, other


def _words(rule: Rule, items: KnownItems) -> frozenset[str]:
    slots = rule.positions if rule.action == Action.PIN else ()
    return words_of_reach(rule.target, items) | {
        f"slot:{place}" for place in slots if place
    }


def _shadowed(
    ours: Sequence[Rule], everyone: Sequence[Rule], *, pages: Pages, at_us: int
) -> Iterator[Finding]:
    """Tell of pins that find no place because better rules take all of them."""
    pins = sorted(
        (rule for rule in everyone if rule.action == Action.PIN and not rule.context),
        key=lambda rule: rule.precedence,
    )
    for rule in ours:
        if rule.action != Action.PIN:
            continue
        slots = pages.get(rule.surface, USUAL_PAGE).slots
        before: list[Rule] = []
        for other in pins:
            if other.precedence >= rule.precedence:
                break
            if _covers(other, rule) and meet(rule, other, at_us=at_us):
                before.append(other)
            if sum(map(_places, before)) >= slots:
                yield _no_place(rule, before, slots=slots)
                break


def _covers(other: Rule, rule: Rule) -> bool:
    """Say whether one rule is in force on every request on which the other one is."""
    return (
        other.surface in (EVERY_SURFACE, rule.surface)
        and other.segment in (None, rule.segment)
        and other.windows in ((), rule.windows)
    )


def _no_place(rule: Rule, before: Sequence[Rule], *, slots: int) -> Finding:
    return Finding(
        kind=FindingKind.SHADOWED,
        sentence=f"“{rule.name or rule.id}” can never take effect: {len(before)} rules"
        f" that go before it pin as many items as a page takes, which is {slots}.",
        rule_ids=(rule.id, *(other.id for other in before)),
    )


def _places(rule: Rule) -> int:
    if rule.target.type == TargetType.ITEM:
        named = len(rule.target.values)
        return named if rule.max_pins is None else min(named, rule.max_pins)
    return rule.max_pins or 0
