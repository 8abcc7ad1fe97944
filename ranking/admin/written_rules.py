"""What a page would be with a rule that somebody is writing, ranked as it is served."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import uuid_utils
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from catalog.admin.page import namespace_of
from catalog.core.moments import from_microseconds, microseconds
from catalog.models import Item, Namespace
from catalog.permissions import require
from ranking.core.knobs import KnobError
from ranking.core.request import Request
from ranking.queries.configurations import compose
from ranking.serve import NothingToServeError
from ranking.serve.previews import Pages, preview_pages
from rules.admin.rule_form import fields_sent, read
from rules.core.content import Content
from rules.core.rule import EVERY_SURFACE
from rules.core.windows import is_in_force, next_edge
from rules.models import ChangeSetItem
from rules.queries.contents import to_document

from .visitors import HOME

_SHOWN = 12
_UNNAMED = "New rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place of the page, and where its item stood without the rule."""

    slot: int
    item_id: str
    item: Item | None
    was: int | None

    @property
    def moved(self) -> int:
        """How many places it went up."""
        return 0 if self.was is None else self.was - self.slot


def written_rule(request: HttpRequest) -> HttpResponse:
    """Answer with the first places of the page as the form's rule would have them."""
    namespace = namespace_of(request)
    require(request.user, "view", namespace)
    sent = request.POST.copy()
    # What it is called does nothing to the page.
    sent["name"] = sent.get("name", "").strip() or _UNNAMED
    content = read(fields_sent(sent)).content
    shown: dict[str, Any] = {"content": content}
    if content is not None:
        surface = content.rule.surface
        shown["surface"] = HOME if surface == EVERY_SURFACE else surface
        shown["opens_at"], at = _moment(content, now=timezone.now())
        try:
            pages = _pages(
                namespace,
                content,
                rule_id=_rule_id(request.POST.get("rule_id", "")),
                surface=shown["surface"],
                at=at,
            )
        except (NothingToServeError, KnobError) as error:
            shown["fault"] = str(error)
        else:
            shown["places"] = _places(pages)
            shown["changed"] = pages.changed_slots
            shown["gone"] = _gone(pages)
    return render(request, "recsys/rule_written.html", shown)


def _moment(content: Content, *, now: datetime) -> tuple[datetime | None, datetime]:
    """Return when its window opens, if not now, and the moment to look at."""
    windows, now_us = content.rule.windows, microseconds(now)
    if is_in_force(windows, at_us=now_us):
        return None, now
    edge = next_edge(windows, after_us=now_us)
    opens = None if edge is None else from_microseconds(edge)
    return opens, opens or now


def _pages(
    namespace: Namespace,
    content: Content,
    *,
    rule_id: UUID,
    surface: str,
    at: datetime,
) -> Pages:
    rule = msgspec.structs.replace(content.rule, id=str(rule_id))
    content = msgspec.structs.replace(content, rule=rule)
    change = ChangeSetItem(
        org_id=namespace.org_id,
        namespace=namespace,
        rule_id=rule_id,
        content=to_document(content),
    )
    return preview_pages(
        namespace,
        Request(namespace=namespace.name, surface=surface, k=_SHOWN),
        wall_us=microseconds(at),
        segment=rule.segment,
        draft=compose(namespace, changes=[change]),
    )


def _places(pages: Pages) -> list[Place]:
    before = {item: slot for slot, item in enumerate(pages.live.ranking.item_ids, 1)}
    ranking = pages.draft.ranking
    numbers = [int(each) for each in ranking.pool.numbers.take(ranking.places)]
    items = Item.objects.in_bulk(numbers)
    return [
        Place(
            slot=slot, item_id=item_id, item=items.get(number), was=before.get(item_id)
        )
        for slot, (item_id, number) in enumerate(
            zip(ranking.item_ids, numbers, strict=True), 1
        )
    ]


def _gone(pages: Pages) -> int:
    """Return how many items leave the page."""
    return len(set(pages.live.ranking.item_ids) - set(pages.draft.ranking.item_ids))


def _rule_id(sent: str) -> UUID:
    """Return the rule that is rewritten, or an id for one that is not there yet."""
    try:
        return UUID(sent)
    except ValueError:
        return UUID(bytes=uuid_utils.uuid7().bytes)
