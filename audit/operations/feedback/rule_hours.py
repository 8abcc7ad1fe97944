"""What rules did in answers and what came of it, counted by hour and rule."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from django.db import connection
from django.db.models import Q

from audit.core.codec import UnknownFormatError, open_trace
from audit.core.identity import answered_at, day_of
from audit.core.rule_facts import RuleFact, facts_of
from audit.models import Decision, FeedbackKind

log = structlog.get_logger(__name__)

_COUNTS = (
    "answers",
    "served",
    "impressions",
    "clicks",
    "carts",
    "purchases",
    "dismissals",
    "skips",
    "traced",
    "matched",
    "exposed",
    "moved",
    "without_effect",
    "item_clicks",
    "item_purchases",
)
_OF_KIND = dict(zip(FeedbackKind, _COUNTS[2:8], strict=True))
_OF_ITEM = {
    FeedbackKind.CLICK: "item_clicks",
    FeedbackKind.PURCHASE: "item_purchases",
}
_ADD = f"""
INSERT INTO audit_rulehour AS known (
    org_id, namespace_id, hour, rule_id, held, {", ".join(_COUNTS)}
) VALUES (%s, %s, %s, %s, %s, {", ".join(["%s"] * len(_COUNTS))})
ON CONFLICT (org_id, namespace_id, rule_id, hour, held) DO UPDATE SET
    {", ".join(f"{name} = known.{name} + excluded.{name}" for name in _COUNTS)}
"""  # noqa: S608


class Key(NamedTuple):
    """One row of the table."""

    namespace_id: int
    hour: datetime
    rule_id: UUID
    held: bool


class Said(NamedTuple):
    """Feedback that counts."""

    decision_id: UUID
    kind: int
    item: int


type Tally = defaultdict[Key, Counter[str]]


def count_rules_of(org_id: UUID, decision_ids: Sequence[UUID]) -> None:
    """Count what rules did in these decisions."""
    tally: Tally = defaultdict(Counter)
    for decision in _ruled(org_id, decision_ids):
        facts = _facts(decision)
        for fact in facts:
            tally[_key(decision, fact)].update(
                answers=1,
                traced=1,
                served=len(decision.items),
                matched=fact.matched,
                exposed=fact.exposed,
                moved=fact.moved,
                without_effect=int(fact.without_effect),
            )
        told = {fact.rule_id for fact in facts}
        if decision.trace is None:
            # Which arm it was, and what rules did, only the trace would say.
            for rule_id in set(decision.rule_ids) - told:
                tally[_key_of(decision, rule_id, held=False)].update(answers=1)
    _add(org_id, tally)


def count_feedback_on_rules(org_id: UUID, said: Iterable[Said]) -> None:
    """Count feedback for the rules of the answers that it is about."""
    by_decision: defaultdict[UUID, list[Said]] = defaultdict(list)
    for each in said:
        by_decision[each.decision_id].append(each)
    tally: Tally = defaultdict(Counter)
    for decision in _ruled(org_id, list(by_decision)):
        for fact in _facts(decision):
            counts = tally[_key(decision, fact)]
            for each in by_decision[decision.decision_id]:
                counts[_OF_KIND[FeedbackKind(each.kind)]] += 1
                name = _OF_ITEM.get(FeedbackKind(each.kind))
                if name is not None and each.item in fact.items:
                    counts[name] += 1
    _add(org_id, tally)


def _ruled(org_id: UUID, decision_ids: Sequence[UUID]) -> Iterator[Decision]:
    if not decision_ids:
        return
    yield from (
        Decision.objects.filter(
            ~Q(rule_ids=[]) | ~Q(override_ids=[]),
            org_id=org_id,
            decision_day__in={day_of(each) for each in decision_ids},
            decision_id__in=decision_ids,
        )
        .only("decision_id", "namespace_id", "items", "rule_ids", "trace")
        .order_by("decision_id")
        .iterator(chunk_size=500)
    )


def _facts(decision: Decision) -> Sequence[RuleFact]:
    if decision.trace is None:
        return ()
    try:
        return facts_of(open_trace(bytes(decision.trace)))
    except (UnknownFormatError, KeyError) as error:
        log.warning("trace_not_counted", id=str(decision.decision_id), error=str(error))
        return ()


def _key(decision: Decision, fact: RuleFact) -> Key:
    return _key_of(decision, fact.rule_id, held=fact.held)


def _key_of(decision: Decision, rule_id: UUID, *, held: bool) -> Key:
    moment = answered_at(decision.decision_id)
    hour = moment.replace(minute=0, second=0, microsecond=0)
    return Key(decision.namespace_id, hour, rule_id, held)


def _add(org_id: UUID, tally: Mapping[Key, Counter[str]]) -> None:
    # In one order, so that two workers wait for each other and do not deadlock.
    rows: list[list[Any]] = [
        [org_id, *key, *(counts[name] for name in _COUNTS)]
        for key, counts in sorted(tally.items())
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_ADD, rows)
