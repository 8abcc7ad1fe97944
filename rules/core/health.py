"""What ails a rule on its own: unknown items, sold-out ones, an end that is near."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from catalog.core.moments import from_microseconds

from .content import Content
from .findings import Finding, FindingKind, Weight
from .hull import hull
from .pages import USUAL_PAGE, Page, Pages
from .reach import ItemFacts, KnownItems
from .rule import Action, Rule, TargetType
from .sentences import item_in_words
from .windows import DAY_US

_SOON_US = 3 * DAY_US
_MOST_NAMED = 20


def find_ailments(
    changed: Sequence[Content],
    *,
    items: KnownItems,
    segments: Collection[str],
    pages: Pages,
    at_us: int,
) -> list[Finding]:
    """Return what somebody should know of each rule, were it alone.

    Parameters
    ----------
    changed : sequence of Content
    items : mapping
        Facts of the items that the rules name, as far as they are known.
    segments : collection of str
        Case-folded names of the segments that anybody is in.
    pages : mapping
        What the pages of a surface take, by surface.
    at_us : int
        Now, microseconds since 1970.
    """
    return [
        finding
        for each in changed
        if each.enabled
        for finding in (
            *_of_one(each, items=items, pages=pages, at_us=at_us),
            *_of_segment(each.rule, segments),
        )
    ]


def _of_one(
    content: Content, *, items: KnownItems, pages: Pages, at_us: int
) -> Iterator[Finding]:
    yield from _of_items(content.rule, items)
    yield from _of_slots(content.rule, pages.get(content.rule.surface, USUAL_PAGE))
    yield from _of_time(content.rule, at_us)
    yield from _of_review(content, at_us)


def _of_items(rule: Rule, items: KnownItems) -> Iterator[Finding]:
    if rule.target.type != TargetType.ITEM:
        return
    named = rule.target.values
    unknown = tuple(item_id for item_id in named if item_id not in items)
    if unknown:
        yield _about_items(
            FindingKind.UNKNOWN_ITEM,
            rule,
            unknown,
            "waits for {items}, not in the catalog yet",
            weight="note",
        )
    if rule.action not in (Action.PIN, Action.BOOST):
        return
    known = [items[item_id] for item_id in named if item_id in items]
    away = [facts for facts in known if not facts.available]
    sold_out = [facts for facts in known if facts.available and facts.is_sold_out]
    if rule.even_if_unavailable:
        yield from _shown_anyway(rule, [*away, *sold_out])
        return
    yield from _absent(FindingKind.UNAVAILABLE, rule, away, "not available")
    yield from _absent(FindingKind.OUT_OF_STOCK, rule, sold_out, "out of stock")


def _absent(
    kind: FindingKind, rule: Rule, absent: list[ItemFacts], why: str
) -> Iterator[Finding]:
    if absent:
        ids = tuple(facts.item_id for facts in absent)
        verb = "pins" if rule.action == Action.PIN else "boosts"
        words = f"{verb} {{items}}, {why}: nothing is shown in place of it"
        yield _about_items(kind, rule, ids, words, facts=absent)


def _shown_anyway(rule: Rule, absent: list[ItemFacts]) -> Iterator[Finding]:
    if absent:
        ids = tuple(facts.item_id for facts in absent)
        words = "shows {items} although nobody can buy it now"
        kind = FindingKind.SHOWN_THOUGH_UNAVAILABLE
        yield _about_items(kind, rule, ids, words, facts=absent)


def _of_slots(rule: Rule, page: Page) -> Iterator[Finding]:
    if rule.action != Action.PIN:
        return
    beyond = [place for place in rule.positions if place and place > page.places]
    if beyond:
        yield _finding(
            FindingKind.PINS_BEYOND_SLOTS,
            rule,
            f"pins to position {beyond[0]}; a page shorter than that does not show it"
            + (
                f", and the longest of late holds {page.places}" if page.is_seen else ""
            ),
        )
    named = len(rule.target.values) if rule.target.type == TargetType.ITEM else 0
    wanted = rule.max_pins if not named else min(named, rule.max_pins or named)
    if wanted and wanted > page.slots:
        yield _finding(
            FindingKind.PINS_BEYOND_SLOTS,
            rule,
            f"pins {wanted} items; a page takes {page.slots}, the others stay unpinned",
        )


def _of_segment(rule: Rule, known: Collection[str]) -> Iterator[Finding]:
    segment = (rule.segment or "").strip()
    if segment and segment.casefold() not in known:
        words = f"is for segment “{segment}”, which does not exist: nobody gets it"
        yield _finding(FindingKind.UNKNOWN_SEGMENT, rule, words)


def _of_time(rule: Rule, at_us: int) -> Iterator[Finding]:
    end_us = hull(rule.windows).end_us
    if end_us is None:
        return
    if end_us <= at_us:
        words = "is over: its last window lies in the past"
        yield _finding(FindingKind.OVER, rule, words)
    elif end_us - at_us < _SOON_US:
        end = from_microseconds(end_us)
        words = f"ends in less than 3 days ({end:%d %b %H:%M} UTC)"
        yield _finding(FindingKind.ENDS_SOON, rule, words, weight="note")


def _of_review(content: Content, at_us: int) -> Iterator[Finding]:
    if content.review_by is None:
        words = "has no date by which somebody looks at it again"
        yield _finding(FindingKind.NO_REVIEW, content.rule, words, weight="note")
    elif content.review_by < _day(at_us):
        words = f"was to be looked at again by {content.review_by:%d %b %Y}"
        yield _finding(FindingKind.NO_REVIEW, content.rule, words)


def _day(at_us: int) -> date:
    return from_microseconds(at_us).date()


def _about_items(
    kind: FindingKind,
    rule: Rule,
    ids: tuple[str, ...],
    words: str,
    *,
    facts: Sequence[ItemFacts] = (),
    weight: Weight = "warning",
) -> Finding:
    titles = {each.item_id: each.title for each in facts}
    shown = ", ".join(item_in_words(item_id, titles=titles) for item_id in ids[:3])
    more = f" and {len(ids) - 3} more" if len(ids) > 3 else ""
    finding = _finding(kind, rule, words.format(items=shown + more), weight=weight)
    return Finding(
        kind=kind,
        sentence=finding.sentence,
        rule_ids=finding.rule_ids,
        item_ids=ids[:_MOST_NAMED],
        weight=weight,
    )


def _finding(
    kind: FindingKind, rule: Rule, words: str, *, weight: Weight = "warning"
) -> Finding:
    sentence = f"“{rule.name or rule.id}” {words}."
    return Finding(kind=kind, sentence=sentence, rule_ids=(rule.id,), weight=weight)
