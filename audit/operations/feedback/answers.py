"""Answers that were stored since, counted by hour: what the shares are shares of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from audit.core.feedback import LAST_SLOT
from audit.core.identity import day_of
from audit.models import AuditBatch, FeedbackMark

from .dimensions import DIMENSIONS
from .marks import move
from .rule_hours import count_rules_of

_MOST_BATCHES = 20
# An id and a digest.
_NARROWEST = 16 + 32
_COUNT = f"""
INSERT INTO audit_feedbackhour AS known (
    org_id, namespace_id, hour, dimension, value, answers, served
)
SELECT decision.org_id, decision.namespace_id,
    date_trunc('hour', decision.answered_at, 'UTC') AS hour,
    told.dimension, told.value, sum(told.answers), sum(told.served)
FROM audit_decision AS decision
CROSS JOIN LATERAL (
    SELECT dimension, value, 1 AS answers, cardinality(decision.items) AS served
    FROM (VALUES {DIMENSIONS}) AS said (dimension, value)
    UNION ALL
    SELECT 'slot', least(slot, {LAST_SLOT})::text, 0, 1
    FROM generate_series(1, cardinality(decision.items)) AS slot
) AS told
WHERE decision.decision_day = ANY(%(days)s) AND decision.decision_id = ANY(%(ids)s)
  AND decision.org_id = %(org)s
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
ON CONFLICT (org_id, namespace_id, dimension, hour, value) DO UPDATE SET
    answers = known.answers + excluded.answers, served = known.served + excluded.served
"""  # noqa: S608


def count_answers(mark: FeedbackMark) -> int:
    """Count the decisions of the org's next batches; return how many those were.

    Batches are numbered in the order in which they were stored, without gaps, so that
    a decision that comes late is counted too, and none twice.
    """
    batches = list(
        AuditBatch.objects.filter(org_id=mark.org_id, number__gt=mark.number)
        .order_by("number")
        .values_list("number", "count", "rows")[:_MOST_BATCHES]
    )
    if not batches:
        return 0
    ids = [
        each
        for _, count, rows in batches
        for each in _ids(bytes(rows or b""), count=count)
    ]
    count_decisions(mark.org_id, ids)
    mark.number = batches[-1][0]
    move(mark, mark.number)
    return len(ids)


def count_decisions(org_id: UUID, ids: Sequence[UUID]) -> None:
    """Count decisions that were not counted before."""
    values: dict[str, Any] = {
        "org": org_id,
        "days": sorted({day_of(each) for each in ids}),
        "ids": ids,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
    count_rules_of(org_id, ids)


def _ids(rows: bytes, *, count: int) -> Sequence[UUID]:
    """Return the ids with which the rows of an entry begin, whatever its version."""
    width = len(rows) // count if count else 0
    if width < _NARROWEST:
        return []  # No decisions, but what was removed.
    return [
        UUID(bytes=rows[start : start + 16]) for start in range(0, len(rows), width)
    ]
