from __future__ import annotations

from datetime import date, timedelta

from django.db import connection

from audit.core.identity import first_id_of_day
from catalog.models import Namespace
from catalog.tenancy import org_scope

from .partitions import TABLES, drop_partition, partition_days

DEFAULT_KEEP_DAYS = 30


def keep_days(namespace: Namespace) -> int:
    """Return for how many whole days the namespace keeps its decisions."""
    return int(namespace.switches.get("keep_days", DEFAULT_KEEP_DAYS))


def drop_expired(*, today: date) -> list[date]:
    """Drop days that no namespace keeps any more; return them.

    Namespaces that keep less than the longest one lose their rows one by one.
    """
    namespaces = list(Namespace.objects.order_by("org_id", "id"))
    longest = max((keep_days(each) for each in namespaces), default=DEFAULT_KEEP_DAYS)
    for namespace in namespaces:
        if keep_days(namespace) < longest:
            _delete_before(namespace, day=today - timedelta(days=keep_days(namespace)))
    oldest = today - timedelta(days=longest)
    expired = sorted(day for day in partition_days(TABLES[0]) if day < oldest)
    return [day for day in expired if drop_partition(day)]


def _delete_before(namespace: Namespace, *, day: date) -> None:
    with org_scope(namespace.org_id), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                f"DELETE FROM {table} WHERE namespace_id = %s"  # noqa: S608
                " AND decision_day < %s AND decision_id < %s",
                [namespace.pk, day, first_id_of_day(day)],
            )
