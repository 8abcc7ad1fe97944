"""A change set on its way: submitted, approved or rejected, withdrawn, reopened."""

from __future__ import annotations

from datetime import datetime

from catalog.core.faults import refuse
from catalog.permissions import NotAllowedError
from rules.models import (
    Approval,
    ApprovalVerdict,
    ChangeCheck,
    ChangeSet,
    ChangeSetState,
    ManualOverride,
    OverrideStatus,
    Rule,
    RuleState,
)

from .actors import Actor, recorded
from .change_sets import content_hash, items_of, locked, set_state
from .checks import quick_check

_OPEN = (ChangeSetState.DRAFT, ChangeSetState.IN_REVIEW, ChangeSetState.APPROVED)
_REOPENED = (
    ChangeSetState.IN_REVIEW,
    ChangeSetState.APPROVED,
    ChangeSetState.REJECTED,
    ChangeSetState.WITHDRAWN,
)


def submit(change_set: ChangeSet, *, actor: Actor, at: datetime) -> ChangeCheck:
    """Ask for approval, and return what the quick check has to say."""
    actor.require("edit")
    change_set = locked(change_set, ChangeSetState.DRAFT)
    if not items_of(change_set):
        raise refuse("empty_change_set", "There is nothing in this change set.")
    check = quick_check(change_set, actor=actor, at=at)
    _move(change_set, ChangeSetState.IN_REVIEW, actor=actor, at=at, submitted_at=at)
    return check


def approve(
    change_set: ChangeSet, *, actor: Actor, at: datetime, comment: str = ""
) -> Approval:
    """Approve exactly what is in the change set now."""
    change_set = locked(change_set, ChangeSetState.IN_REVIEW)
    _require_reviewer(change_set, actor)
    approval = _verdict(
        change_set, ApprovalVerdict.APPROVED, comment=comment, actor=actor, at=at
    )
    _move(change_set, ChangeSetState.APPROVED, actor=actor, at=at)
    return approval


def reject(
    change_set: ChangeSet, *, actor: Actor, at: datetime, comment: str
) -> Approval:
    """Send a change set back, saying why."""
    if not comment.strip():
        raise refuse("missing_comment", "Say why it is rejected.", field="comment")
    change_set = locked(change_set, ChangeSetState.IN_REVIEW, ChangeSetState.APPROVED)
    actor.require("publish")
    rejection = _verdict(
        change_set, ApprovalVerdict.REJECTED, comment=comment, actor=actor, at=at
    )
    _move(change_set, ChangeSetState.REJECTED, actor=actor, at=at)
    return rejection


def withdraw(change_set: ChangeSet, *, actor: Actor, at: datetime) -> None:
    """Take a change set back before it is published."""
    actor.require("edit")
    change_set = locked(change_set, *_OPEN)
    _require_own(change_set, actor)
    _move(change_set, ChangeSetState.WITHDRAWN, actor=actor, at=at)
    ManualOverride.objects.filter(
        rule__drafts__change_set=change_set, status=OverrideStatus.WAITING
    ).update(status=OverrideStatus.CANCELLED, cancelled_by=actor.name, ended_at=at)


def reopen(change_set: ChangeSet, *, actor: Actor, at: datetime) -> None:
    """Make a draft again of what was submitted, rejected or withdrawn."""
    actor.require("edit")
    change_set = locked(change_set, *_REOPENED)
    _require_own(change_set, actor)
    _move(change_set, ChangeSetState.DRAFT, actor=actor, at=at)


_RULE_STATES = {
    ChangeSetState.IN_REVIEW: RuleState.IN_REVIEW,
    ChangeSetState.APPROVED: RuleState.APPROVED,
}


def _move(
    change_set: ChangeSet, state: str, *, actor: Actor, at: datetime, **columns: object
) -> None:
    """Set the state of a change set, and of the rules that only it knows."""
    with recorded(actor, reason=change_set.reason):
        set_state(change_set, state, at=at, **columns)
        Rule.objects.filter(drafts__change_set=change_set, version_number=0).update(
            state=_RULE_STATES.get(ChangeSetState(state), RuleState.DRAFT)
        )


def _verdict(
    change_set: ChangeSet, verdict: str, *, comment: str, actor: Actor, at: datetime
) -> Approval:
    return Approval.objects.create(
        org_id=change_set.org_id,
        namespace_id=change_set.namespace_id,
        change_set=change_set,
        verdict=verdict,
        content_hash=content_hash(items_of(change_set)),
        approver=actor.name,
        approver_identity=actor.identity,
        comment=comment.strip(),
        at=at,
    )


def _require_reviewer(change_set: ChangeSet, actor: Actor) -> None:
    actor.require("publish")
    if change_set.namespace.four_eyes and actor.identity in change_set.contributors:
        raise NotAllowedError(
            f"{actor.name} worked on this change set; in this namespace somebody else"
            " approves it."
        )


def _require_own(change_set: ChangeSet, actor: Actor) -> None:
    if actor.identity not in change_set.contributors and not actor.may("publish"):
        raise NotAllowedError(
            f"Change set “{change_set.title}” is {change_set.author}'s; a publisher may"
            " take it back."
        )
