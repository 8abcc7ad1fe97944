"""Feedback as it is sent: checked, and stored once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from audit.core.feedback import KINDS, FeedbackIn, key_of
from audit.core.identity import answered_at
from audit.models import FeedbackSource
from audit.queries.feedback_windows import windows_of
from audit.queries.keeping import keeping
from catalog.core.faults import Fault
from catalog.core.text import is_id
from catalog.core.validity import EARLIEST, FURTHEST_AHEAD, Rows
from catalog.models import Item, Namespace
from catalog.operations import incoming

_AHEAD = timedelta(minutes=5)
_INCOMING = """
CREATE TEMPORARY TABLE IF NOT EXISTS incoming_feedback (
    decision_day date, decision_id uuid, key text, kind smallint, item bigint,
    slot smallint, value double precision, at timestamptz,
    window_hours double precision
) ON COMMIT DELETE ROWS
"""
_INSERT = """
INSERT INTO audit_feedback (
    decision_day, decision_id, org_id, namespace_id, key, kind, item, slot, value, at,
    received_at, window_hours, source, state
)
SELECT decision_day, decision_id, %(org)s, %(namespace)s, key, kind, item, slot, value,
    at, %(at)s, window_hours, %(source)s, 0
FROM incoming_feedback ORDER BY decision_day, decision_id, key
ON CONFLICT DO NOTHING
"""


class FeedbackRow(NamedTuple):
    """A row on its way to the table."""

    decision_day: Any
    decision_id: UUID
    key: str
    kind: int
    item: int | None
    slot: int | None
    value: float | None
    at: datetime
    window_hours: float


class StoredFeedback(NamedTuple):
    accepted: int
    duplicates: int


def faults_of(
    namespace: Namespace, rows: Rows[FeedbackIn], *, at: datetime
) -> list[Fault]:
    """Return what is wrong with feedback, as far as it can be said at once."""
    known = _numbers(namespace, [row for _, row in rows])
    oldest = at - timedelta(days=keeping(namespace).days + 1)
    return [
        fault
        for index, row in rows
        for fault in _faults(row, index=index, known=known, at=at, oldest=oldest)
    ]


def store_feedback(
    namespace: Namespace, rows: Sequence[FeedbackIn], *, at: datetime
) -> StoredFeedback:
    """Store feedback that is not stored yet; it is tied to its answer a bit later."""
    known = _numbers(namespace, rows)
    hours = windows_of(namespace).of_kinds
    found = [
        FeedbackRow(
            decision_day=answered_at(row.decision_id).date(),
            decision_id=row.decision_id,
            key=key_of(row, item=known.get(row.item_id or "")),
            kind=KINDS.index(row.kind),
            item=known.get(row.item_id or ""),
            slot=row.slot if row.item_id is None else None,
            value=row.value,
            at=row.ts or at,
            window_hours=hours[row.kind],
        )
        for row in rows
    ]
    accepted = insert(namespace, found, source=FeedbackSource.API, at=at)
    return StoredFeedback(accepted, len(found) - accepted)


def insert(
    namespace: Namespace, rows: Sequence[FeedbackRow], *, source: int, at: datetime
) -> int:
    """Store rows whose key is not known yet; return how many those were."""
    if not rows:
        return 0
    incoming.copy_rows("incoming_feedback", _INCOMING, rows)
    with connection.cursor() as cursor:
        values: dict[str, Any] = {
            "org": namespace.org_id,
            "namespace": namespace.pk,
            "at": at,
            "source": source,
        }
        cursor.execute(_INSERT, values)
        return int(cursor.rowcount)


def _numbers(namespace: Namespace, rows: Sequence[FeedbackIn]) -> dict[str, int]:
    wanted = sorted({row.item_id for row in rows if row.item_id is not None})
    if not wanted:
        return {}
    # Unlisted ones too: what was deleted since was shown all the same.
    found = Item.objects.filter(namespace=namespace, item_id__in=wanted)
    return dict(found.values_list("item_id", "pk"))


def _faults(
    row: FeedbackIn,
    *,
    index: int,
    known: dict[str, int],
    at: datetime,
    oldest: datetime,
) -> Iterator[Fault]:
    if problem := _about_decision(row.decision_id, at=at, oldest=oldest):
        yield Fault(
            code=problem[0], message=problem[1], field="decision_id", index=index
        )
    if row.item_id is None and row.slot is None:
        words = "Say which item: item_id, or its slot in the answer."
        yield Fault(code="missing_item", message=words, field="item_id", index=index)
    elif row.item_id is not None and row.item_id not in known:
        words = f"No item {row.item_id[:80]!r} was ever sent to this namespace."
        yield Fault(code="unknown_item", message=words, field="item_id", index=index)
    if row.feedback_id is not None and not is_id(row.feedback_id):
        words = "feedback_id has 1 to 256 bytes and no control characters."
        yield Fault(code="invalid_id", message=words, field="feedback_id", index=index)
    if row.ts is not None and not EARLIEST <= row.ts <= at + FURTHEST_AHEAD:
        words = "ts lies before 1990 or more than 24 hours ahead."
        yield Fault(code="invalid_timestamp", message=words, field="ts", index=index)


def _about_decision(
    decision_id: UUID, *, at: datetime, oldest: datetime
) -> tuple[str, str] | None:
    try:
        answered = answered_at(decision_id)
    except ValueError:
        words = "decision_id is not one of ours: take it from the answer."
        return "invalid_decision_id", words
    if answered > at + _AHEAD:
        return "invalid_decision_id", "decision_id is of an answer yet to come."
    if answered < oldest:
        words = "The answer is older than this namespace keeps decisions."
        return "decision_too_old", words
    return None
