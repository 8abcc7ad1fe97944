"""Saving what somebody did to a page: the changes of one change set."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from catalog.models import Namespace
from ranking.core.editing.sheet import Line
from rules.models import ChangeSet, ChangeSetItem, ChangeSetState, Rule
from rules.operations.actors import Actor
from rules.operations.change_sets import (
    Purpose,
    create_change_set,
    locked,
)
from rules.operations.drafts import (
    Proposal,
    draft_change,
    draft_end,
    draft_new_rule,
    drop_draft,
)


class OvertakenDraftError(RuntimeError):
    """Somebody saved the draft after this page was loaded."""


def save_page(
    namespace: Namespace,
    lines: Sequence[Line],
    *,
    into: ChangeSet | Purpose,
    seen: str = "",
    actor: Actor,
    at: datetime,
) -> ChangeSet:
    """Put edited rules into a draft, or into a new one.

    `seen` is the stamp of the draft that the edits were made on (:func:`stamp_of`).

    Raises
    ------
    OvertakenDraftError
        If the draft was saved by somebody else meanwhile. Nothing is written.
    """
    if isinstance(into, Purpose):
        change_set = create_change_set(namespace, into, actor=actor, at=at)
    else:
        change_set = locked(into, ChangeSetState.DRAFT)
        if stamp_of(change_set) != seen:
            raise OvertakenDraftError(change_set.title)
    for number, line in enumerate(lines):
        # A microsecond apart, so that they keep the order in which they were made.
        _save(change_set, line, actor=actor, at=at + timedelta(microseconds=number))
    change_set.refresh_from_db()
    return change_set


def stamp_of(change_set: ChangeSet) -> str:
    """Return what changes whenever a draft is saved."""
    return change_set.updated_at.isoformat()


def _save(change_set: ChangeSet, line: Line, *, actor: Actor, at: datetime) -> None:
    if not line.is_stored:
        draft_new_rule(change_set, line.content, actor=actor, at=at)
        return
    rule = Rule.objects.select_related("namespace", "version").get(pk=line.rule_id)
    if not line.is_ended:
        proposal = Proposal(line.content, base_number=line.base_number)
        draft_change(change_set, rule, proposal, actor=actor, at=at)
    elif rule.version is not None:
        draft_end(change_set, rule, actor=actor, at=at)
    else:
        item = ChangeSetItem.objects.select_related("rule", "change_set")
        drop_draft(item.get(change_set=change_set, rule=rule), actor=actor, at=at)
