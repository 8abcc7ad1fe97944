"""What the page sends along with every step: the target, the draft, the edits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone

from catalog.admin.page import namespace_of
from catalog.models import Namespace
from ranking.core.editing.edits import Edit, Scope, Terms, in_words, read_edits
from ranking.core.editing.sheet import Line, Sheet
from ranking.queries.page_rules import lines_of, lowest_priority, unsaved_changes
from rules.admin.attempts import actor_of
from rules.models import ChangeSet, ChangeSetItem, ChangeSetState
from rules.operations.actors import Actor
from rules.queries.items import known_items

from .target import Target, read_target

_MOST_OFF = 200
_REVIEW_AFTER = timedelta(days=90)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One step on the page."""

    namespace: Namespace
    actor: Actor
    now: datetime
    target: Target
    draft: ChangeSet | None
    edits: Sequence[Edit]
    sheet: Sheet
    off: frozenset[str]
    """Rules that are switched off in the preview."""
    seen: str
    """The stamp of the draft on which the edits were made."""

    @property
    def moment(self) -> datetime:
        return self.target.moment(self.namespace, now=self.now)

    @property
    def scope(self) -> Scope:
        return Scope(self.target.surface, self.target.segment)

    @property
    def changes(self) -> list[ChangeSetItem]:
        """What the draft with the edits would publish."""
        return unsaved_changes(self.namespace, self.sheet.changed)

    @property
    def edited(self) -> list[Line]:
        return self.sheet.edited

    @property
    def idle(self) -> list[str]:
        """Items whose pin or boost no rule of just this page makes."""
        return list(dict.fromkeys(edit.item for edit in self.sheet.idle))

    @property
    def edits_in_words(self) -> str:
        return in_words(self.edits)


def read_asked(request: HttpRequest) -> Asked:
    """Read a step from a form; the edits are applied to the rules as they stand."""
    namespace, now = namespace_of(request), timezone.now()
    actor = actor_of(request, namespace)
    sent = request.POST.dict()
    target = read_target(sent)
    draft = open_draft(namespace, target)
    edits = read_edits(sent.get("edits", ""))
    terms = Terms(
        starts=_local(sent.get("starts", "")),
        ends=_local(sent.get("ends", "")),
        zone=namespace.time_zone,
        owner=actor.name,
        review_by=(now + _REVIEW_AFTER).date(),
        at=target.moment(namespace, now=now),
        lowest_priority=_lowest(namespace, edits),
    )
    return Asked(
        namespace=namespace,
        actor=actor,
        now=now,
        target=target,
        draft=draft,
        edits=edits,
        sheet=_sheet(namespace, edits, draft=draft, terms=terms),
        off=frozenset(filter(None, sent.get("off", "").split(",")[:_MOST_OFF])),
        seen=sent.get("seen", ""),
    )


def open_draft(namespace: Namespace, target: Target) -> ChangeSet | None:
    """Return the draft that the address names, while it can be written on."""
    if target.draft_id is None:
        return None
    drafts = ChangeSet.objects.filter(namespace=namespace, state=ChangeSetState.DRAFT)
    return drafts.select_related("namespace").filter(pk=target.draft_id).first()


def _sheet(
    namespace: Namespace,
    edits: Sequence[Edit],
    *,
    draft: ChangeSet | None,
    terms: Terms,
) -> Sheet:
    facts = known_items(namespace, {edit.item for edit in edits})
    titles = {item_id: each.title for item_id, each in facts.items() if each.title}
    lines = lines_of(namespace, edits, draft=draft)
    sheet = Sheet(lines, terms=terms, titles=titles)
    sheet.apply(edits)
    return sheet


def _lowest(namespace: Namespace, edits: Sequence[Edit]) -> int:
    surfaces = {edit.scope.surface for edit in edits}
    return lowest_priority(namespace, sorted(surfaces)) if surfaces else 0


def _local(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None
