"""What is in force in a namespace: rules and overrides as the ranking takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from catalog.models import Namespace
from rules.core.rule import Kind, Rule
from rules.models import IN_FORCE, ChangeSet, ChangeSetItem

from .contents import read

RULES_SWITCH = "rules_enabled"
"""Off in a namespace's switches: no rule and no override is obeyed there."""

# Ten thousand rules are read, and taken apart, as one text.
_LIVE = """
SELECT coalesce(json_agg(v.content -> 'rule' ORDER BY r.created_at, r.id), '[]')::text
FROM rules_rule AS r JOIN rules_ruleversion AS v ON v.id = r.version_id
WHERE r.org_id = %s AND r.namespace_id = %s AND r.state = ANY(%s)
    AND r.is_override = %s AND NOT r.id = ANY(%s)
"""
_decoder = msgspec.json.Decoder(tuple[Rule, ...])


def live_rules(
    namespace: Namespace,
    *,
    drafts: Iterable[ChangeSet] = (),
    changes: Iterable[ChangeSetItem] = (),
) -> tuple[Rule, ...]:
    """Return the rules that serving obeys when their windows are open.

    With drafts it is as if those change sets were published, with changes, which need
    not be stored, as if those were, after the drafts. None are in force while the
    namespace's rules are switched off.
    """
    return _in_force(namespace, kind=Kind.RULE, drafted=_newest(drafts, changes))


def live_overrides(
    namespace: Namespace,
    *,
    drafts: Iterable[ChangeSet] = (),
    changes: Iterable[ChangeSetItem] = (),
) -> tuple[Rule, ...]:
    """Return the manual overrides in force; see :func:`live_rules`."""
    return _in_force(namespace, kind=Kind.OVERRIDE, drafted=_newest(drafts, changes))


def rules_are_on(namespace: Namespace) -> bool:
    return namespace.switches.get(RULES_SWITCH) is not False


def with_changes(
    rules: tuple[Rule, ...], changes: Iterable[ChangeSetItem], *, kind: Kind
) -> tuple[Rule, ...]:
    """Return rules in force, or overrides, as if changes of them were published."""
    return _drafted_over(rules, _newest((), changes), kind=kind)


def _newest(
    drafts: Iterable[ChangeSet], changes: Iterable[ChangeSetItem]
) -> dict[UUID, ChangeSetItem]:
    """Return what becomes of each rule that is changed."""
    sets = list(drafts)
    stored = ChangeSetItem.objects.filter(change_set__in=sets).order_by("pk")
    return {item.rule_id: item for item in [*(stored if sets else ()), *changes]}


def _in_force(
    namespace: Namespace, *, kind: Kind, drafted: Mapping[UUID, ChangeSetItem]
) -> tuple[Rule, ...]:
    if not rules_are_on(namespace):
        return ()
    parameters: list[Any] = [
        namespace.org_id,
        namespace.pk,
        list(IN_FORCE),
        kind == Kind.OVERRIDE,
        list(drafted),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_LIVE, parameters)
        (found,) = cursor.fetchone()
    return _drafted_over(_decoder.decode(found), drafted, kind=kind)


def _drafted_over(
    rules: tuple[Rule, ...], drafted: Mapping[UUID, ChangeSetItem], *, kind: Kind
) -> tuple[Rule, ...]:
    if not drafted:
        return rules
    changed = {str(key) for key in drafted}
    added = [
        content.rule
        for item in drafted.values()
        if (content := read(item.content)).rule.kind == kind
        and content.enabled
        and not item.ends_rule
    ]
    kept = [rule for rule in rules if rule.id not in changed]
    return tuple(sorted([*kept, *added], key=lambda rule: (rule.created_us, rule.id)))
