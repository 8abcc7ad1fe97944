"""What rules did in answers and what came of it, read from the counts by hour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from audit.models import RuleHour
from audit.queries.feedback import COUNTS, Counts, Dimension
from catalog.models import Namespace
from rules.core.rule import EVERY_SURFACE, Action
from rules.models import Rule

from .measured import Against, Comparison, Effect

WEEK = timedelta(days=7)
SPAN = timedelta(days=14)
"""For so long before and after a publication answers are compared."""

KNOWN_FOR = timedelta(days=30)
"""Who matched nothing for so long is dead."""

_HIDING = (Action.BLOCK, Action.FILTER)
_SUMS = ", ".join(
    f"coalesce(sum(h.{name}) FILTER (WHERE h.hour >= asked.since), 0)"
    for name in (
        *COUNTS,
        "traced",
        "exposed",
        "moved",
        "without_effect",
        "item_clicks",
        "item_purchases",
    )
)
_OF_RULES = f"""
SELECT h.rule_id, h.held, {_SUMS},
    coalesce(sum(h.answers) FILTER (WHERE h.hour >= %(week)s), 0),
    max(h.hour)
FROM unnest(%(rules)s::uuid[], %(since)s::timestamptz[]) AS asked (rule_id, since)
JOIN audit_rulehour AS h ON h.rule_id = asked.rule_id
WHERE h.org_id = %(org)s AND h.namespace_id = %(namespace)s
  AND h.hour >= least(asked.since, %(known)s)
GROUP BY h.rule_id, h.held
"""  # noqa: S608
_BOTH = ", ".join(
    f"coalesce(sum(h.{name}) FILTER (WHERE {when}), 0)"
    for when in ("h.hour < asked.hour", "h.hour > asked.hour")
    for name in COUNTS
)
# The hour of the publication itself is of both.
_BEFORE_AND_AFTER = f"""
SELECT asked.rule_id, {_BOTH}
FROM unnest(
    %(rules)s::uuid[], %(hours)s::timestamptz[], %(dimensions)s::text[],
    %(values)s::text[]
) AS asked (rule_id, hour, dimension, value)
JOIN audit_feedbackhour AS h
    ON h.dimension = asked.dimension AND h.value = asked.value
WHERE h.org_id = %(org)s AND h.namespace_id = %(namespace)s
  AND h.hour >= asked.hour - %(span)s AND h.hour <= asked.hour + %(span)s
GROUP BY asked.rule_id
"""  # noqa: S608


def effects_of(
    namespace: Namespace, rules: Sequence[Rule], *, at: datetime
) -> Mapping[UUID, Effect]:
    """Return what each of some rules did since its version in force, 28 days at most.

    Two questions to the database, however many rules.
    """
    published = {rule.pk: rule for rule in rules if rule.version is not None}
    since = {key: _since(rule, at=at) for key, rule in published.items()}
    arms = _arms(namespace, since, at=at)
    others = _before_and_after(namespace, published.values(), since=since, at=at)
    return {
        rule.pk: _effect(
            rule,
            since=since.get(rule.pk),
            arms=arms.get(rule.pk, {}),
            around=others.get(rule.pk),
        )
        for rule in rules
    }


def busiest_rules(
    namespace: Namespace, *, since: datetime, most: int = 100
) -> list[UUID]:
    """Return the rules and overrides that met items in most answers, those first."""
    met = RuleHour.objects.filter(namespace=namespace, held=False, hour__gte=since)
    sums = met.values("rule_id").annotate(n_answers=Sum("answers"))
    ordered = sums.order_by("-n_answers", "rule_id")[:most]
    return [row["rule_id"] for row in ordered]


def _since(rule: Rule, *, at: datetime) -> datetime:
    assert rule.version is not None
    began = max(filter(None, (rule.version.at, rule.starts_at)))
    return max(began, at - 2 * SPAN)


type _Row = tuple[Any, ...]


def _arms(
    namespace: Namespace, since: Mapping[UUID, datetime], *, at: datetime
) -> dict[UUID, dict[bool, _Row]]:
    """Return the sums of each rule, apart for those held out of it."""
    if not since:
        return {}
    values: dict[str, Any] = {
        "org": namespace.org_id,
        "namespace": namespace.pk,
        "rules": list(since),
        # Counts are of whole hours; that of the publication holds answers of before.
        "since": [_hour(moment) for moment in since.values()],
        "week": at - WEEK,
        "known": at - KNOWN_FOR,
    }
    found: dict[UUID, dict[bool, _Row]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_OF_RULES, values)
        for rule_id, held, *sums in cursor.fetchall():
            found.setdefault(rule_id, {})[held] = tuple(sums)
    return found


def _before_and_after(
    namespace: Namespace,
    rules: Iterable[Rule],
    *,
    since: Mapping[UUID, datetime],
    at: datetime,
) -> dict[UUID, tuple[Counts, Counts]]:
    asked = [(rule.pk, _hour(since[rule.pk]), *_scope(rule)) for rule in rules]
    if not asked:
        return {}
    keys, hours, dimensions, names = zip(*asked, strict=True)
    values: dict[str, Any] = {
        "org": namespace.org_id,
        "namespace": namespace.pk,
        "rules": list(keys),
        "hours": list(hours),
        "dimensions": list(dimensions),
        "values": list(names),
        "span": SPAN,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE_AND_AFTER, values)
        rows = cursor.fetchall()
    n_counts = len(COUNTS)
    return {
        key: (_counts(sums[:n_counts]), _counts(sums[n_counts:])) for key, *sums in rows
    }


def _scope(rule: Rule) -> tuple[str, str]:
    """Return which answers a rule may touch, as counts by one property have it."""
    if rule.surface != EVERY_SURFACE:
        return Dimension.SURFACE, rule.surface
    if rule.segment_id:
        return Dimension.SEGMENT, rule.segment_id
    return Dimension.ALL, ""


def _scope_words(rule: Rule) -> str:
    dimension, value = _scope(rule)
    if dimension == Dimension.ALL:
        return "all answers"
    return f"all answers {'on' if dimension == Dimension.SURFACE else 'to'} {value}"


def _effect(
    rule: Rule,
    *,
    since: datetime | None,
    arms: Mapping[bool, _Row],
    around: tuple[Counts, Counts] | None,
) -> Effect:
    nothing = (0,) * (len(COUNTS) + 7) + (None,)
    acted = arms.get(False, nothing)
    counts = _counts(acted)
    traced, exposed, moved, without, clicks, purchases, hits, last = map(
        _plain, acted[len(COUNTS) :]
    )
    return Effect(
        since=since,
        is_hiding=rule.action in _HIDING,
        hits_7d=hits,
        last_hour=last,
        matches=counts.answers,
        traced=traced,
        exposures=exposed,
        clicks=clicks,
        conversions=purchases,
        moved=moved,
        without_effect=without,
        comparison=_comparison(rule, arms=arms, around=around),
    )


def _comparison(
    rule: Rule, *, arms: Mapping[bool, _Row], around: tuple[Counts, Counts] | None
) -> Comparison | None:
    if True in arms:
        return Comparison(
            against=Against.CONTROL,
            after=_counts(arms.get(False, (0,) * len(COUNTS))),
            before=_counts(arms[True]),
            scope="answers that it met, against users held out of it",
        )
    if around is None:
        return None
    days = SPAN.days
    return Comparison(
        against=Against.BEFORE,
        before=around[0],
        after=around[1],
        scope=f"{_scope_words(rule)}, up to {days} days before publishing and since",
    )


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _counts(sums: Sequence[Any]) -> Counts:
    return Counts(**dict(zip(COUNTS, map(int, sums), strict=False)))


def _plain(value: Any) -> Any:
    # Sums of bigint are numeric.
    return value if value is None or isinstance(value, datetime) else int(value)
