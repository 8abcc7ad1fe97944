"""What stands before a publication: a check, and a second person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from catalog.models import Namespace
from catalog.permissions import NotAllowedError
from rules.models import (
    Approval,
    ApprovalVerdict,
    ChangeCheck,
    ChangeSet,
    ChangeSetItem,
    ChangeSetState,
    CheckKind,
    CheckVerdict,
)

from .actors import Actor
from .change_sets import content_hash
from .checks import FRESH_FOR, configuration_hash, newest_check

FORECAST_SWITCH = "require_forecast"
_BROKEN = "It breaks a blocking guardrail."
_UNKNOWN = "This namespace asks for a forecast, and there was too little to replay."


class UncheckedError(RuntimeError):
    """There is no check that still holds, or it found what may not be published."""


def needs_review(namespace: Namespace) -> bool:
    """Say whether direct calls wait for somebody there."""
    return namespace.four_eyes or bool(namespace.switches.get(FORECAST_SWITCH))


def is_at_once(change_set: ChangeSet) -> bool:
    """Say whether it is a direct call's that goes live in its own transaction.

    Whoever makes one has seen to it that nobody else needs to look first.
    """
    return change_set.is_direct and change_set.submitted_at is None


def needed_kind(change_set: ChangeSet) -> str:
    return CheckKind.QUICK if is_at_once(change_set) else CheckKind.FULL


def require_checked(
    change_set: ChangeSet,
    items: Sequence[ChangeSetItem],
    *,
    actor: Actor,
    overruled_because: str,
    at: datetime,
) -> ChangeCheck:
    """Return the check that lets a change set pass, or raise `UncheckedError`."""
    kind = needed_kind(change_set)
    check = newest_check(change_set, kind=kind)
    if check is None:
        raise UncheckedError(f"It has no {kind} check yet. Check it first.")
    if why := _why_stale(check, items, at=at):
        raise UncheckedError(f"{why} Check it again.")
    if check.verdict == CheckVerdict.BLOCKED:
        _require_overruled(actor, because=overruled_because, what=_BROKEN)
    if check.verdict == CheckVerdict.UNKNOWN and _asks_for_forecast(change_set):
        _require_overruled(actor, because=overruled_because, what=_UNKNOWN)
    return check


def _asks_for_forecast(change_set: ChangeSet) -> bool:
    return bool(change_set.namespace.switches.get(FORECAST_SWITCH))


def is_fresh(
    check: ChangeCheck, items: Sequence[ChangeSetItem], *, at: datetime
) -> bool:
    """Say whether a check still holds."""
    return not _why_stale(check, items, at=at)


def _why_stale(
    check: ChangeCheck, items: Sequence[ChangeSetItem], *, at: datetime
) -> str:
    if bytes(check.content_hash) != content_hash(items):
        return "It was changed after its check."
    if check.created_at < at - FRESH_FOR:
        return "Its check is more than 24 hours old."
    known = bytes(check.configuration_hash)
    # A quick check looks at rules alone, which nobody else publishes meanwhile.
    if check.kind == CheckKind.FULL and known != configuration_hash(check.namespace):
        return "The configuration that serves was changed after its check."
    return ""


def require_second_person(
    change_set: ChangeSet, items: Sequence[ChangeSetItem], *, actor: Actor
) -> str:
    """Return who approved; raise where four eyes are needed and only two looked."""
    if is_at_once(change_set):
        return ""
    approval = (
        Approval.objects.filter(
            change_set=change_set,
            verdict=ApprovalVerdict.APPROVED,
            content_hash=content_hash(items),
        )
        .order_by("-pk")
        .first()
    )
    if not change_set.namespace.four_eyes:
        return approval.approver if approval else ""
    if actor.identity in change_set.contributors:
        raise NotAllowedError(
            f"{actor.name} worked on this change set; in this namespace somebody else"
            " publishes it."
        )
    if change_set.state != ChangeSetState.APPROVED or approval is None:
        raise NotAllowedError(
            "In this namespace a second person approves before anything is published."
        )
    return approval.approver


def _require_overruled(actor: Actor, *, because: str, what: str) -> None:
    if not because.strip():
        raise UncheckedError(
            f"{what} An operator may publish it all the same, with a reason, which is"
            " kept."
        )
    actor.require("operate")
