"""Stored decisions and batches in the form that their digests were taken of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import date

from audit.core.codec import Envelope
from audit.core.identity import answered_at
from audit.core.integrity import DIGEST_VERSION, Entry, row_digest
from audit.core.integrity_checks import StoredEntry, StoredRow
from audit.core.record import Header
from audit.models import AuditBatch, Decision
from catalog.core.moments import microseconds

AT_ONCE = 1_000


def stored_rows(day: date) -> Iterator[StoredRow]:
    """Yield the decisions that stand under a day, with their digests of now."""
    versions = _versions(day)
    found = Decision.objects.filter(decision_day=day).order_by("decision_id")
    for decision in found.iterator(AT_ONCE):
        version = versions.get(decision.batch_number)
        digest = b""
        with suppress(KeyError, TypeError, ValueError, OverflowError):
            digest = row_digest(
                envelope_of(decision), version=version or DIGEST_VERSION
            )
        yield StoredRow(
            decision_id=decision.decision_id,
            batch=decision.batch_number,
            is_in_place=_is_in_place(decision),
            digest=digest,
        )


def _versions(day: date) -> dict[int, int]:
    """Return the versions of a day's batches that are not of the newest one."""
    numbers = Decision.objects.filter(decision_day=day).values("batch_number")
    older = AuditBatch.objects.exclude(digest_version=DIGEST_VERSION).filter(
        number__in=numbers
    )
    return dict(older.values_list("number", "digest_version"))


def _is_in_place(decision: Decision) -> bool:
    try:
        moment = answered_at(decision.decision_id)
    except ValueError:
        return False
    return decision.decision_day == moment.date() and decision.answered_at == moment


def entry_of(batch: AuditBatch) -> StoredEntry:
    """Return an entry of the chain as the database holds it."""
    rows = None if batch.rows is None else bytes(batch.rows)
    rows_digest = bytes(batch.rows_digest)
    if batch.digest_version == 1 and rows is not None:
        rows_digest = hashlib.sha256(rows).digest()
    entry = Entry(
        org_id=batch.org_id,
        number=batch.number,
        kind=batch.kind,
        version=batch.digest_version,
        count=batch.count,
        rows_digest=rows_digest,
        first_day=batch.first_day,
        last_day=batch.last_day,
        stored_at=batch.stored_at,
    )
    return StoredEntry(
        entry=entry,
        rows=rows,
        previous=bytes(batch.previous_digest),
        digest=bytes(batch.digest),
        seal=None if batch.seal is None else bytes(batch.seal),
    )


def envelope_of(decision: Decision) -> Envelope:
    """Return a row as it came from the spool, without its private part."""
    same = {name: getattr(decision, name) for name in _SAME}
    return Envelope(
        header=Header(
            **same,
            decision_id=decision.decision_id.bytes,
            org_id=decision.org_id.bytes,
            user_hash=None if decision.user_hash is None else bytes(decision.user_hash),
            at_us=microseconds(decision.at),
            snapshot_hash=bytes(decision.snapshot_hash),
            configuration_hash=bytes(decision.configuration_hash),
            answer_digest=bytes(decision.answer_digest),
            degraded=tuple(decision.degraded),
            dropped=tuple(decision.dropped),
            rule_ids=tuple(rule_id.bytes for rule_id in decision.rule_ids),
            override_ids=tuple(rule_id.bytes for rule_id in decision.override_ids),
        ),
        items=tuple(decision.items),
        trace=b"" if decision.trace is None else bytes(decision.trace),
        private=None,
        report=decision.report or "",
    )


_SAME = (
    "namespace_id",
    "route",
    "surface",
    "request_id",
    "key_version",
    "k",
    "segment",
    "profile",
    "profile_version",
    "model_version",
    "change_number",
    "engine_version",
    "rung",
    "arm",
    "latency_us",
)
