"""Direct calls: a change set of one, made, checked and published in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from catalog.models import Namespace
from rules.core.content import Content
from rules.core.differences import differences
from rules.core.findings import Finding
from rules.models import ChangeSet, ChangeSetItem, Rule, Verb
from rules.queries.contents import read

from .actors import Actor
from .change_sets import Purpose, create_change_set, items_of
from .checks import quick_check
from .drafts import (
    Proposal,
    draft_change,
    draft_end,
    draft_new_rule,
    draft_switch,
    require_not_retired,
)
from .gates import needs_review
from .locking import held
from .publishing import ChangedMeanwhileError, changed_since, publish_change_set
from .review import submit

_REVIEW_AFTER = timedelta(days=90)
_KEPT_ABOUT_IT = {"owner", "review_by"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Who changes a rule, when and why."""

    actor: Actor
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of a direct call."""

    rule: Rule
    change_set: ChangeSet
    item: ChangeSetItem
    is_waiting: bool
    """Whether somebody else must approve first."""
    findings: tuple[Finding, ...] = ()


def create_rule(namespace: Namespace, content: Content, *, edit: Edit) -> Done:
    content = with_defaults(content, edit=edit)

    def draft(change_set: ChangeSet) -> ChangeSetItem:
        return draft_new_rule(change_set, content, actor=edit.actor, at=edit.at)

    purpose = _purpose(content, edit=edit)
    return make(namespace, purpose, draft, edit=edit)


def replace_rule(
    rule: Rule, content: Content, *, edit: Edit, expected: int | None = None
) -> Done:
    """Replace all that a rule says; with a version, only if that one is in force.

    Switching it off is live at once, wherever it is.

    Raises
    ------
    ChangedMeanwhileError
        If another version than the expected one is in force.
    """
    rule = held(rule)
    require_not_retired(rule)
    _refuse_overtaken(rule, expected)
    content = with_defaults(content, edit=edit)

    def draft(change_set: ChangeSet) -> ChangeSetItem:
        return draft_change(
            change_set,
            rule,
            Proposal(content, _verb(rule, content)),
            actor=edit.actor,
            at=edit.at,
        )

    purpose = _purpose(content, edit=edit)
    return make(
        rule.namespace, purpose, draft, edit=edit, is_switch_off=not content.enabled
    )


def switch_rule(rule: Rule, *, enabled: bool, edit: Edit) -> Done:
    """Pause a rule or let it go on."""
    rule = held(rule)

    def draft(change_set: ChangeSet) -> ChangeSetItem:
        return draft_switch(
            change_set, rule, enabled=enabled, actor=edit.actor, at=edit.at
        )

    verb = "resumed" if enabled else "paused"
    purpose = _titled(f"{rule.name}: {verb}", edit=edit)
    return make(rule.namespace, purpose, draft, edit=edit, is_switch_off=not enabled)


def retire_rule(rule: Rule, *, edit: Edit, expected: int | None = None) -> Done:
    """End a rule; its versions stay."""
    rule = held(rule)
    _refuse_overtaken(rule, expected)

    def draft(change_set: ChangeSet) -> ChangeSetItem:
        return draft_end(change_set, rule, actor=edit.actor, at=edit.at)

    purpose = _titled(f"{rule.name}: retired", edit=edit)
    return make(rule.namespace, purpose, draft, edit=edit, is_switch_off=True)


def make(
    namespace: Namespace,
    purpose: Purpose,
    draft: Callable[[ChangeSet], ChangeSetItem],
    *,
    edit: Edit,
    is_switch_off: bool = False,
) -> Done:
    """Draft, check and publish; or draft and submit where somebody else must look.

    The item that `draft` returns is the one that the answer is about.
    """
    actor, at = edit.actor, edit.at
    actor.require("publish")
    # The caller's may have been looked up before somebody asked for four eyes.
    namespace = Namespace.objects.get(pk=namespace.pk)
    change_set = create_change_set(namespace, purpose, actor=actor, at=at)
    item = draft(change_set)
    waits = needs_review(namespace) and not is_switch_off
    if waits:
        check = submit(change_set, actor=actor, at=at)
        change_set.refresh_from_db()
        rule = next(each.rule for each in items_of(change_set) if each.pk == item.pk)
    else:
        check = quick_check(change_set, actor=actor, at=at)
        versions = publish_change_set(change_set, actor=actor, at=at)
        change_set = versions[0].change_set
        rule = next(each.rule for each in versions if each.rule_id == item.rule_id)
    return Done(
        rule=rule,
        change_set=change_set,
        item=item,
        is_waiting=waits,
        findings=tuple(msgspec.convert(check.findings, list[Finding])),
    )


def with_defaults(content: Content, *, edit: Edit) -> Content:
    """Fill in what people keep about a rule and a machine need not say."""
    review_by = content.review_by or (edit.at + _REVIEW_AFTER).date()
    return msgspec.structs.replace(
        content, owner=content.owner or edit.actor.name, review_by=review_by
    )


def _refuse_overtaken(rule: Rule, expected: int | None) -> None:
    if expected is not None and expected != rule.version_number:
        raise ChangedMeanwhileError(rule, rule.version, changed_since(rule, expected))


def _purpose(content: Content, *, edit: Edit) -> Purpose:
    reason = edit.reason.strip()
    told = content.description or content.rule.name
    return Purpose(
        title=content.rule.name or "A rule",
        reason=reason or f"via {edit.actor.source.upper()}: {told}",
        is_direct=True,
    )


def _titled(title: str, *, edit: Edit) -> Purpose:
    reason = edit.reason.strip() or f"via {edit.actor.source.upper()}: {title}"
    return Purpose(title=title, reason=reason, is_direct=True)


def _verb(rule: Rule, content: Content) -> str:
    """Return what replacing a rule amounts to, for its history."""
    if rule.version is None:
        return Verb.PUBLISH
    changed = {each.field for each in differences(read(rule.version.content), content)}
    if changed - _KEPT_ABOUT_IT != {"enabled"}:
        return Verb.PUBLISH
    return Verb.RESUME if content.enabled else Verb.PAUSE
