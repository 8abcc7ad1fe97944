"""A partition for each day, made ahead by the role that owns the tables."""

from __future__ import annotations

import re
from datetime import date, timedelta

import structlog
from django.db import OperationalError, connections, transaction
from psycopg import sql

log = structlog.get_logger(__name__)

TABLES = ("audit_decision", "audit_decisionprivate", "audit_feedback")
DAYS_AHEAD = 3
_NAME = re.compile(r"_p(\d{8})$")
# Rather try again later than make every reader and writer wait behind us.
_PATIENCE = "SET LOCAL lock_timeout = '2s'"


def keep_partitions(*, today: date) -> list[date]:
    """Make the partitions of today and the next days; return the days made.

    Whatever lies in the DEFAULT partition gets one too.
    """
    ahead = {today + timedelta(days=n_days) for n_days in range(DAYS_AHEAD + 1)}
    return [day for day in sorted(ahead | _stray_days()) if make_partition(day)]


def make_partition(day: date) -> bool:
    """Make a day's partitions; return False when they exist, or tables are busy.

    Rows of that day that went to the DEFAULT partition meanwhile move over.
    """
    if all(day in partition_days(table) for table in TABLES):
        return False
    try:
        for table in TABLES:
            if day not in partition_days(table):
                _make(table, day)
    except OperationalError as error:
        log.warning("partition_not_made", day=day.isoformat(), error=str(error))
        return False
    return True


def drop_partition(day: date) -> bool:
    """Drop a day of decisions; return False when readers are in the way."""
    try:
        for table in TABLES:
            _execute("DROP TABLE IF EXISTS {partition}", table=table, day=day)
    except OperationalError as error:
        log.warning("partition_not_dropped", day=day.isoformat(), error=str(error))
        return False
    return True


def partition_days(table: str) -> set[date]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = %s::regclass",
            [table],
        )
        names = [_NAME.search(name) for (name,) in cursor.fetchall()]
    return {date.fromisoformat(found[1]) for found in names if found}


def _stray_days() -> set[date]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT decision_day FROM audit_decision_default"
            " UNION SELECT decision_day FROM audit_feedback_default"
        )
        return {day for (day,) in cursor.fetchall()}


def _make(table: str, day: date) -> None:
    # Attaching locks the parent less than CREATE TABLE ... PARTITION OF, which would
    # keep every reader out.
    _execute(
        "CREATE TABLE {partition} (LIKE {table} INCLUDING ALL)",
        "WITH moved AS"
        " (DELETE FROM {default} WHERE decision_day = {day} RETURNING *)"
        " INSERT INTO {partition} SELECT * FROM moved",
        "ALTER TABLE {table} ATTACH PARTITION {partition}"
        " FOR VALUES FROM ({day}) TO ({day_after})",
        table=table,
        day=day,
    )


def _execute(*statements: str, table: str, day: date) -> None:
    names = {
        "table": sql.Identifier(table),
        "default": sql.Identifier(f"{table}_default"),
        "partition": sql.Identifier(f"{table}_p{day:%Y%m%d}"),
        "day": sql.Literal(day),
        "day_after": sql.Literal(day + timedelta(days=1)),
    }
    owner = connections["owner"]
    with transaction.atomic(using="owner"), owner.cursor() as cursor:
        cursor.execute(_PATIENCE)
        for statement in statements:
            cursor.execute(sql.SQL(statement).format(**names))
