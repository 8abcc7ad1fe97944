"""A page with a rule beside the same page without it, ranked as it is served."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from catalog.core.moments import from_microseconds, microseconds
from catalog.core.preview_as import PreviewAs
from catalog.models import Item, Namespace
from ranking.core.configuration import Configuration
from ranking.core.request import Request
from ranking.queries.configurations import with_rule_changes
from ranking.serve.previews import Pages, preview_pages, without_rules
from ranking.serve.served import current
from rules.core.content import Content
from rules.core.rule import EVERY_SURFACE, Rule
from rules.core.windows import is_in_force, next_edge
from rules.models import ChangeSetItem
from rules.queries.contents import to_document

from .visitors import HOME

_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """One position of the page, and where its item stood without the rule."""

    number: int
    item_id: str
    item: Item | None
    was: int | None

    @property
    def moved(self) -> int:
        """How many positions it went up."""
        return 0 if self.was is None else self.was - self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class RuledPage:
    """What a rule makes of the first positions of a page."""

    surface: str
    audience: str
    opens_at: datetime | None
    """When its window opens, if not now."""
    positions: list[Position]
    changed: int
    gone: int
    """How many items leave the page."""


def ruled_page(
    namespace: Namespace,
    content: Content,
    *,
    rule_id: UUID,
    asked: PreviewAs,
    now: datetime,
    is_stored: bool,
) -> RuledPage:
    """Rank the page that a rule acts on with it, and as it is.

    A stored rule is held against the page without it, in force or not; what somebody
    writes, against the page as it is served.
    """
    rule = msgspec.structs.replace(content.rule, id=str(rule_id))
    content = msgspec.structs.replace(content, rule=rule)
    served = current(namespace).plan.configuration
    before = without_rules(served, {rule.id} if is_stored else ())
    change = ChangeSetItem(
        org_id=namespace.org_id,
        namespace=namespace,
        rule_id=rule_id,
        content=to_document(content),
    )
    opens_at, at = _moment(content, now=now)
    if asked.when:
        opens_at, at = None, asked.moment(namespace.time_zone, now=now)
    surface = _surface(rule, asked)
    segment = asked.segment if asked.user_id else asked.segment or rule.segment
    pages = preview_pages(
        namespace,
        Request(
            namespace=namespace.name,
            surface=surface,
            user_id=asked.user_id,
            k=_SHOWN,
        ),
        wall_us=microseconds(at),
        segment=segment,
        live=before,
        draft=_with(before, change),
    )
    return RuledPage(
        surface=surface,
        audience=asked.user_id or segment or "an anonymous visitor",
        opens_at=opens_at,
        positions=_positions(pages),
        changed=pages.changed_slots,
        gone=len(set(pages.live.ranking.item_ids) - set(pages.draft.ranking.item_ids)),
    )


def _with(served: Configuration, change: ChangeSetItem) -> Configuration:
    return with_rule_changes(served, [change])


def _surface(rule: Rule, asked: PreviewAs) -> str:
    if asked.surface:
        return asked.surface
    return HOME if rule.surface == EVERY_SURFACE else rule.surface


def _moment(content: Content, *, now: datetime) -> tuple[datetime | None, datetime]:
    """Return when its window opens, if not now, and the moment to look at."""
    windows, now_us = content.rule.windows, microseconds(now)
    if is_in_force(windows, at_us=now_us):
        return None, now
    edge = next_edge(windows, after_us=now_us)
    opens = None if edge is None else from_microseconds(edge)
    return opens, opens or now


def _positions(pages: Pages) -> list[Position]:
    before = {
        item: number for number, item in enumerate(pages.live.ranking.item_ids, 1)
    }
    ranking = pages.draft.ranking
    numbers = [int(each) for each in ranking.pool.numbers.take(ranking.places)]
    items = Item.objects.in_bulk(numbers)
    return [
        Position(
            number=number,
            item_id=item_id,
            item=items.get(key),
            was=before.get(item_id),
        )
        for number, (item_id, key) in enumerate(
            zip(ranking.item_ids, numbers, strict=True), 1
        )
    ]
