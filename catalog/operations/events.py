"""Storing events: one COPY and four statements, whatever the number of events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
from django.db import connection

from catalog.core.wire import EventIn
from catalog.models import ChangeKind, Namespace

from . import incoming
from .event_types import type_numbers
from .feed import record_change
from .namespaces import share_namespace

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_ADD_ITEMS = """
INSERT INTO catalog_item (
    org_id, namespace_id, item_id, listed, category_path, tags, available, props,
    created_at, updated_at
)
SELECT %(org)s, %(namespace)s, item_id, false, '{}', '{}', false, '{}', %(at)s, %(at)s
FROM (SELECT DISTINCT item_id FROM incoming_events) AS named
WHERE NOT EXISTS (
    SELECT FROM catalog_item AS item
    WHERE item.org_id = %(org)s AND item.namespace_id = %(namespace)s
      AND item.item_id = named.item_id
)
ORDER BY item_id
ON CONFLICT (org_id, namespace_id, item_id) DO NOTHING
"""
_ADD_USERS = """
INSERT INTO catalog_user (
    org_id, namespace_id, user_id, listed, traits, created_at, updated_at
)
SELECT %(org)s, %(namespace)s, user_id, false, '{}', %(at)s, %(at)s
FROM (SELECT DISTINCT user_id FROM incoming_events) AS named
WHERE NOT EXISTS (
    SELECT FROM catalog_user AS known
    WHERE known.org_id = %(org)s AND known.namespace_id = %(namespace)s
      AND known.user_id = named.user_id
)
ORDER BY user_id
ON CONFLICT (org_id, namespace_id, user_id) DO NOTHING
"""
_ADD_EVENTS = """
WITH fresh AS (
    INSERT INTO catalog_eventkey (org_id, namespace_id, source_event_id, seen_on)
    SELECT %(org)s, %(namespace)s, source_event_id, %(today)s
    FROM incoming_events
    WHERE source_event_id IS NOT NULL
    ORDER BY source_event_id
    ON CONFLICT DO NOTHING
    RETURNING source_event_id
)
INSERT INTO catalog_event (
    org_id, namespace_id, user_id, item_id, type, value, ts, received_at,
    source_event_id, meta
)
SELECT
    %(org)s, %(namespace)s, known.id, item.id, event.type, event.value,
    timestamptz 'epoch' + event.ts_us * interval '1 microsecond', %(at)s,
    event.source_event_id, event.meta
FROM incoming_events AS event
JOIN catalog_user AS known
  ON known.org_id = %(org)s AND known.namespace_id = %(namespace)s
 AND known.user_id = event.user_id
JOIN catalog_item AS item
  ON item.org_id = %(org)s AND item.namespace_id = %(namespace)s
 AND item.item_id = event.item_id
WHERE event.source_event_id IS NULL
   OR event.source_event_id IN (SELECT source_event_id FROM fresh)
ORDER BY event.row
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventColumns:
    """Events as columns: entry i of each is the same event.

    Ids must satisfy `catalog.core.text.is_id`; times are microseconds since 1970.
    """

    user_ids: Sequence[str]
    item_ids: Sequence[str]
    types: Sequence[int]
    values: Sequence[float]
    ts_us: Sequence[int]
    metas: Sequence[str | None] | None = None
    """JSON texts; None where there is none, or for none at all."""
    source_event_ids: Sequence[str | None] | None = None
    """The senders' ids; None for those that cannot be told from a repeat."""

    def __len__(self) -> int:
        return len(self.user_ids)


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
        ts_us=[_microseconds(event.ts or event.timestamp or at) for event in events],
        metas=[
            None if event.meta is None else msgspec.json.encode(event.meta).decode()
            for event in events
        ],
        source_event_ids=[event.source_event_id for event in events],
    )
    return store_event_rows(namespace, columns, at=at)


def store_event_rows(
    namespace: Namespace, columns: EventColumns, *, at: datetime
) -> StoredEvents:
    """Store events given as columns: for importers, best 50,000 at a time.

    Items and users that nobody sent yet are made unlisted, so that every event has
    their numbers. Rows are taken as checked; one that PostgreSQL refuses takes the
    whole call with it.
    """
    if len(columns) == 0:
        return StoredEvents(accepted=0, duplicates=0, change_number=None)
    share_namespace(namespace)
    incoming.copy_text("incoming_events", incoming.EVENTS, _as_text(columns))
    accepted = _insert(namespace, at=at)
    number = None
    if accepted:
        newest = _EPOCH + int(max(columns.ts_us)) * _MICROSECOND
        number = record_change(
            namespace,
            kind=ChangeKind.EVENTS,
            count=accepted,
            at=at,
            newest_event_at=newest,
        )
    return StoredEvents(
        accepted=accepted,
        duplicates=len(columns) - accepted,
        change_number=number,
    )


def _insert(namespace: Namespace, *, at: datetime) -> int:
    values = {
        "org": namespace.org_id,
        "namespace": namespace.pk,
        "at": at,
        "today": at.date(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ADD_ITEMS, values)
        cursor.execute(_ADD_USERS, values)
        cursor.execute(_ADD_EVENTS, values)
        return int(cursor.rowcount)


def _as_text(columns: EventColumns) -> str:
    """Return the lines for COPY. About 1 µs an event."""
    none = ["\\N"] * len(columns)
    keys, metas = none, none
    if columns.source_event_ids is not None:
        keys = _first_of_each(columns.source_event_ids)
    if columns.metas is not None:
        metas = ["\\N" if meta is None else _escaped(meta) for meta in columns.metas]
    rows = zip(
        range(len(columns)),
        _all_escaped(columns.user_ids),
        _all_escaped(columns.item_ids),
        columns.types,
        columns.values,
        columns.ts_us,
        metas,
        keys,
        strict=True,
    )
    return "".join([_LINE(row) for row in rows if row[7] is not _REPEAT])


_LINE = "%d\t%s\t%s\t%d\t%s\t%d\t%s\t%s\n".__mod__
# No source id can be this: it is no text that PostgreSQL's format could hold.
_REPEAT = "\n"


def _first_of_each(keys: Sequence[str | None]) -> list[str]:
    """Return the keys as text; a second of the same is marked as a repeat."""
    seen: set[str] = set()
    texts: list[str] = []
    for key in keys:
        if key is None:
            texts.append("\\N")
        elif key in seen:
            texts.append(_REPEAT)
        else:
            seen.add(key)
            texts.append(_escaped(key))
    return texts


def _all_escaped(texts: Sequence[str]) -> Sequence[str]:
    return [*map(_escaped, texts)] if "\\" in "".join(texts) else texts


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\")


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
