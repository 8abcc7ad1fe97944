"""What is wrong with stored decisions, by the digests that vouch for them.

The chain is looked at entry by entry and the decisions day by day, so that neither has
to fit into memory. A fault names the batch or the decision; what was erased or removed
as it should be is none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from .identity import day_of
from .integrity import (
    ANY_NAMESPACE,
    FIRST_DIGEST,
    Entry,
    Removal,
    Row,
    batch_digest,
    seal_of,
)

MOST_NAMED = 10_000
"""So many missing batches in a row are named one by one."""


class FaultKind(StrEnum):
    """What was done to what is stored."""

    ALTERED = "altered"
    DELETED = "deleted"
    INSERTED = "inserted"
    BATCH_ALTERED = "batch_altered"
    BATCH_DELETED = "batch_deleted"
    CUT = "cut"


class Fault(Struct, frozen=True, kw_only=True):
    """Something that is not as it was stored."""

    kind: FaultKind
    org_id: UUID
    batch: int | None = None
    decision_id: UUID | None = None
    words: str


class StoredEntry(Struct, frozen=True, kw_only=True):
    """An entry of the chain as the database holds it now."""

    entry: Entry
    rows: bytes | None
    """None once all of its days were removed."""
    previous: bytes
    digest: bytes
    seal: bytes | None


class StoredRow(Struct, frozen=True, kw_only=True):
    """A decision as the database holds it now, with the digest that it has now."""

    decision_id: UUID
    batch: int
    is_in_place: bool
    """Whether the day and the moment beside its id are those in its id."""
    digest: bytes


class Vouched(Struct, frozen=True, kw_only=True):
    """A decision as a batch vouches for it."""

    row: Row
    batch: int


class Head(Struct, frozen=True, kw_only=True):
    """The newest entry of an org's chain at some moment, noted outside the database."""

    org_id: UUID
    number: int
    digest: bytes


class Removed:
    """Which days of which namespaces may be gone.

    Parameters
    ----------
    removals : iterable of Removal
        In any order.

    Examples
    --------
    >>> removed = Removed([Removal(7, date(2026, 11, 2))])
    >>> removed.covers(7, date(2026, 11, 1)), removed.covers(8, date(2026, 11, 1))
    (True, False)
    """

    def __init__(self, removals: Iterable[Removal]) -> None:
        self._before: dict[int, date] = {}
        for each in removals:
            known = self._before.get(each.namespace_id, each.before)
            self._before[each.namespace_id] = max(known, each.before)

    def covers(self, namespace_id: int, day: date) -> bool:
        """Return whether decisions of that day may be gone.

        Of a row of which only the org is known, some namespace's removal will do.
        """
        names = (
            self._before
            if namespace_id == ANY_NAMESPACE
            else (namespace_id, ANY_NAMESPACE)
        )
        return any(day < self._before.get(name, date.min) for name in names)

    def covers_all(self, day: date) -> bool:
        """Return whether decisions of that day may be gone in every namespace."""
        return day < self._before.get(ANY_NAMESPACE, date.min)


def check_chain(
    entries: Iterable[StoredEntry], *, org_id: UUID, key: bytes, removed: Removed
) -> Iterator[Fault]:
    """Yield what is wrong with the entries of an org, in the order of their numbers."""
    expected, links = 1, {FIRST_DIGEST}
    for stored in entries:
        number = stored.entry.number
        for missing in range(expected, min(number, expected + MOST_NAMED)):
            yield _of_batch(FaultKind.BATCH_DELETED, org_id, missing, "is gone")
        is_linked = number != expected or stored.previous in links
        wrong = _wrong(stored, key=key, removed=removed)
        if number < expected:
            wrong = "has a number that no batch can have"
        elif wrong is None and not is_linked:
            wrong = "does not follow the batch before it"
        if wrong is not None:
            yield _of_batch(FaultKind.BATCH_ALTERED, org_id, number, wrong)
        # Whichever of the two was altered, the next one is not to blame.
        links = {stored.digest, _digest_now(stored)}
        expected = max(expected, number + 1)


def check_heads(
    heads: Iterable[Head], *, newest: int, digests: Mapping[int, Collection[bytes]]
) -> Iterator[Fault]:
    """Yield what noted heads know of and the chain does not.

    Parameters
    ----------
    heads : iterable of Head
        Noted outside the database, at any time.
    newest : int
        The highest number in the chain, 0 without any.
    digests : mapping of int to collection of bytes
        What the entries of those numbers may have as a digest.
    """
    furthest: dict[UUID, int] = {}
    for head in heads:
        if head.number > newest:
            known = furthest.get(head.org_id, head.number)
            furthest[head.org_id] = max(known, head.number)
        elif head.digest not in digests.get(head.number, ()):
            words = "is not the one that was noted outside the database"
            yield _of_batch(FaultKind.BATCH_ALTERED, head.org_id, head.number, words)
    for org_id, number in furthest.items():
        for missing in range(newest + 1, min(number, newest + MOST_NAMED) + 1):
            words = "was cut off: it was noted outside the database"
            yield _of_batch(FaultKind.CUT, org_id, missing, words)


def check_day(
    stored: Iterable[StoredRow],
    *,
    org_id: UUID,
    vouched: Mapping[UUID, Vouched],
    newest: int,
) -> Iterator[Fault | StoredRow | Vouched]:
    """Compare a day's decisions with what vouches for them.

    Yields faults, and what can only be judged once the chain was read again: decisions
    of batches after `newest`, and decisions that are gone.
    """
    left = dict(vouched)
    for row in stored:
        known = left.pop(row.decision_id, None)
        if known is not None:
            wrong = _wrong_row(row, known)
            if wrong is not None:
                yield _of_row(FaultKind.ALTERED, org_id, row, wrong)
        elif row.batch > newest:
            yield row
        else:
            yield inserted(org_id, row)
    yield from left.values()


def inserted(org_id: UUID, row: StoredRow) -> Fault:
    """Return the fault of a decision for which nothing vouches."""
    words = "stands in no batch"
    return _of_row(FaultKind.INSERTED, org_id, row, words)


def deleted(org_id: UUID, gone: Vouched) -> Fault:
    """Return the fault of a decision that is vouched for and not there."""
    return Fault(
        kind=FaultKind.DELETED,
        org_id=org_id,
        batch=gone.batch,
        decision_id=UUID(bytes=gone.row.decision_id),
        words=f"Decision {UUID(bytes=gone.row.decision_id)} of batch {gone.batch} is"
        " gone.",
    )


def is_missed(gone: Vouched, *, removed: Removed) -> bool:
    """Return whether a decision that is not there should be there."""
    day = day_of(UUID(bytes=gone.row.decision_id))
    return not removed.covers(gone.row.namespace_id, day)


def digests_of(stored: StoredEntry) -> set[bytes]:
    """Return what an entry may have as a digest: the stored and the computed one."""
    return {stored.digest, _digest_now(stored)}


def _wrong(stored: StoredEntry, *, key: bytes, removed: Removed) -> str | None:
    entry, rows = stored.entry, stored.rows
    if rows is None:
        if entry.last_day is None or not removed.covers_all(entry.last_day):
            return "has lost its rows"
    elif hashlib.sha256(rows).digest() != entry.rows_digest:
        return "has other rows"
    if stored.digest != _digest_now(stored):
        return "has another content"
    if entry.version > 1 and stored.seal != seal_of(key, stored.digest):
        return "has a wrong seal"
    return None


def _wrong_row(row: StoredRow, known: Vouched) -> str | None:
    if row.digest != known.row.digest:
        return "is not as it was stored"
    if row.batch != known.batch:
        return f"belongs to batch {known.batch} and says {row.batch}"
    if not row.is_in_place:
        return "stands under another day or moment than its own"
    return None


def _digest_now(stored: StoredEntry) -> bytes:
    return batch_digest(stored.entry, previous=stored.previous)


def _of_batch(kind: FaultKind, org_id: UUID, number: int, words: str) -> Fault:
    told = f"Batch {number} {words}."
    return Fault(kind=kind, org_id=org_id, batch=number, words=told)


def _of_row(kind: FaultKind, org_id: UUID, row: StoredRow, words: str) -> Fault:
    return Fault(
        kind=kind,
        org_id=org_id,
        batch=row.batch,
        decision_id=row.decision_id,
        words=f"Decision {row.decision_id} {words}.",
    )
