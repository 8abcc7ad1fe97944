"""Where two rules are at odds: who wins, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .findings import Finding, FindingKind
from .reach import KnownItems, reaches, words_of_target
from .rule import Action, Rule, TargetType
from .sentences import item_in_words

_BY_PRIORITY = "of equal priority the earlier one goes first"


def odds_between(rule: Rule, other: Rule, *, items: KnownItems) -> Iterator[Finding]:
    """Yield where two rules are at odds, were both in force.

    Parameters
    ----------
    rule, other : Rule
        The changed one, and one that meets it.
    items : mapping
        Facts of the items that either names, as far as they are known.
    """
    yield from _duplicate(rule, other)
    yield from _same_slot(rule, other)
    yield from _pinned_twice(rule, other, items=items)
    yield from _up_and_down(rule, other)
    yield from _lifted_and_hidden(rule, other, items=items)
    yield from _lifted_and_hidden(other, rule, items=items)


def _duplicate(rule: Rule, other: Rule) -> Iterator[Finding]:
    same = (
        rule.action == other.action
        and rule.target.type == other.target.type
        and words_of_target(rule.target) == words_of_target(other.target)
        and rule.surface == other.surface
        and rule.segment == other.segment
        and rule.context == other.context
    )
    if same:
        yield _finding(
            FindingKind.DUPLICATE,
            rule,
            other,
            f"{_name(rule)} and {_name(other)} do the same to the same items at the"
            " same time.",
        )


def _same_slot(rule: Rule, other: Rule) -> Iterator[Finding]:
    if rule.action != Action.PIN or other.action != Action.PIN:
        return
    shared = {place for place in rule.positions if place} & set(other.positions)
    for place in sorted(place for place in shared if place):
        first, second = _ordered(rule, other)
        yield _finding(
            FindingKind.SAME_SLOT,
            rule,
            other,
            f"{_name(rule)} and {_name(other)} both pin to position {place}:"
            f" {_name(first)} gets it{_because(first, second)}, {_name(second)} takes"
            " the next free one.",
            winner=first,
        )


def _pinned_twice(rule: Rule, other: Rule, *, items: KnownItems) -> Iterator[Finding]:
    if not all(each.action == Action.PIN for each in (rule, other)):
        return
    if not all(each.target.type == TargetType.ITEM for each in (rule, other)):
        return
    for item_id in sorted(set(rule.target.values) & set(other.target.values)):
        first, second = _ordered(rule, other)
        yield _finding(
            FindingKind.PINNED_TWICE,
            rule,
            other,
            f"{_name(rule)} and {_name(other)} both pin {_item(item_id, items)}:"
            f" {_name(first)} decides where{_because(first, second)}.",
            winner=first,
            item_ids=(item_id,),
        )


def _up_and_down(rule: Rule, other: Rule) -> Iterator[Finding]:
    up, down = (rule, other) if _lifts(rule) else (other, rule)
    if not (_lifts(up) and _lowers(down)):
        return
    if up.target.type == down.target.type and not words_of_target(up.target).isdisjoint(
        words_of_target(down.target)
    ):
        yield _finding(
            FindingKind.BOOST_AND_BURY,
            rule,
            other,
            f"{_name(up)} lifts what {_name(down)} lowers: both count, one after the"
            " other.",
        )


def _lifted_and_hidden(
    lifted: Rule, hiding: Rule, *, items: KnownItems
) -> Iterator[Finding]:
    """Tell of items that one rule wants up and another one keeps out."""
    if hiding.action not in (Action.BLOCK, Action.FILTER):
        return
    if lifted.action != Action.PIN and not _lifts(lifted):
        return
    if lifted.target.type != TargetType.ITEM:
        yield from _all_hidden(lifted, hiding)
        return
    for item_id in _hidden(lifted, hiding, items=items):
        verb = "pins" if lifted.action == Action.PIN else "boosts"
        kept = (
            "blocks"
            if hiding.action == Action.BLOCK
            else "leaves out, since it shows nothing but its own items"
        )
        yield _finding(
            _kind_of_hidden(lifted, hiding),
            lifted,
            hiding,
            f"{_name(lifted)} {verb} {_item(item_id, items)}, which {_name(hiding)}"
            f" {kept}: it is not shown, whatever the priorities.",
            winner=hiding,
            item_ids=(item_id,),
        )


def _all_hidden(lifted: Rule, hiding: Rule) -> Iterator[Finding]:
    if (
        hiding.action == Action.BLOCK
        and hiding.target.type == lifted.target.type
        and words_of_target(lifted.target) <= words_of_target(hiding.target)
    ):
        yield _finding(
            _kind_of_hidden(lifted, hiding),
            lifted,
            hiding,
            f"{_name(lifted)} can never take effect: {_name(hiding)} blocks all that it"
            " is about, whatever the priorities.",
            winner=hiding,
        )


def _hidden(lifted: Rule, hiding: Rule, *, items: KnownItems) -> Iterator[str]:
    for item_id in lifted.target.values:
        facts = items.get(item_id)
        if hiding.target.type == TargetType.ITEM:
            named: bool | None = item_id in hiding.target.values
        else:
            named = None if facts is None else reaches(hiding.target, facts)
        if named is not None and named == (hiding.action == Action.BLOCK):
            yield item_id


def _kind_of_hidden(lifted: Rule, hiding: Rule) -> FindingKind:
    if hiding.action == Action.FILTER:
        return FindingKind.FILTERED_OUT
    if lifted.action == Action.PIN:
        return FindingKind.PIN_OF_BLOCKED
    return FindingKind.BOOST_OF_BLOCKED


def _lifts(rule: Rule) -> bool:
    return rule.action == Action.BOOST and (rule.value or 0) > 0


def _lowers(rule: Rule) -> bool:
    return rule.action == Action.BURY or (
        rule.action == Action.BOOST and (rule.value or 0) < 0
    )


def _ordered(one: Rule, other: Rule) -> tuple[Rule, Rule]:
    first, second = sorted((one, other), key=lambda rule: rule.precedence)
    return first, second


def _because(first: Rule, second: Rule) -> str:
    if first.priority == second.priority:
        return f" ({_BY_PRIORITY})"
    return f" (priority {first.priority} against {second.priority})"


def _finding(
    kind: FindingKind,
    rule: Rule,
    other: Rule,
    sentence: str,
    *,
    winner: Rule | None = None,
    item_ids: Iterable[str] = (),
) -> Finding:
    return Finding(
        kind=kind,
        sentence=sentence,
        rule_ids=(rule.id, other.id),
        item_ids=tuple(item_ids),
        winner=winner.id if winner else None,
    )


def _name(rule: Rule) -> str:
    return f"“{rule.name or rule.id}”"


def _item(item_id: str, items: KnownItems) -> str:
    facts = items.get(item_id)
    return item_in_words(item_id, titles={item_id: facts.title} if facts else {})
