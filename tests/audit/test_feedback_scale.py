"""Figures of a million answers: what was counted is what the rows say, and at once."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from audit.models import Decision
from audit.operations.feedback.answers import count_decisions
from audit.operations.feedback.judging import judge_feedback
from audit.queries.feedback import Dimension, Figures, by_day, figures
from tests.audit.feedback_shop import Shop, open_shop
from tests.clock import NOON

pytestmark = pytest.mark.django_db
log = logging.getLogger(__name__)

SLOTS, DAYS = 24, 28
_CHUNK = 20_000
_SPAN = timedelta(days=DAYS)
# Answers evenly over 28 days, as UUIDv7s; items are few, so that indexes stay small.
_ANSWER = """
INSERT INTO audit_decision (
    decision_day, decision_id, org_id, namespace_id, answered_at, at, change_number,
    batch_number, latency_us, profile_version, engine_version, key_version, k, rung,
    route, surface, request_id, segment, profile, model_version, snapshot_hash,
    configuration_hash, answer_digest, degraded, items, dropped, rule_ids, override_ids
)
SELECT (made.at AT TIME ZONE 'UTC')::date, made.id, %(org)s, %(namespace)s,
    made.at, made.at, 1, 1, 4000, 1 + n %% 3, 1, 1, 24, 0, 'recommendations',
    (array['home', 'cart', 'pdp', 'category'])[1 + n %% 4], 'r' || n,
    (array['new', 'returning', NULL])[1 + n %% 3], 'default', 'm', '', '', '', '{}',
    %(items)s, '{}', '{}', '{}'
FROM generate_series(%(first)s, %(last)s - 1) AS n
CROSS JOIN LATERAL (
    SELECT %(start)s + n * interval '28 days' / %(count)s AS at
) AS moment
CROSS JOIN LATERAL (
    SELECT moment.at,
        (lpad(to_hex((extract(epoch FROM moment.at) * 1000)::bigint), 12, '0') || '7'
            || lpad(to_hex(n %% 4096), 3, '0') || '8' || lpad(to_hex(n), 15, '0'))::uuid
        AS id
) AS made
"""
# One click an answer, on a slot that depends on it; the same click twice in some.
_CLICK = """
INSERT INTO audit_feedback (
    decision_day, decision_id, org_id, namespace_id, key, kind, slot, at, received_at,
    window_hours, source, state
)
SELECT decision_day, decision_id, org_id, namespace_id, 'c:' || copy, 1,
    1 + ('x' || substr(decision_id::text, 16, 3))::bit(12)::int %% 24,
    answered_at + interval '1 minute', %(at)s, 24, 0, 0
FROM audit_decision CROSS JOIN generate_series(1, 2) AS copy
WHERE namespace_id = %(namespace)s AND org_id = %(org)s
    AND (copy = 1 OR substr(decision_id::text, 16, 1) = '0')
"""
_BY_HAND = """
SELECT decision.surface, count(DISTINCT decision.decision_id),
    count(DISTINCT (feedback.decision_id, feedback.slot))
FROM audit_decision AS decision
JOIN audit_feedback AS feedback
    ON feedback.decision_day = decision.decision_day
    AND feedback.decision_id = decision.decision_id
WHERE decision.org_id = %s AND decision.namespace_id = %s
GROUP BY 1 ORDER BY 1
"""


@pytest.mark.parametrize(
    "count",
    [
        400,
        pytest.param(1_000_000, marks=[pytest.mark.prove, pytest.mark.timeout(3600)]),
    ],
)
def test_counts_are_what_the_rows_say(spool_directory: Any, count: int) -> None:
    shop = open_shop()
    with shop.scope():
        with told(f"{count:,} answers made"):
            make(shop, count)
        with told("answers counted"):
            count_all(shop)
        with told("clicks judged and counted"):
            while judge_feedback(shop.namespace.org_id, at=NOON):
                pass
        found = read(shop)

    assert {
        row.value: (row.counts.answers, row.counts.clicks) for row in found.rows
    } == {surface: (answers, clicks) for surface, answers, clicks in by_hand(shop)}
    assert sum(row.counts.served for row in found.rows) == count * SLOTS


def make(shop: Shop, count: int) -> None:
    items = [*shop.numbers.values()] * 3
    values: dict[str, Any] = {
        "org": shop.namespace.org_id,
        "namespace": shop.namespace.pk,
        "items": items[:SLOTS],
        "start": NOON - _SPAN,
        "count": count,
        "at": NOON,
    }
    with connection.cursor() as cursor:
        for first in range(0, count, 100_000):
            last = min(first + 100_000, count)
            cursor.execute(_ANSWER, {**values, "first": first, "last": last})
        cursor.execute(_CLICK, values)


def count_all(shop: Shop) -> None:
    ids = list(Decision.objects.order_by("pk").values_list("decision_id", flat=True))
    for first in range(0, len(ids), _CHUNK):
        count_decisions(shop.namespace.org_id, ids[first : first + _CHUNK])


def read(shop: Shop) -> Figures:
    """Read what the page shows, one split after another; return that by surface."""
    until = NOON + timedelta(hours=1)
    for dimension in Dimension:
        with told(f"figures by {dimension}"):
            figures(shop.namespace, dimension, since=NOON - _SPAN, until=until)
    with told("figures by day"):
        by_day(shop.namespace, since=NOON - _SPAN, until=until)
    return figures(
        shop.namespace, Dimension.SURFACE, since=NOON - 2 * _SPAN, until=until
    )


def by_hand(shop: Shop) -> list[tuple[str, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_BY_HAND, [shop.namespace.org_id, shop.namespace.pk])
        return list(cursor.fetchall())


@contextmanager
def told(what: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    log.warning("%s in %.3f s", what, time.perf_counter() - started)
