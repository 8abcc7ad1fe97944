"""The changes in a change set while it is a draft: put in, replaced, taken out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from catalog.core.moments import microseconds
from catalog.models.runs import new_id
from rules.core.content import Content, as_version
from rules.core.rule import Kind
from rules.models import (
    ChangeSet,
    ChangeSetItem,
    ChangeSetState,
    Rule,
    RuleState,
    RuleVersion,
    Verb,
)
from rules.queries.contents import columns_of, read, to_document

from .actors import Actor, recorded
from .change_sets import WrongStateError, locked, note_contribution
from .validity import require_valid

_A_BATCH = 500
_SAID = (
    "verb",
    "content",
    "base_number",
    "author",
    "author_identity",
    "updated_at",
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What shall become of a rule."""

    content: Content
    verb: str = Verb.PUBLISH
    base_number: int | None = None
    """The version on which it was begun; None: the one in force now."""


def draft_new_rule(
    change_set: ChangeSet, content: Content, *, actor: Actor, at: datetime
) -> ChangeSetItem:
    """Put a rule that does not exist yet into a change set."""
    actor.require("edit")
    change_set = locked(change_set, ChangeSetState.DRAFT)
    key = new_id()
    made = msgspec.structs.replace(
        content.rule, id=str(key), created_us=microseconds(at)
    )
    content = msgspec.structs.replace(content, rule=made)
    require_valid(content)
    with recorded(actor, reason=change_set.reason):
        rule = Rule.objects.create(
            id=key,
            org_id=change_set.org_id,
            namespace=change_set.namespace,
            is_override=made.kind == Kind.OVERRIDE,
            created_by=actor.name,
            created_at=at,
            updated_at=at,
            **columns_of(content),
        )
        return _put(change_set, rule, Proposal(content), actor=actor, at=at)


def draft_change(
    change_set: ChangeSet, rule: Rule, proposal: Proposal, *, actor: Actor, at: datetime
) -> ChangeSetItem:
    """Put a rule's next version into a change set, or replace the one that is there.

    One begun on a version that is no longer in force is kept as it is; publishing
    refuses it until somebody has looked at both.
    """
    actor.require("edit")
    change_set = locked(change_set, ChangeSetState.DRAFT)
    require_not_retired(rule)
    kept = msgspec.structs.replace(
        proposal.content.rule,
        id=str(rule.pk),
        created_us=microseconds(rule.created_at),
    )
    content = msgspec.structs.replace(proposal.content, rule=kept)
    require_valid(content)
    proposal = Proposal(content, proposal.verb, proposal.base_number)
    with recorded(actor, reason=change_set.reason):
        item = _put(change_set, rule, proposal, actor=actor, at=at)
        if rule.version_number == 0:
            Rule.objects.filter(pk=rule.pk).update(updated_at=at, **columns_of(content))
        return item


def draft_switch(
    change_set: ChangeSet, rule: Rule, *, enabled: bool, actor: Actor, at: datetime
) -> ChangeSetItem:
    """Put a rule's pause, or the end of it, into a change set."""
    require_not_retired(rule)
    content = msgspec.structs.replace(_published(rule), enabled=enabled)
    verb = Verb.RESUME if enabled else Verb.PAUSE
    return put_proposal(change_set, rule, Proposal(content, verb), actor=actor, at=at)


def draft_end(
    change_set: ChangeSet,
    rule: Rule,
    *,
    actor: Actor,
    at: datetime,
    verb: str = Verb.RETIRE,
) -> ChangeSetItem:
    """Put the end of a rule into a change set."""
    require_not_retired(rule)
    proposal = Proposal(_published(rule), verb)
    return put_proposal(change_set, rule, proposal, actor=actor, at=at)


def restore_as_draft(
    change_set: ChangeSet,
    version: RuleVersion,
    *,
    actor: Actor,
    at: datetime,
    verb: str = Verb.PUBLISH,
) -> ChangeSetItem:
    """Put what an earlier version said into a change set, also of a retired rule."""
    proposal = Proposal(read(version.content), verb)
    return put_proposal(change_set, version.rule, proposal, actor=actor, at=at)


def drop_draft(item: ChangeSetItem, *, actor: Actor, at: datetime) -> None:
    """Take a change out of a change set; a rule that was nothing else goes with it."""
    actor.require("edit")
    change_set = locked(item.change_set, ChangeSetState.DRAFT)
    rule = item.rule
    with recorded(actor, reason=change_set.reason):
        item.delete()
        note_contribution(change_set, actor=actor, at=at)
        if rule.version_number == 0 and not rule.drafts.exists():
            rule.delete()


def require_not_retired(rule: Rule) -> None:
    if rule.state == RuleState.RETIRED:
        raise WrongStateError(
            f"“{rule.name}” is retired. Restore one of its versions as a draft, or make"
            " a new rule."
        )


def _published(rule: Rule) -> Content:
    if rule.version is None:
        raise WrongStateError(
            f"“{rule.name}” was never published; change or drop its draft."
        )
    return read(rule.version.content)


def put_proposal(
    change_set: ChangeSet, rule: Rule, proposal: Proposal, *, actor: Actor, at: datetime
) -> ChangeSetItem:
    actor.require("edit")
    change_set = locked(change_set, ChangeSetState.DRAFT)
    with recorded(actor, reason=change_set.reason):
        return _put(change_set, rule, proposal, actor=actor, at=at)


def put_proposals(
    change_set: ChangeSet,
    pairs: Sequence[tuple[Rule, Proposal]],
    *,
    actor: Actor,
    at: datetime,
) -> list[ChangeSetItem]:
    """Store what shall become of each rule, in place of what stood there."""
    items = [
        _item(change_set, rule, proposal, actor=actor, at=at)
        for rule, proposal in pairs
    ]
    ChangeSetItem.objects.bulk_create(
        items,
        batch_size=_A_BATCH,
        update_conflicts=True,
        unique_fields=["org", "namespace", "change_set", "rule"],
        update_fields=_SAID,
    )
    note_contribution(change_set, actor=actor, at=at)
    return items


def _put(
    change_set: ChangeSet, rule: Rule, proposal: Proposal, *, actor: Actor, at: datetime
) -> ChangeSetItem:
    [item] = put_proposals(change_set, [(rule, proposal)], actor=actor, at=at)
    return item


def _item(
    change_set: ChangeSet, rule: Rule, proposal: Proposal, *, actor: Actor, at: datetime
) -> ChangeSetItem:
    base = proposal.base_number
    content = as_version(proposal.content, rule.version_number + 1)
    return ChangeSetItem(
        org_id=change_set.org_id,
        namespace_id=change_set.namespace_id,
        change_set=change_set,
        rule=rule,
        verb=proposal.verb,
        content=to_document(content),
        base_number=rule.version_number if base is None else base,
        author=actor.name,
        author_identity=actor.identity,
        created_at=at,
        updated_at=at,
    )
