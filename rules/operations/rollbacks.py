"""Taking a published change set back: a new publication of what was before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from rules.models import ENDING, ChangeSet, ChangeSetState, RuleVersion, Verb
from rules.queries.contents import read

from .actors import Actor, recorded
from .change_sets import Purpose, create_change_set, locked, set_state
from .checks import quick_check
from .drafts import Proposal, put_proposal
from .locking import lock_rules
from .publishing import ChangedMeanwhileError, changed_since, publish_change_set


def roll_back(
    change_set: ChangeSet, *, actor: Actor, at: datetime, reason: str = ""
) -> ChangeSet:
    """Restore, as one publication, what each rule said before a change set.

    It needs no second person: what it restores was published before.

    Raises
    ------
    ChangedMeanwhileError
        If one of the rules was published again since.
    """
    actor.require("publish")
    lock_rules(change_set.namespace)
    change_set = locked(change_set, ChangeSetState.PUBLISHED)
    rows = RuleVersion.objects.filter(change_set=change_set)
    versions = list(rows.select_related("rule", "rule__version").order_by("pk"))
    _refuse_overtaken(versions)
    purpose = Purpose(
        title=f"Roll back: {change_set.title}"[:200],
        reason=reason.strip() or f"Rolled back: {change_set.reason}",
        is_direct=True,
        rolls_back=change_set,
    )
    back = create_change_set(change_set.namespace, purpose, actor=actor, at=at)
    before = _before(versions)
    with recorded(actor, reason=purpose.reason):
        for version in versions:
            earlier = before.get(version.rule_id)
            put_proposal(
                back, version.rule, _undoing(version, earlier), actor=actor, at=at
            )
        quick_check(back, actor=actor, at=at)
        publish_change_set(back, actor=actor, at=at)
        set_state(change_set, ChangeSetState.ROLLED_BACK, at=at)
    back.refresh_from_db()
    return back


def _undoing(version: RuleVersion, earlier: RuleVersion | None) -> Proposal:
    """Return what takes a version back: what was before, or an end."""
    if earlier is None or earlier.verb in ENDING:
        return Proposal(read((earlier or version).content), Verb.RETIRE)
    return Proposal(read(earlier.content), Verb.ROLL_BACK)


def _before(versions: Iterable[RuleVersion]) -> dict[object, RuleVersion]:
    wanted = {version.rule_id: version.number - 1 for version in versions}
    found = RuleVersion.objects.filter(rule__in=wanted).order_by("pk")
    return {
        version.rule_id: version
        for version in found
        if version.number == wanted[version.rule_id]
    }


def _refuse_overtaken(versions: Iterable[RuleVersion]) -> None:
    for version in versions:
        rule = version.rule
        if rule.version_number != version.number:
            found = changed_since(rule, version.number)
            raise ChangedMeanwhileError(rule, rule.version, found)
