"""Where what a form says is kept: in a change set, in force, or as a draft beside."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from catalog.models import Namespace
from rules.core.content import Content
from rules.models import ChangeSet, ChangeSetItem, ChangeSetState, Rule
from rules.operations.change_sets import Purpose, create_change_set
from rules.operations.direct import Done, Edit, create_rule, replace_rule
from rules.operations.drafts import Proposal, draft_change, draft_new_rule

from .rule_rows import keys


@dataclass(frozen=True, kw_only=True)
class Kept:
    change_set: ChangeSet
    item: ChangeSetItem


def chosen_change_set(request: HttpRequest, namespace: Namespace) -> ChangeSet | None:
    """Return the open change set that was chosen; None: a new one is wanted."""
    found = keys([request.POST.get("change_set", "")])
    if not found:
        return None
    return ChangeSet.objects.filter(
        namespace=namespace, pk=found[0], state=ChangeSetState.DRAFT
    ).first()


def begin(namespace: Namespace, title: str, *, edit: Edit) -> ChangeSet:
    purpose = Purpose(title=title, reason=edit.reason or title)
    return create_change_set(namespace, purpose, actor=edit.actor, at=edit.at)


def save_draft(
    namespace: Namespace,
    rule: Rule | None,
    content: Content,
    *,
    change_set: ChangeSet | None,
    edit: Edit,
) -> ChangeSetItem:
    if change_set is None:
        change_set = begin(namespace, content.rule.name, edit=edit)
    actor, at = edit.actor, edit.at
    if rule is None:
        return draft_new_rule(change_set, content, actor=actor, at=at)
    return draft_change(change_set, rule, Proposal(content), actor=actor, at=at)


def save_live(
    namespace: Namespace,
    rule: Rule | None,
    content: Content,
    *,
    expected: int,
    edit: Edit,
) -> Done:
    if rule is None:
        return create_rule(namespace, content, edit=edit)
    return replace_rule(rule, content, edit=edit, expected=expected)


def keep_as_draft(rule: Rule, content: Content, *, base: int, edit: Edit) -> Kept:
    """Keep what was written on a version that is no longer in force.

    Its change set cannot be published until somebody has looked at both.
    """
    change_set = begin(rule.namespace, f"Kept: {rule.name}"[:200], edit=edit)
    proposal = Proposal(content, base_number=base)
    item = draft_change(change_set, rule, proposal, actor=edit.actor, at=edit.at)
    return Kept(change_set=change_set, item=item)
