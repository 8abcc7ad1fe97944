"""Old days of decisions: into the archive, then out of the database.

What goes is entered into the org's chain before it goes, so that what is missing later
is known to be missing rightly.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, connections, transaction

from audit import archive
from audit.core.identity import first_id_of_day
from audit.core.integrity import ANY_NAMESPACE, Kind, Removal, split_removals
from audit.core.integrity_checks import Removed
from audit.models import AuditBatch, Decision
from audit.queries.keeping import keeping
from catalog.models import Namespace
from catalog.tenancy import org_scope

from .archiving import archive_day
from .chain import append_removal, lock_org, newest_entry
from .partitions import TABLES, drop_partition, partition_days

_ONE = timedelta(days=1)


def keep_days(namespace: Namespace) -> int:
    """Return for how many whole days the namespace keeps its decisions."""
    return keeping(namespace).days


def drop_expired(*, at: datetime) -> list[date]:
    """Drop days that no namespace keeps any more; return them.

    Namespaces that keep less than the longest one lose their rows one by one. All of
    it goes into the archive first, unless that is off.
    """
    today = at.date()
    kept = {
        each: keep_days(each) for each in Namespace.objects.order_by("org_id", "id")
    }
    longest = max(kept.values(), default=0)
    if not longest:
        return []
    for namespace, days in kept.items():
        _archive_before(namespace, day=today - timedelta(days=days))
    for namespace, days in kept.items():
        if days < longest:
            _delete_before(namespace, day=today - timedelta(days=days), at=at)
    oldest = today - timedelta(days=longest)
    for org_id in sorted({namespace.org_id for namespace in kept}):
        _note_removal(org_id, Removal(ANY_NAMESPACE, oldest), at=at)
    dropped = _drop_before(oldest)
    for org_id in sorted({namespace.org_id for namespace in kept}):
        _trim_batches(org_id)
    return dropped


def _archive_before(namespace: Namespace, *, day: date) -> None:
    if not archive.is_on():
        return
    with org_scope(namespace.org_id):
        old = Decision.objects.filter(namespace=namespace, decision_day__lt=day)
        days = set(old.order_by().values_list("decision_day", flat=True).distinct())
    for expired in sorted(days):
        archive_day(namespace, expired)


def _delete_before(namespace: Namespace, *, day: date, at: datetime) -> None:
    with org_scope(namespace.org_id):
        old = Decision.objects.filter(namespace=namespace, decision_day__lt=day)
        if not old.exists():
            return
    _note_removal(namespace.org_id, Removal(namespace.pk, day), at=at)
    with org_scope(namespace.org_id), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                f"DELETE FROM {table} WHERE namespace_id = %s"  # noqa: S608
                " AND decision_day < %s AND decision_id < %s",
                [namespace.pk, day, first_id_of_day(day)],
            )


def _note_removal(org_id: UUID, removal: Removal, *, at: datetime) -> None:
    """Enter a removal into the chain, where there is one that does not know of it."""
    with org_scope(org_id):
        lock_org(org_id)
        if newest_entry() is None:
            return
        known = Removed(
            each
            for rows in AuditBatch.objects.filter(kind=Kind.REMOVED).values_list(
                "rows", flat=True
            )
            for each in split_removals(bytes(rows or b""))
        )
        if not known.covers(removal.namespace_id, removal.before - _ONE):
            append_removal(org_id, [removal], at=at)


def _drop_before(oldest: date) -> list[date]:
    expired = sorted(day for day in partition_days(TABLES[0]) if day < oldest)
    dropped = [day for day in expired if drop_partition(day)]
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                f"DELETE FROM {table}_default WHERE decision_day < %s",  # noqa: S608
                [oldest],
            )
    return dropped


def _trim_batches(org_id: UUID) -> None:
    """Leave of batches without a row in the database their digests alone."""
    with org_scope(org_id):
        first = Decision.objects.order_by("decision_day").values_list(
            "decision_day", flat=True
        )
        oldest = first.first()
        removed = _removed_everywhere()
        if removed is None:
            return
        gone = removed if oldest is None else min(removed, oldest)
        AuditBatch.objects.filter(
            kind=Kind.STORED, rows__isnull=False, last_day__lt=gone
        ).update(rows=None)


def _removed_everywhere() -> date | None:
    rows = AuditBatch.objects.filter(kind=Kind.REMOVED).values_list("rows", flat=True)
    days = [
        each.before
        for found in rows
        for each in split_removals(bytes(found or b""))
        if each.namespace_id == ANY_NAMESPACE
    ]
    return max(days, default=None)
