"""Events that name an answer: read from the change feed and made feedback."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from audit.core.feedback import KINDS, WAIT_MINUTES, decision_named
from audit.core.identity import day_of
from audit.models import FeedbackSource, UntiedEvent
from audit.queries.feedback_windows import Windows, windows_of
from catalog.core.ties import Tie, decode
from catalog.core.wire import MAX_ATTRIBUTION_HOURS
from catalog.models import Change, ChangeKind, Namespace

from .marks import mark_of, move, take
from .storing import FeedbackRow, insert

_MOST_CHANGES = 200
_MOST_EVENTS = 5_000
_RECENT = timedelta(days=2)
_UUID7 = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"

# The answer that holds the item, else the newest; a decision's id is as good a name.
_TIE = f"""
WITH waiting AS (
    SELECT * FROM audit_untiedevent
    WHERE org_id = %(org)s AND received_at < %(before)s
    ORDER BY received_at LIMIT {_MOST_EVENTS}
), found AS (
    SELECT waiting.*, answer.decision_id, answer.decision_day
    FROM waiting CROSS JOIN LATERAL (
        SELECT decision_id, decision_day, waiting.item = ANY(items) AS has_it
        FROM audit_decision AS decision
        WHERE decision.org_id = waiting.org_id
          AND decision.namespace_id = waiting.namespace_id
          AND decision.request_id = waiting.request_id
          AND decision.decision_day >= %(since)s
        UNION ALL
        SELECT decision_id, decision_day, waiting.item = ANY(items) AS has_it
        FROM audit_decision AS decision
        WHERE decision.org_id = waiting.org_id
          AND decision.namespace_id = waiting.namespace_id
          AND waiting.request_id ~ '{_UUID7}'
          AND decision.decision_id = CASE WHEN waiting.request_id ~ '{_UUID7}'
              THEN waiting.request_id::uuid END
          AND decision.decision_day >= %(since)s
        ORDER BY has_it DESC, decision_id DESC LIMIT 1
    ) AS answer
), stored AS (
    INSERT INTO audit_feedback (
        decision_day, decision_id, org_id, namespace_id, key, kind, item, value, at,
        received_at, window_hours, source, state
    )
    SELECT decision_day, decision_id, org_id, namespace_id, 'e:' || event, kind, item,
        value, at, received_at, window_hours, {FeedbackSource.EVENT}, 0
    FROM found ORDER BY decision_day, decision_id
    ON CONFLICT DO NOTHING
)
DELETE FROM audit_untiedevent AS event USING found WHERE event.event = found.event
"""  # noqa: S608


def read_ties(namespace: Namespace, *, at: datetime) -> int:
    """Read the events of the feed that name an answer; return how many those were."""
    mark = take(namespace.org_id, mark_of(namespace))
    if mark is None or mark.number >= namespace.change_number:
        return 0
    changes = list(
        Change.objects.filter(
            namespace=namespace,
            kind=ChangeKind.EVENTS,
            number__gt=mark.number,
            number__lte=namespace.change_number,
            rows__isnull=False,
        ).order_by("number")[:_MOST_CHANGES]
    )
    is_all = len(changes) < _MOST_CHANGES
    move(mark, namespace.change_number if is_all else changes[-1].number)
    if not changes:
        return 0
    windows = windows_of(namespace)
    # The driver hands bytes over as memory.
    ties = [tie for change in changes for tie in decode(bytes(change.rows or b""))]
    said = [tie for tie in ties if tie.type in windows.of_types]
    rows = list(_named(said, windows=windows, at=at))
    insert(namespace, rows, source=FeedbackSource.EVENT, at=at)
    _keep(namespace, said, windows=windows, at=at)
    return len(said)


def tie_events(org_id: UUID, *, at: datetime) -> int:
    """Make feedback of events whose answer is stored by now; return of how many.

    Of most the answer is of these days. What waited in vain is looked for once more in
    all days that are kept, and let go.
    """
    given_up = at - timedelta(minutes=WAIT_MINUTES)
    tied = _tie(org_id, before=at + timedelta(days=1), since=at - _RECENT)
    far = at - timedelta(hours=MAX_ATTRIBUTION_HOURS)
    late = UntiedEvent.objects.filter(org_id=org_id, received_at__lt=given_up)
    if late.exists():
        tied += _tie(org_id, before=given_up, since=far)
        late.delete()
    return tied


def _tie(org_id: UUID, *, before: datetime, since: datetime) -> int:
    values: dict[str, Any] = {"org": org_id, "before": before, "since": since.date()}
    with connection.cursor() as cursor:
        cursor.execute(_TIE, values)
        return int(cursor.rowcount)


def _named(
    ties: Iterable[Tie], *, windows: Windows, at: datetime
) -> Iterator[FeedbackRow]:
    """Yield feedback of the events that name a decision outright."""
    for tie in ties:
        decision_id = decision_named(tie.decision_id, at=at)
        if decision_id is not None:
            kind, hours = windows.of_types[tie.type]
            yield FeedbackRow(
                decision_day=day_of(decision_id),
                decision_id=decision_id,
                key=f"e:{tie.event}",
                kind=KINDS.index(kind),
                item=tie.item,
                slot=None,
                value=tie.value,
                at=tie.at,
                window_hours=hours,
            )


def _keep(
    namespace: Namespace, ties: Iterable[Tie], *, windows: Windows, at: datetime
) -> None:
    """Keep the events that name a request until its decision is stored."""
    UntiedEvent.objects.bulk_create(
        [
            _untied(namespace, tie, said=windows.of_types[tie.type], at=at)
            for tie in ties
            if tie.request_id and decision_named(tie.decision_id, at=at) is None
        ],
        ignore_conflicts=True,
        batch_size=1_000,
    )


def _untied(
    namespace: Namespace, tie: Tie, *, said: tuple[str, float], at: datetime
) -> UntiedEvent:
    kind, hours = said
    columns: dict[str, Any] = {
        "event": tie.event,
        "request_id": tie.request_id,
        "kind": KINDS.index(kind),
        "item": tie.item,
        "value": tie.value,
        "at": tie.at,
        "received_at": at,
        "window_hours": hours,
    }
    return UntiedEvent(org_id=namespace.org_id, namespace=namespace, **columns)
