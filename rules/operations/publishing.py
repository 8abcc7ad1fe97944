"""Publishing: the one way by which a rule's content comes into force."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog

from catalog.core.faults import refuse
from catalog.core.moments import on_the_clock
from catalog.models import ChangeKind
from catalog.operations import record_change
from rules.core.content import Content, as_version, content_hash
from rules.core.differences import Difference, differences
from rules.models import (
    ChangeSet,
    ChangeSetItem,
    ChangeSetState,
    Rule,
    RuleState,
    RuleVersion,
)
from rules.queries.contents import columns_of, read, to_document
from rules.queries.items import titles
from rules.queries.standing import state_between

from .actors import Actor, recorded
from .change_sets import items_of, locked, set_state
from .gates import require_checked, require_second_person
from .locking import lock_rules
from .override_states import follow_rules
from .validity import require_valid

log = structlog.get_logger(__name__)
_PUBLISHABLE = (
    ChangeSetState.DRAFT,
    ChangeSetState.IN_REVIEW,
    ChangeSetState.APPROVED,
)
_COLUMNS = (
    "state",
    "version",
    "version_number",
    "updated_at",
    "name",
    "action",
    "target_type",
    "targets",
    "surface",
    "segment_id",
    "priority",
    "starts_at",
    "ends_at",
    "has_gaps",
    "owner",
    "review_by",
)
_A_BATCH = 500


class ChangedMeanwhileError(RuntimeError):
    """A rule has a newer version than the one on which a change was begun."""

    def __init__(
        self, rule: Rule, version: RuleVersion | None, found: list[Difference]
    ) -> None:
        changes = "; ".join(each.words for each in found) or "nothing that shows"
        who = ""
        if version:
            when = on_the_clock(version.at, rule.namespace.time_zone)
            who = f" by {version.author} on {when}"
        super().__init__(
            f"“{rule.name}” was {version.get_verb_display() if version else 'changed'}"
            f"{who} after this change was begun ({changes}). Look at both, then send it"
            f" again for version {rule.version_number}."
        )
        self.rule = rule
        self.current = rule.version_number
        self.differences = found


def publish_change_set(
    change_set: ChangeSet,
    *,
    actor: Actor,
    at: datetime,
    overruled_because: str = "",
) -> list[RuleVersion]:
    """Put all changes of a change set in force, or none of them.

    Raises
    ------
    NotAllowedError
        If the actor may not, or four eyes are needed and have not looked.
    UncheckedError
        Without a check that still holds.
    ChangedMeanwhileError
        If one of the rules was published after its change was begun.
    """
    actor.require("publish")
    lock_rules(change_set.namespace)
    change_set = locked(change_set, *_PUBLISHABLE)
    items = items_of(change_set)
    if not items:
        raise refuse("empty_change_set", "There is nothing in this change set.")
    approver = require_second_person(change_set, items, actor=actor)
    _refuse_overtaken(items)
    require_checked(
        change_set, items, actor=actor, overruled_because=overruled_because, at=at
    )
    for item in items:
        require_valid(read(item.content))
    with recorded(actor, reason=change_set.reason):
        versions = _versions(change_set, items, approver=approver, at=at)
        _point_at(items, versions, at=at)
        follow_rules(items, actor=actor, at=at)
        set_state(
            change_set,
            ChangeSetState.PUBLISHED,
            at=at,
            published_at=at,
            published_by=actor.name,
            overruled_because=overruled_because.strip(),
        )
    _tell(change_set, versions, actor=actor)
    record_change(
        change_set.namespace, kind=ChangeKind.CONFIGURATION, count=len(items), at=at
    )
    return versions


def state_of(content: Content, *, at: datetime) -> RuleState:
    """Return where a published rule stands at a moment."""
    if not content.enabled:
        return RuleState.PAUSED
    columns = columns_of(content)
    return state_between(columns["starts_at"], columns["ends_at"], at=at)


def changed_since(rule: Rule, number: int) -> list[Difference]:
    """Return what the version in force says differently from an earlier one."""
    before = RuleVersion.objects.filter(rule=rule, number=number).first()
    if before is None or rule.version is None:
        return []
    contents = read(before.content), read(rule.version.content)
    return differences(*contents, titles=titles(rule.namespace, contents))


def _refuse_overtaken(items: Sequence[ChangeSetItem]) -> None:
    for item in items:
        rule = item.rule
        if item.base_number != rule.version_number:
            found = changed_since(rule, item.base_number)
            raise ChangedMeanwhileError(rule, rule.version, found)


def _versions(
    change_set: ChangeSet,
    items: Sequence[ChangeSetItem],
    *,
    approver: str,
    at: datetime,
) -> list[RuleVersion]:
    return RuleVersion.objects.bulk_create(
        [_version(change_set, item, approver=approver, at=at) for item in items],
        batch_size=_A_BATCH,
    )


def _version(
    change_set: ChangeSet, item: ChangeSetItem, *, approver: str, at: datetime
) -> RuleVersion:
    number = item.rule.version_number + 1
    content = as_version(read(item.content), number)
    return RuleVersion(
        org_id=change_set.org_id,
        namespace_id=change_set.namespace_id,
        rule=item.rule,
        number=number,
        verb=item.verb,
        content=to_document(content),
        content_hash=content_hash(content),
        change_set=change_set,
        author=item.author,
        approver=approver,
        reason=change_set.reason,
        source=change_set.source,
        at=at,
    )


def _point_at(
    items: Sequence[ChangeSetItem], versions: Sequence[RuleVersion], *, at: datetime
) -> None:
    """Have each rule say what its new version says."""
    for item, version in zip(items, versions, strict=True):
        rule, content = item.rule, read(version.content)
        rule.version, rule.version_number = version, version.number
        rule.state = RuleState.RETIRED if item.ends_rule else state_of(content, at=at)
        rule.updated_at = at
        for name, value in columns_of(content).items():
            setattr(rule, name, value)
    # One statement of plain values; bulk_update writes a CASE for each of them.
    Rule.objects.bulk_create(
        [item.rule for item in items],
        batch_size=_A_BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=_COLUMNS,
    )


def _tell(
    change_set: ChangeSet, versions: Sequence[RuleVersion], *, actor: Actor
) -> None:
    log.info(
        "policy_rules_published",
        namespace=change_set.namespace.name,
        change_set=str(change_set.pk),
        source=change_set.source,
        by=actor.name,
        count=len(versions),
        rule_ids=[str(version.rule_id) for version in versions[:20]],
    )
