"""An org's chain of batches: one more entry, in the transaction that it vouches for."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from audit.core.identity import day_of
from audit.core.integrity import (
    FIRST_DIGEST,
    Entry,
    Kind,
    Removal,
    Row,
    batch_digest,
    batch_rows,
    removal_rows,
    seal_key,
    seal_of,
)
from audit.core.integrity_checks import Head
from audit.heads import note_head
from audit.models import AuditBatch


def lock_org(org_id: UUID) -> None:
    """Let nobody else add to, or erase from, the org's decisions meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"audit {org_id}"]
        )


def newest_entry() -> AuditBatch | None:
    """Return the newest entry of the org in scope, without its rows."""
    return AuditBatch.objects.order_by("-number").defer("rows").first()


def next_number() -> int:
    """Return the number that the next entry of the org in scope will have."""
    newest = newest_entry()
    return 1 if newest is None else newest.number + 1


def append_batch(org_id: UUID, rows: Sequence[Row], *, at: datetime) -> None:
    """Vouch for decisions that were just stored, under :func:`lock_org`."""
    days = [day_of(UUID(bytes=row.decision_id)) for row in rows]
    _append(org_id, Kind.STORED, batch_rows(rows), count=len(rows), days=days, at=at)


def append_removal(
    org_id: UUID, removals: Sequence[Removal], *, at: datetime
) -> AuditBatch:
    """Note that days are about to be removed, under :func:`lock_org`."""
    days = [removal.before for removal in removals]
    rows = removal_rows(removals)
    return _append(org_id, Kind.REMOVED, rows, count=len(removals), days=days, at=at)


def _append(
    org_id: UUID,
    kind: Kind,
    rows: bytes,
    *,
    count: int,
    days: Sequence[date],
    at: datetime,
) -> AuditBatch:
    newest = newest_entry()
    previous = FIRST_DIGEST if newest is None else bytes(newest.digest)
    entry = Entry(
        org_id=org_id,
        number=1 if newest is None else newest.number + 1,
        kind=kind,
        count=count,
        rows_digest=hashlib.sha256(rows).digest(),
        first_day=min(days),
        last_day=max(days),
        stored_at=at,
    )
    digest = batch_digest(entry, previous=previous)
    seal = seal_of(seal_key(settings.AUDIT_KEY, org_id=org_id), digest)
    # Only what was committed may be noted: the rest never was.
    head = Head(org_id=org_id, number=entry.number, digest=digest)
    transaction.on_commit(lambda: note_head(head, seal=seal, at=at))
    return AuditBatch.objects.create(
        org_id=org_id,
        number=entry.number,
        kind=kind,
        count=count,
        rows=rows,
        rows_digest=entry.rows_digest,
        first_day=entry.first_day,
        last_day=entry.last_day,
        digest_version=entry.version,
        previous_digest=previous,
        digest=digest,
        seal=seal,
        stored_at=at,
    )
