"""Thousands of changes put into a change set at once, as an import does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from catalog.core.moments import microseconds
from catalog.models.runs import new_id
from rules.core.content import Content
from rules.core.rule import Kind
from rules.models import ChangeSet, ChangeSetState, Rule
from rules.queries.contents import columns_of

from .actors import Actor, recorded
from .change_sets import locked
from .drafts import Proposal, put_proposals, require_not_retired
from .validity import require_valid

_A_BATCH = 500


@dataclass(frozen=True, slots=True)
class Line:
    """What shall become of a rule, or of one that does not exist yet."""

    proposal: Proposal
    rule: Rule | None = None


def draft_many(
    change_set: ChangeSet, lines: Sequence[Line], *, actor: Actor, at: datetime
) -> int:
    """Put all changes into a change set, or none of them; return how many."""
    actor.require("edit")
    change_set = locked(change_set, ChangeSetState.DRAFT)
    pairs: list[tuple[Rule, Proposal]] = []
    made: list[Rule] = []
    for line in lines:
        rule, content = _identified(line, change_set, actor=actor, at=at)
        require_valid(content)
        if line.rule is None:
            made.append(rule)
        proposal = line.proposal
        pairs.append((rule, Proposal(content, proposal.verb, proposal.base_number)))
    with recorded(actor, reason=change_set.reason):
        Rule.objects.bulk_create(made, batch_size=_A_BATCH)
        put_proposals(change_set, pairs, actor=actor, at=at)
    return len(pairs)


def _identified(
    line: Line, change_set: ChangeSet, *, actor: Actor, at: datetime
) -> tuple[Rule, Content]:
    """Return the rule, which may not be stored yet, and its content under its id."""
    content, rule = line.proposal.content, line.rule
    if rule is not None:
        require_not_retired(rule)
        key, created_us = rule.pk, microseconds(rule.created_at)
    else:
        key, created_us = new_id(), microseconds(at)
    kept = msgspec.structs.replace(content.rule, id=str(key), created_us=created_us)
    content = msgspec.structs.replace(content, rule=kept)
    if rule is None:
        rule = Rule(
            id=key,
            org_id=change_set.org_id,
            namespace=change_set.namespace,
            is_override=kept.kind == Kind.OVERRIDE,
            created_by=actor.name,
            created_at=at,
            updated_at=at,
            **columns_of(content),
        )
    return rule, content
