"""New feedback: found in its answer, judged whether it counts, and counted by hour."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from audit.core.feedback import EARLY_MINUTES, KINDS, LAST_SLOT, WAIT_MINUTES
from audit.models import FeedbackState
from audit.spool import feedback_tally

from .dimensions import DIMENSIONS
from .rule_hours import Said, count_feedback_on_rules

MOST = 20_000
_COUNTS = ("impressions", "clicks", "carts", "purchases", "dismissals", "skips")
assert len(_COUNTS) == len(KINDS)

# What waits for an answer that is on its way is left for the next time.
_JUDGE = f"""
CREATE TEMPORARY TABLE feedback_judged ON COMMIT DROP AS
WITH waiting AS (
    SELECT feedback.decision_day, feedback.decision_id, feedback.namespace_id,
        feedback.org_id, feedback.key, feedback.kind, feedback.at,
        feedback.window_hours, decision.answered_at,
        coalesce(feedback.item, decision.items[feedback.slot]) AS item,
        CASE WHEN feedback.item IS NULL THEN feedback.slot::int
            ELSE array_position(decision.items, feedback.item) END AS slot
    FROM audit_feedback AS feedback
    LEFT JOIN audit_decision AS decision
        ON decision.decision_day = feedback.decision_day
        AND decision.decision_id = feedback.decision_id
        AND decision.namespace_id = feedback.namespace_id
        AND decision.org_id = feedback.org_id
    WHERE feedback.org_id = %(org)s AND feedback.state = {FeedbackState.NEW}
        AND (decision.decision_id IS NOT NULL OR feedback.received_at < %(overdue)s)
    ORDER BY feedback.received_at LIMIT {MOST}
), looked_at AS (
    SELECT *, CASE
        WHEN answered_at IS NULL THEN {FeedbackState.UNKNOWN}
        WHEN item IS NULL OR slot IS NULL THEN {FeedbackState.ELSEWHERE}
        WHEN at < answered_at - interval '{EARLY_MINUTES} minutes'
            OR at > answered_at + window_hours * interval '1 hour'
            THEN {FeedbackState.LATE}
        WHEN EXISTS (
            SELECT FROM audit_feedback AS known
            WHERE known.decision_day = waiting.decision_day
              AND known.decision_id = waiting.decision_id
              AND known.namespace_id = waiting.namespace_id
              AND known.item = waiting.item AND known.kind = waiting.kind
              AND known.state = {FeedbackState.COUNTED}
        ) THEN {FeedbackState.REPEATED}
        ELSE {FeedbackState.COUNTED} END AS state
    FROM waiting
)
SELECT decision_day, decision_id, namespace_id, org_id, key, kind, item, slot,
    answered_at,
    CASE WHEN state = {FeedbackState.COUNTED} AND row_number() OVER (
        PARTITION BY decision_id, namespace_id, item, kind, state ORDER BY at, key
    ) > 1 THEN {FeedbackState.REPEATED} ELSE state END AS state
FROM looked_at
"""  # noqa: S608
_MARK = """
UPDATE audit_feedback AS feedback
SET state = judged.state, item = judged.item, slot = judged.slot
FROM feedback_judged AS judged
WHERE feedback.decision_day = judged.decision_day
  AND feedback.decision_id = judged.decision_id
  AND feedback.namespace_id = judged.namespace_id AND feedback.key = judged.key
  AND feedback.org_id = %(org)s
"""
_SUMS = ", ".join(
    f"count(*) FILTER (WHERE judged.kind = {kind})" for kind in range(len(KINDS))
)
_COUNT = f"""
INSERT INTO audit_feedbackhour AS known (
    org_id, namespace_id, hour, dimension, value, {", ".join(_COUNTS)}
)
SELECT judged.org_id, judged.namespace_id,
    date_trunc('hour', judged.answered_at, 'UTC'), told.dimension, told.value, {_SUMS}
FROM feedback_judged AS judged
JOIN audit_decision AS decision
    ON decision.decision_day = judged.decision_day
    AND decision.decision_id = judged.decision_id
CROSS JOIN LATERAL (
    VALUES {DIMENSIONS}, ('slot', least(judged.slot, {LAST_SLOT})::text)
) AS told (dimension, value)
WHERE judged.state = {FeedbackState.COUNTED}
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
ON CONFLICT (org_id, namespace_id, dimension, hour, value) DO UPDATE SET
    {", ".join(f"{name} = known.{name} + excluded.{name}" for name in _COUNTS)}
"""  # noqa: S608
_TOLD = f"""
SELECT decision_id, kind, item FROM feedback_judged
WHERE state = {FeedbackState.COUNTED}
"""  # noqa: S608

_SUM = "SELECT state, kind, count(*) FROM feedback_judged GROUP BY 1, 2"


def judge_feedback(org_id: UUID, *, at: datetime) -> int:
    """Judge the org's new feedback, once and for all; return how much that was."""
    overdue = at - timedelta(minutes=WAIT_MINUTES)
    with connection.cursor() as cursor:
        cursor.execute(_JUDGE, {"org": org_id, "overdue": overdue})
        judged = cursor.rowcount
        if judged:
            cursor.execute(_MARK, {"org": org_id})
            cursor.execute(_COUNT)
            cursor.execute(_TOLD)
            count_feedback_on_rules(org_id, [Said(*row) for row in cursor.fetchall()])
            cursor.execute(_SUM)
            _tell(cursor.fetchall())
        cursor.execute("DROP TABLE feedback_judged")
    return int(judged)


def _tell(judged: Iterable[tuple[int, int, int]]) -> None:
    """Count what was judged once its transaction has ended."""
    sums: Counter[str] = Counter()
    for state, kind, number in judged:
        is_counted = state == FeedbackState.COUNTED
        sums[KINDS[kind] if is_counted else FeedbackState(state).name.lower()] += number
    transaction.on_commit(functools.partial(feedback_tally.add, sums))
