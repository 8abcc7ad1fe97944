"""The buttons of a change set: what each does, and to whom it is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from rules.models import ChangeSet
from rules.operations import review
from rules.operations.actors import Actor
from rules.operations.checks import quick_check
from rules.operations.publishing import publish_change_set
from rules.operations.rollbacks import roll_back

type Step = Callable[[ChangeSet, Actor, datetime, str], object]


def _check(change_set: ChangeSet, actor: Actor, at: datetime, _words: str) -> object:
    return quick_check(change_set, actor=actor, at=at)


def _submit(change_set: ChangeSet, actor: Actor, at: datetime, _words: str) -> object:
    return review.submit(change_set, actor=actor, at=at)


def _approve(change_set: ChangeSet, actor: Actor, at: datetime, words: str) -> object:
    return review.approve(change_set, actor=actor, at=at, comment=words)


def _reject(change_set: ChangeSet, actor: Actor, at: datetime, words: str) -> object:
    return review.reject(change_set, actor=actor, at=at, comment=words)


def _withdraw(change_set: ChangeSet, actor: Actor, at: datetime, _words: str) -> object:
    review.withdraw(change_set, actor=actor, at=at)
    return change_set


def _reopen(change_set: ChangeSet, actor: Actor, at: datetime, _words: str) -> object:
    review.reopen(change_set, actor=actor, at=at)
    return change_set


def _publish(change_set: ChangeSet, actor: Actor, at: datetime, words: str) -> object:
    return publish_change_set(change_set, actor=actor, at=at, overruled_because=words)


def _roll_back(change_set: ChangeSet, actor: Actor, at: datetime, words: str) -> object:
    return roll_back(change_set, actor=actor, at=at, reason=words)


STEPS: Mapping[str, tuple[Step, str]] = {
    "check": (_check, "Checked."),
    "submit": (_submit, "It is submitted. A publisher can approve it now."),
    "approve": (_approve, "Approved, exactly as it is now."),
    "reject": (_reject, "It is sent back to its author."),
    "withdraw": (_withdraw, "It is withdrawn."),
    "reopen": (_reopen, "It is a draft again."),
    "publish": (_publish, "All its changes are in force."),
    "rollback": (_roll_back, "Each rule says again what it said before."),
}


def allowed(change_set: ChangeSet, actor: Actor) -> dict[str, bool]:
    """Return which buttons are shown; whether it may be done the operations decide."""
    state = change_set.state
    is_open = state in ("draft", "in_review", "approved")
    is_own = actor.identity in change_set.contributors
    may_publish = actor.may("publish")
    needs_other = change_set.namespace.four_eyes and is_own
    return {
        "edit": actor.may("edit") and state == "draft",
        "check": actor.may("edit") and is_open,
        "submit": actor.may("edit") and state == "draft",
        "approve": may_publish and state == "in_review" and not needs_other,
        "reject": may_publish and state in ("in_review", "approved"),
        "publish": may_publish
        and is_open
        and not needs_other
        and (state == "approved" or not change_set.namespace.four_eyes),
        "withdraw": actor.may("edit") and is_open and (is_own or may_publish),
        "reopen": actor.may("edit")
        and state in ("in_review", "approved", "rejected", "withdrawn")
        and (is_own or may_publish),
        "rollback": may_publish and state == "published",
        "overrule": actor.may("operate"),
    }
