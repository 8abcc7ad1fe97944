"""Storing events: one COPY and a few statements, whatever their number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from catalog.core.moments import from_microseconds, microseconds
from catalog.core.ties import Tie, encode, may_name_answers
from catalog.core.wire import EventIn
from catalog.models import ChangeKind, Namespace

from . import incoming
from .event_columns import EventColumns, EventRows
from .event_types import type_numbers
from .feed import record_change
from .namespaces import share_namespace
from .numbers import ensured_item_numbers, ensured_user_numbers, joined

_TAKE_KEYS = """
WITH taken AS (
    INSERT INTO catalog_eventkey (org_id, namespace_id, source_event_id, seen_on)
    SELECT %(org)s, %(namespace)s, named.text, %(today)s
    FROM unnest(string_to_array(%(keys)s, E'\n')) AS named(text)
    ON CONFLICT DO NOTHING
    RETURNING source_event_id
)
SELECT count(*), CASE WHEN count(*) < %(sent)s THEN array_agg(source_event_id) END
FROM taken
"""
_INSERT = """
INSERT INTO catalog_event (
    org_id, namespace_id, user_id, item_id, type, value, ts, received_at,
    source_event_id, meta
)
SELECT
    %(org)s, %(namespace)s, user_number, item_number, type, value,
    timestamptz 'epoch' + ts_us * interval '1 microsecond', %(at)s,
    source_event_id, meta
FROM incoming_events
"""
_INSERT_WITH_TIES = f"""
WITH stored AS ({_INSERT} RETURNING id, item_id, type, value, ts, meta)
SELECT id, item_id, type, value, (extract(epoch FROM ts) * 1000000)::bigint,
    left(meta ->> 'request_id', 200), left(meta ->> 'decision_id', 200)
FROM stored WHERE meta ?| array['request_id', 'decision_id']
"""  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvents:
    accepted: int
    duplicates: int
    change_number: int | None
    """The feed's number of this batch; None when all of it was known already."""


def store_events(
    namespace: Namespace, events: Sequence[EventIn], *, at: datetime
) -> StoredEvents:
    """Store events, once per `source_event_id`; `ts` is `at` where none was sent."""
    columns = EventColumns(
        user_ids=[event.user_id for event in events],
        item_ids=[event.item_id for event in events],
        types=type_numbers(namespace, events),
        values=[1.0 if event.value is None else event.value for event in events],
        ts_us=_moments(events, at=at),
        metas=[
            None if event.meta is None else msgspec.json.encode(event.meta).decode()
            for event in events
        ],
        source_event_ids=[event.source_event_id for event in events],
    )
    return store_event_rows(namespace, columns, at=at)


def store_event_rows(
    namespace: Namespace, rows: EventRows, *, at: datetime
) -> StoredEvents:
    """Store events given as columns: for importers, best 100,000 at a time.

    Items and users that nobody sent yet are made unlisted, so that every event has
    their numbers. Rows are taken as checked; one that PostgreSQL refuses takes the
    whole call with it.
    """
    share_namespace(namespace)
    items = ensured_item_numbers(namespace, rows.item_ids, at=at)
    users = ensured_user_numbers(namespace, rows.user_ids, at=at)
    kept = _unseen(namespace, rows.source_event_ids, at=at)
    accepted = len(rows) if kept is None else sum(kept)
    number = None
    if accepted:
        lines = rows.lines(users=users, items=items, kept=kept)
        incoming.copy_text("incoming_events", incoming.EVENTS, lines)
        ties = _insert(namespace, at=at, has_ties=may_name_answers(lines))
        number = record_change(
            namespace,
            kind=ChangeKind.EVENTS,
            count=accepted,
            at=at,
            rows=ties,
            newest_event_at=from_microseconds(rows.newest_us),
        )
    return StoredEvents(
        accepted=accepted, duplicates=len(rows) - accepted, change_number=number
    )


def _unseen(
    namespace: Namespace, keys: Sequence[str | None] | None, *, at: datetime
) -> list[bool] | None:
    """Take the keys nobody has taken; say which events are the first with theirs.

    None when all of them are.
    """
    sent = [key for key in keys or () if key is not None]
    if keys is None or not sent:
        return None
    known = set(sent)
    values: dict[str, Any] = {
        "org": namespace.org_id,
        "namespace": namespace.pk,
        "today": at.date(),
        "keys": joined(known),  # In one order, so that two batches wait, not deadlock.
        "sent": len(known),
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_KEYS, values)
        count, taken = cursor.fetchone()
    if count == len(sent):
        return None
    fresh = known if count == len(known) else set(taken or ())
    return list(_first_of_each(keys, fresh))


def _first_of_each(keys: Sequence[str | None], fresh: set[str]) -> Iterator[bool]:
    for key in keys:
        yield key is None or key in fresh
        if key is not None:
            fresh.discard(key)


def _insert(namespace: Namespace, *, at: datetime, has_ties: bool) -> bytes | None:
    """Store what was copied; return the events that name an answer, if any do."""
    values: dict[str, Any] = {
        "org": namespace.org_id,
        "namespace": namespace.pk,
        "at": at,
    }
    with connection.cursor() as cursor:
        if not has_ties:
            cursor.execute(_INSERT, values)
            return None
        cursor.execute(_INSERT_WITH_TIES, values)
        return encode([Tie(*row) for row in cursor.fetchall()])


def _moments(events: Sequence[EventIn], *, at: datetime) -> list[int]:
    at_us = microseconds(at)
    moments = (event.ts or event.timestamp for event in events)
    return [at_us if moment is None else microseconds(moment) for moment in moments]
