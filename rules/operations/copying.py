"""Rules copied to another namespace of the same org: drafts to be checked there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from catalog.core.faults import refuse
from catalog.models import Namespace
from rules.core.content import as_version
from rules.models import ChangeSet, Rule
from rules.queries.contents import contents_of

from .actors import Actor
from .change_sets import Purpose, create_change_set
from .drafts import Proposal
from .many_drafts import Line, draft_many

MOST_RULES = 500


def copy_rules(
    rules: Sequence[Rule], target: Namespace, *, actor: Actor, reason: str, at: datetime
) -> ChangeSet:
    """Put copies of rules into a change set of another namespace.

    They begin there as drafts: its items, surfaces and segments are its own, and its
    checks say what does not fit. `actor` is who it is in that namespace.
    """
    if not rules:
        raise refuse("missing_rules", "Choose at least one rule.", field="rules")
    if len(rules) > MOST_RULES:
        words = f"Choose at most {MOST_RULES} rules."
        raise refuse("too_many_rules", words, field="rules")
    if any(rule.org_id != target.org_id for rule in rules):
        words = "Rules are copied within their organisation."
        raise refuse("other_organisation", words, field="target")
    source = rules[0].namespace
    if source.pk == target.pk:
        raise refuse("same_namespace", "Choose another namespace.", field="target")
    s = "" if len(rules) == 1 else "s"
    title = f"{len(rules)} rule{s} copied from {source.name}"
    purpose = Purpose(title=title, reason=reason.strip() or f"{title}.")
    change_set = create_change_set(target, purpose, actor=actor, at=at)
    lines = [Line(Proposal(as_version(content, 0))) for content in contents_of(rules)]
    draft_many(change_set, lines, actor=actor, at=at)
    return change_set
