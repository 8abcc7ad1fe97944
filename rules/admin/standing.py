"""How rules stand: at odds with others, ailing, or well."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection

from catalog.models import Change, ChangeKind, Namespace
from rules.core.content import Content
from rules.core.findings import CONFLICTS, Finding
from rules.models import IN_FORCE, AlertKind, Incident, Rule
from rules.operations.checks import findings_of
from rules.queries.contents import contents_of

_MOST_LOOKED_AT = 200
# Rules that share a target or a slot while both are in force: cheap to find, and the
# only ones that can be at odds. Which of them are is asked of the check itself.
_SHARING = """
WITH words AS (
    SELECT r.id, r.surface, r.starts_at, r.ends_at, r.updated_at, word
    FROM rules_rule AS r JOIN rules_ruleversion AS v ON v.id = r.version_id,
    LATERAL (
        SELECT unnest(r.targets) AS word
        UNION ALL
        SELECT 'slot:' || place FROM jsonb_array_elements_text(
            coalesce(v.content -> 'rule' -> 'positions', '[]')) AS place
        WHERE place IS NOT NULL
    ) AS said
    WHERE r.org_id = %s AND r.namespace_id = %s AND r.state = ANY(%s)
), shared AS (SELECT word FROM words GROUP BY word HAVING count(*) > 1)
SELECT id FROM words WHERE word IN (SELECT word FROM shared)
GROUP BY id ORDER BY max(updated_at) DESC, id LIMIT %s
"""


def findings_by_rule(
    namespace: Namespace, said: Mapping[UUID, Content], *, at: datetime
) -> Mapping[str, Sequence[Finding]]:
    """Return what is to be said of rules in force, by the rule's id."""
    found: defaultdict[str, list[Finding]] = defaultdict(list)
    keys = [str(key) for key in said]
    for finding in findings_of(namespace, list(said.values()), without=keys, at=at):
        for rule_id in finding.rule_ids:
            found[rule_id].append(finding)
    return found


def conflicting_rules(namespace: Namespace, *, at: datetime) -> Sequence[UUID]:
    """Return the rules in force that are at odds with others.

    The newest that share a target are judged now, so that a page answers at once; of
    all others it stands as a worker found it when it looked at them together.
    """
    number = (
        Change.objects.filter(namespace=namespace, kind=ChangeKind.CONFIGURATION)
        .order_by("-number")
        .values_list("number", flat=True)
        .first()
    )
    hour = at.replace(minute=0, second=0, microsecond=0)
    judged, found = _conflicting(namespace, number, hour)
    told = Incident.objects.filter(
        namespace=namespace, kind=AlertKind.CONFLICT, recovered_at=None
    ).values_list("rule_ids", flat=True)
    others = {key for keys in told for key in keys} - judged
    return [*found, *sorted(others)]


# Until the next publication, or the next hour, the answer stays the same.
@lru_cache(maxsize=64)
def _conflicting(
    namespace: Namespace, _change_number: int | None, hour: datetime
) -> tuple[frozenset[UUID], Sequence[UUID]]:
    """Return the rules that were judged, and those of them that are at odds."""
    with connection.cursor() as cursor:
        parameters: list[Any] = [
            namespace.org_id,
            namespace.pk,
            list(IN_FORCE),
            _MOST_LOOKED_AT,
        ]
        cursor.execute(_SHARING, parameters)
        keys = [key for (key,) in cursor.fetchall()]
    rules = list(
        Rule.objects.filter(namespace=namespace, pk__in=keys).select_related("version")
    )
    said = {
        rule.pk: content
        for rule, content in zip(rules, contents_of(rules), strict=True)
    }
    findings = findings_by_rule(namespace, said, at=hour)
    at_odds = [
        key
        for key in said
        if any(each.kind in CONFLICTS for each in findings.get(str(key), ()))
    ]
    return frozenset(said), at_odds
