"""What is wrong with an org's stored decisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from msgspec import Struct

from audit import heads as noted
from audit.core.identity import day_of
from audit.core.integrity import Kind, Removal, seal_key, split_removals, split_rows
from audit.core.integrity_checks import (
    Fault,
    Head,
    Removed,
    StoredEntry,
    StoredRow,
    Vouched,
    check_chain,
    check_day,
    check_heads,
    deleted,
    digests_of,
    inserted,
    is_missed,
)
from audit.models import AuditBatch, Decision
from catalog.models import Org
from catalog.tenancy import org_scope

from .integrity import AT_ONCE, entry_of, stored_rows

# Further ones say that something is wrong with a day itself.
_MOST_DAYS = 10_000


class Verified(Struct, frozen=True, kw_only=True):
    """What was found of an org."""

    org_id: UUID
    batches: int
    decisions: int
    head: Head | None
    faults: list[Fault]


def orgs_to_verify() -> list[UUID]:
    """Return every org that has, or is noted to have had, a chain."""
    return sorted({*Org.objects.values_list("pk", flat=True), *noted.noted_orgs()})


def verify(org_id: UUID, *, heads: Iterable[Head] = ()) -> Verified:
    """Compare an org's decisions with its chain, and the chain with noted heads.

    Goes on while decisions are stored, erased and removed.

    Parameters
    ----------
    org_id : UUID
        Whose.
    heads : iterable of Head
        Exported ones, besides those noted beside the database.
    """
    known = [*noted.noted_heads(org_id), *(h for h in heads if h.org_id == org_id)]
    faults, late, gone = list[Fault](), list[StoredRow](), list[Vouched]()
    n_decisions = 0
    with org_scope(org_id):
        newest = AuditBatch.objects.order_by("-number").defer("rows").first()
        last = 0 if newest is None else newest.number
        faults += _chain_faults(org_id, known, newest=last)
        days = _days(newest=last)
    for day in days:
        with org_scope(org_id):
            vouched = _vouched(day, newest=last)
            n_decisions += len(vouched)
            rows = stored_rows(day)
            for each in check_day(rows, org_id=org_id, vouched=vouched, newest=last):
                if isinstance(each, Fault):
                    faults.append(each)
                elif isinstance(each, StoredRow):
                    late.append(each)
                else:
                    gone.append(each)
    with org_scope(org_id):
        faults += _second_look(org_id, late=late, gone=gone)
    head = None
    if newest is not None:
        digest = bytes(newest.digest)
        head = Head(org_id=org_id, number=newest.number, digest=digest)
    return Verified(
        org_id=org_id, batches=last, decisions=n_decisions, head=head, faults=faults
    )


def _chain_faults(org_id: UUID, heads: list[Head], *, newest: int) -> list[Fault]:
    digests: dict[int, set[bytes]] = {}
    wanted = {head.number for head in heads}
    key = seal_key(settings.AUDIT_KEY, org_id=org_id)

    def entries() -> Iterator[StoredEntry]:
        batches = AuditBatch.objects.filter(number__lte=newest).order_by("number")
        for batch in batches.iterator(AT_ONCE):
            stored = entry_of(batch)
            if stored.entry.number in wanted:
                digests[stored.entry.number] = digests_of(stored)
            yield stored

    faults = list(check_chain(entries(), org_id=org_id, key=key, removed=_removed()))
    return [*faults, *check_heads(heads, newest=newest, digests=digests)]


def _second_look(
    org_id: UUID, *, late: list[StoredRow], gone: list[Vouched]
) -> Iterator[Fault]:
    """Yield what is still wrong now that what came meanwhile is known."""
    newest = AuditBatch.objects.order_by("-number").defer("rows").first()
    last = 0 if newest is None else newest.number
    removed = _removed()
    yield from (inserted(org_id, row) for row in late if row.batch > last)
    for each in gone:
        if is_missed(each, removed=removed):
            yield deleted(org_id, each)


def _removed() -> Removed:
    """Return what may be gone. Entries that are altered are told of elsewhere."""
    removals: list[Removal] = []
    entries = AuditBatch.objects.filter(kind=Kind.REMOVED, rows__isnull=False)
    for batch in entries.order_by("number").iterator(AT_ONCE):
        with suppress(ValueError, OverflowError):
            removals += split_removals(bytes(batch.rows or b""))
    return Removed(removals)


def _days(*, newest: int) -> list[date]:
    found = set(
        Decision.objects.order_by().values_list("decision_day", flat=True).distinct()
    )
    batches = AuditBatch.objects.filter(kind=Kind.STORED, rows__isnull=False)
    spans = batches.filter(number__lte=newest).values_list("first_day", "last_day")
    for first, last in set(spans):
        if first is not None and last is not None and (last - first).days < _MOST_DAYS:
            found |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
    for batch in batches.filter(first_day=None):
        found |= {day_of(known.id) for known in _rows_of(batch)}
    return sorted(found)


class _Known(Struct, frozen=True):
    id: UUID
    vouched: Vouched


def _rows_of(batch: AuditBatch) -> Iterator[_Known]:
    # What is no row of decisions is told of as an altered batch.
    with suppress(ValueError):
        rows = split_rows(bytes(batch.rows or b""), version=batch.digest_version)
        for row in rows:
            decision_id = UUID(bytes=row.decision_id)
            if decision_id.version == 7:
                yield _Known(decision_id, Vouched(row=row, batch=batch.number))


def _vouched(day: date, *, newest: int) -> dict[UUID, Vouched]:
    batches = AuditBatch.objects.filter(
        Q(first_day=None) | Q(first_day__lte=day, last_day__gte=day),
        kind=Kind.STORED,
        rows__isnull=False,
        number__lte=newest,
    )
    return {
        known.id: known.vouched
        for batch in batches.order_by("-number").iterator(AT_ONCE)
        for known in _rows_of(batch)
        if day_of(known.id) == day
    }
