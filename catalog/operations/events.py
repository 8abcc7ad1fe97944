"""Storing events: one COPY and a few statements, whatever their number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import compress, repeat
from typing import Any

import msgspec
from django.db import connection

from catalog.core.wire import EventIn
from catalog.models import ChangeKind, Namespace

from . import incoming
from .event_types import type_numbers
from .feed import record_change
from .namespaces import share_namespace
from .numbers import (
    Numbers,
    ensured_item_numbers,
    ensured_user_numbers,
    joined,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_TAKE_KEYS = """
INSERT INTO catalog_eventkey (org_id, namespace_id, source_event_id, seen_on)
SELECT %(org)s, %(namespace)s, named.text, %(today)s
FROM unnest(string_to_array(%(keys)s, E'\n')) AS named(text)
ON CONFLICT DO NOTHING
RETURNING source_event_id
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
    share_namespace(namespace)
    items = ensured_item_numbers(namespace, columns.item_ids, at=at)
    users = ensured_user_numbers(namespace, columns.user_ids, at=at)
    is_new = _is_new(namespace, columns.source_event_ids, at=at)
    lines = list(_lines(columns, users=users, items=items))
    # By time: pages of partitions and indexes are then filled, not searched (2 x).
    new = sorted(compress(range(len(lines)), is_new), key=columns.ts_us.__getitem__)
    number = None
    if new:
        text = "".join(map(lines.__getitem__, new))
        incoming.copy_text("incoming_events", incoming.EVENTS, text)
        _insert(namespace, at=at)
        newest = _EPOCH + int(max(columns.ts_us)) * _MICROSECOND
        number = record_change(
            namespace,
            kind=ChangeKind.EVENTS,
            count=len(new),
            at=at,
            newest_event_at=newest,
        )
    return StoredEvents(
        accepted=len(new),
        duplicates=len(columns) - len(new),
        change_number=number,
    )


def _is_new(
    namespace: Namespace, keys: Sequence[str | None] | None, *, at: datetime
) -> Iterable[bool]:
    """Take the keys nobody has taken; say for each event whether it is the first."""
    sent = {key for key in keys or () if key is not None}
    if keys is None or not sent:
        return repeat(True)  # noqa: FBT003
    values: dict[str, Any] = {
        "org": namespace.org_id,
        "namespace": namespace.pk,
        "today": at.date(),
        "keys": joined(sent),  # In one order, so that two batches wait, not deadlock.
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_KEYS, values)
        taken = {key for (key,) in cursor.fetchall()}
    return _first_of_each(keys, taken)


def _first_of_each(keys: Sequence[str | None], taken: set[str]) -> Iterator[bool]:
    for key in keys:
        yield key is None or key in taken
        if key is not None:
            taken.discard(key)


def _insert(namespace: Namespace, *, at: datetime) -> None:
    values: dict[str, Any] = {
        "org": namespace.org_id,
        "namespace": namespace.pk,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)


def _lines(columns: EventColumns, *, users: Numbers, items: Numbers) -> Iterator[str]:
    """Yield a line for COPY for each event. About 1 µs each."""
    rows = zip(
        map(users.__getitem__, columns.user_ids),
        map(items.__getitem__, columns.item_ids),
        columns.types,
        columns.values,
        columns.ts_us,
        _texts(columns.metas),
        _texts(columns.source_event_ids),
        strict=False,
    )
    return map("%d\t%d\t%d\t%s\t%d\t%s\t%s\n".__mod__, rows)


def _texts(texts: Sequence[str | None] | None) -> Iterable[str]:
    if texts is None:
        return repeat("\\N")
    return ("\\N" if text is None else text.replace("\\", "\\\\") for text in texts)


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
