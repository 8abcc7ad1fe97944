"""Months of events: each gets a partition of its own, and none stays in DEFAULT.

Events arrive in whatever month; what has no partition falls into DEFAULT, where it is
found but in everybody's way. All of this changes tables, so it runs as the owner.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from django.db import connections, transaction
from psycopg import sql

OWNER = "owner"
KEYS_LIVE = timedelta(days=400)
_MONTHS_AHEAD = 2
# Rather give way than make every insert wait behind us for long.
_LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'"
# Nobody may add to the month while it moves: the attached partition would refuse it.
_LOCK = "LOCK TABLE catalog_event_default IN ACCESS EXCLUSIVE MODE"
_MAKE = """
CREATE TABLE {partition} (LIKE catalog_event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
"""
_MOVE = """
WITH moved AS (
    DELETE FROM catalog_event_default WHERE ts >= {first} AND ts < {last} RETURNING *
)
INSERT INTO {partition} SELECT * FROM moved
"""
_ATTACH = """
ALTER TABLE catalog_event ATTACH PARTITION {partition}
FOR VALUES FROM ({first}) TO ({last})
"""
_ANALYZE = "ANALYZE {partition}"
_MONTHS_IN_DEFAULT = """
SELECT DISTINCT (date_trunc('month', ts AT TIME ZONE 'UTC'))::date
FROM catalog_event_default ORDER BY 1
"""


def ensure_event_partitions(first: date, last: date) -> list[date]:
    """Make the missing partitions of the months from `first` to `last`, both included.

    Rows of those months move out of DEFAULT. Returns the months that were made. Call
    it outside a transaction that holds locks on events, and before a large import.
    """
    return [month for month in _months(first, last) if _ensure(month)]


def empty_default_partition(*, at: datetime) -> list[date]:
    """Give every month that has events in DEFAULT, and the coming ones, a partition."""
    with connections[OWNER].cursor() as cursor:
        cursor.execute(_MONTHS_IN_DEFAULT)
        found = [month for (month,) in cursor.fetchall()]
    coming = at.astimezone(UTC).date()
    later = coming + timedelta(days=31 * _MONTHS_AHEAD)
    wanted = sorted({*found, *_months(coming, later)})
    return [month for month in wanted if _ensure(month)]


def prune_event_keys(*, at: datetime) -> int:
    """Forget the ids of events sent over 400 days ago; a repeat of these is stored."""
    oldest = at.astimezone(UTC).date() - KEYS_LIVE
    with connections[OWNER].cursor() as cursor:
        cursor.execute("DELETE FROM catalog_eventkey WHERE seen_on < %s", [oldest])
        return int(cursor.rowcount)


def _ensure(month: date) -> bool:
    """Make one month's partition; return False when it was there."""
    name = f"catalog_event_{month:%Y_%m}"
    if _exists(name):
        return False
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute(_LOCK_TIMEOUT)
        cursor.execute(_LOCK)
        if _exists(name):  # Another worker was first.
            return False
        names = {
            "partition": sql.Identifier(name),
            "first": sql.Literal(_start(month)),
            "last": sql.Literal(_start(_next(month))),
        }
        for statement in (_MAKE, _MOVE, _ATTACH, _ANALYZE):
            cursor.execute(sql.SQL(statement).format(**names))
    return True


def _exists(table: str) -> bool:
    with connections[OWNER].cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
        return bool(cursor.fetchone()[0])


def _months(first: date, last: date) -> Iterator[date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = _next(month)


def _next(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def _start(month: date) -> datetime:
    return datetime(month.year, month.month, 1, tzinfo=UTC)
