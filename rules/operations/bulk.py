"""One change of many rules: a change set, checked, published and undone as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

from catalog.core.faults import refuse
from catalog.models import Namespace
from rules.core.content import Content
from rules.models import ChangeSet, ChangeSetItem, Rule, RuleState
from rules.queries.contents import read

from .actors import Actor
from .change_sets import Purpose, create_change_set
from .direct import Edit, make
from .drafts import Proposal, draft_change, draft_end, draft_switch
from .locking import lock_rules

MOST_RULES = 500
MOST_DAYS = 365


class BulkKind(StrEnum):
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    OWNER = "owner"
    RETIRE = "retire"


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkChange:
    """What shall become of each rule."""

    kind: BulkKind
    days: int = 0
    owner: str = ""

    @property
    def words(self) -> str:
        return {
            BulkKind.PAUSE: "paused",
            BulkKind.RESUME: "resumed",
            BulkKind.EXTEND: f"extended by {self.days} days",
            BulkKind.OWNER: f"given to {self.owner}",
            BulkKind.RETIRE: "retired",
        }[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkDone:
    """What came of it."""

    change_set: ChangeSet | None
    changed: int = 0
    skipped: Sequence[str] = ()
    """Why single rules stayed as they were."""
    is_waiting: bool = False


type _Put = Callable[[ChangeSet], ChangeSetItem]


def change_many(
    namespace: Namespace, rules: Sequence[Rule], change: BulkChange, *, edit: Edit
) -> BulkDone:
    """Change rules as one; those to which it does not apply are told and left alone.

    Who may not publish gets a change set of drafts to submit.
    """
    _require_sense(rules, change)
    lock_rules(namespace)
    puts: list[_Put] = []
    skipped: list[str] = []
    for rule in rules:
        why_not = _why_not(rule, change)
        if why_not:
            skipped.append(f"“{rule.name}” {why_not}.")
        else:
            puts.append(_put(rule, change, edit=edit))
    if not puts:
        return BulkDone(change_set=None, skipped=skipped)
    purpose = _purpose(puts, change, reason=edit.reason)
    if not edit.actor.may("publish"):
        change_set = _drafted(namespace, purpose, puts, edit=edit)
        return BulkDone(
            change_set=change_set, changed=len(puts), skipped=skipped, is_waiting=True
        )
    done = make(
        namespace,
        purpose,
        lambda change_set: [put(change_set) for put in puts][-1],
        edit=edit,
        is_switch_off=change.kind in (BulkKind.PAUSE, BulkKind.RETIRE),
    )
    return BulkDone(
        change_set=done.change_set,
        changed=len(puts),
        skipped=skipped,
        is_waiting=done.is_waiting,
    )


def _require_sense(rules: Sequence[Rule], change: BulkChange) -> None:
    if not rules:
        raise refuse("missing_rules", "Choose at least one rule.", field="rules")
    if len(rules) > MOST_RULES:
        raise refuse(
            "too_many_rules", f"Choose at most {MOST_RULES} rules.", field="rules"
        )
    if change.kind == BulkKind.EXTEND and not 1 <= change.days <= MOST_DAYS:
        raise refuse("invalid_days", f"Extend by 1 to {MOST_DAYS} days.", field="days")
    if change.kind == BulkKind.OWNER and not change.owner.strip():
        raise refuse("missing_owner", "Name the new owner.", field="owner")


def _why_not(rule: Rule, change: BulkChange) -> str:
    """Return why a change does not apply to a rule, or nothing."""
    kind, state = change.kind, rule.state
    if rule.version is None:
        return "was never published"
    reasons = (
        (state == RuleState.RETIRED, "is retired"),
        (rule.is_override and kind != BulkKind.RETIRE, "is a manual override"),
        (kind == BulkKind.PAUSE and state == RuleState.PAUSED, "is paused already"),
        (kind == BulkKind.RESUME and state != RuleState.PAUSED, "is not paused"),
    )
    for holds, why in reasons:
        if holds:
            return why
    is_longer = kind == BulkKind.EXTEND
    return _why_endless(read(rule.version.content)) if is_longer else ""


def _why_endless(content: Content) -> str:
    windows = content.rule.windows
    if not windows or any(window.end is None for window in windows):
        return "has no end"
    if any(window.recurrence for window in windows):
        return "recurs; change its rhythm in the form"
    return ""


def _put(rule: Rule, change: BulkChange, *, edit: Edit) -> _Put:
    actor, at = edit.actor, edit.at

    def put(change_set: ChangeSet) -> ChangeSetItem:
        if change.kind == BulkKind.RETIRE:
            return draft_end(change_set, rule, actor=actor, at=at)
        if change.kind in (BulkKind.PAUSE, BulkKind.RESUME):
            enabled = change.kind == BulkKind.RESUME
            return draft_switch(change_set, rule, enabled=enabled, actor=actor, at=at)
        assert rule.version is not None
        content = _changed(read(rule.version.content), change, at=at)
        return draft_change(change_set, rule, Proposal(content), actor=actor, at=at)

    return put


def _changed(content: Content, change: BulkChange, *, at: datetime) -> Content:
    if change.kind == BulkKind.OWNER:
        return msgspec.structs.replace(content, owner=change.owner.strip()[:150])
    return extended(content, days=change.days, at=at)


def extended(content: Content, *, days: int, at: datetime) -> Content:
    """Return a content whose last window ends later: by days from its end, or from now.

    In wall-clock days, so that a window that ends at midnight still does.
    """
    windows = list(content.rule.windows)
    ends = [window.end for window in windows if window.end is not None]
    last = ends.index(max(ends))
    window, end = windows[last], ends[last]
    now = at.astimezone(ZoneInfo(window.zone)).replace(tzinfo=None)
    if end < now:
        end = datetime.combine(now.date(), end.time())
    windows[last] = msgspec.structs.replace(window, end=end + timedelta(days=days))
    rule = msgspec.structs.replace(content.rule, windows=tuple(windows))
    return msgspec.structs.replace(content, rule=rule)


def _purpose(puts: Sequence[_Put], change: BulkChange, *, reason: str) -> Purpose:
    title = f"{len(puts)} rule{'s' if len(puts) > 1 else ''} {change.words}"
    return Purpose(
        title=title, reason=reason.strip() or f"In bulk: {title}.", is_direct=True
    )


def _drafted(
    namespace: Namespace, purpose: Purpose, puts: Sequence[_Put], *, edit: Edit
) -> ChangeSet:
    wanted = Purpose(title=purpose.title, reason=purpose.reason)
    actor: Actor = edit.actor
    change_set = create_change_set(namespace, wanted, actor=actor, at=edit.at)
    for put in puts:
        put(change_set)
    return change_set
