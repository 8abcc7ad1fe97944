"""Envelopes into rows: one transaction a batch, nothing stored twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zlib import crc32

import msgspec
from django.db import connection, transaction

from audit.core.codec import Envelope, seal
from audit.core.identity import answered_at
from audit.core.integrity import Row, row_digest
from audit.core.keeping import without_trace
from audit.core.reports import shortened
from audit.queries.keeping import keeping_by_namespace
from catalog.core.moments import from_microseconds
from catalog.tenancy import org_scope

from .chain import append_batch, lock_org, next_number

# Column and type, in the order in which rows are copied.
_COLUMNS = {
    "decision_day": "date",
    "decision_id": "uuid",
    "org_id": "uuid",
    "namespace_id": "int8",
    "answered_at": "timestamptz",
    "at": "timestamptz",
    "change_number": "int8",
    "latency_us": "int4",
    "profile_version": "int4",
    "engine_version": "int4",
    "key_version": "int2",
    "k": "int2",
    "rung": "int2",
    "route": "text",
    "surface": "text",
    "request_id": "text",
    "segment": "text",
    "profile": "text",
    "model_version": "text",
    "arm": "text",
    "user_hash": "bytea",
    "snapshot_hash": "bytea",
    "configuration_hash": "bytea",
    "answer_digest": "bytea",
    "degraded": "text[]",
    "items": "int8[]",
    "dropped": "int8[]",
    "rule_ids": "uuid[]",
    "override_ids": "uuid[]",
    # What is sealed becomes no smaller: it is not tried.
    "trace": "bytea STORAGE EXTERNAL",
    "report": "text",
}
# Behind a pool of connections an older version's table may still be there.
_TABLE = f"audit_incoming_{crc32(repr(_COLUMNS).encode()):x}"
_SAME = ", ".join(name for name in _COLUMNS if name != "user_hash")
# One for each connection: to make it is dearer than to fill it.
_INCOMING = f"""
CREATE TEMPORARY TABLE IF NOT EXISTS {_TABLE} (
    {", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())},
    content bytea STORAGE EXTERNAL
) ON COMMIT DELETE ROWS
"""
_COPY = f"""
COPY {_TABLE} ({", ".join(_COLUMNS)}, content) FROM STDIN (FORMAT binary)
"""
# A decision about somebody who was erased while it lay in the spool.
_STRIP = f"""
UPDATE {_TABLE} AS incoming SET user_hash = NULL, content = NULL
FROM audit_erasure AS erasure
WHERE erasure.namespace_id = incoming.namespace_id
  AND erasure.user_hash = incoming.user_hash
  AND erasure.erased_at >= incoming.answered_at
  AND incoming.org_id = %s AND erasure.org_id = %s
"""  # noqa: S608
_INSERT = f"""
INSERT INTO audit_decision ({_SAME}, user_hash, batch_number)
SELECT {_SAME}, user_hash, %s FROM {_TABLE} WHERE org_id = %s ORDER BY decision_id
ON CONFLICT DO NOTHING RETURNING decision_id
"""  # noqa: S608
# Of new decisions only: a redelivered one may have been erased since.
_INSERT_PRIVATE = f"""
INSERT INTO audit_decisionprivate
    (decision_day, decision_id, org_id, namespace_id, content)
SELECT decision_day, decision_id, org_id, namespace_id, content FROM {_TABLE}
WHERE decision_id = ANY(%s) AND content IS NOT NULL AND org_id = %s
ON CONFLICT DO NOTHING
"""  # noqa: S608


def store_decisions(envelopes: Iterable[Envelope], *, at: datetime) -> int:
    """Store decisions that are not stored yet; return how many those were."""
    # The same decision may come twice in one batch as well as in two.
    known = {envelope.header.decision_id: envelope for envelope in envelopes}
    known = {each.header.decision_id: each for each in _thinned(known.values())}
    by_org: Mapping[UUID, list[Envelope]] = defaultdict(list)
    for envelope in known.values():
        by_org[UUID(bytes=envelope.header.org_id)].append(envelope)
    with transaction.atomic():
        _copy(known.values())
        # In one order everywhere: two drainers take the orgs' locks one after another.
        stored = [
            _store_for(org_id, by_org[org_id], at=at) for org_id in sorted(by_org)
        ]
        # By hand too: inside a longer transaction there may be a next batch.
        _execute(f"DELETE FROM {_TABLE}")  # noqa: S608
    return sum(stored)


def _execute(statement: str, *parameters: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def _copy(envelopes: Iterable[Envelope]) -> None:
    _execute(_INCOMING)
    # psycopg's copy is not Django's, which would translate its errors.
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(_COPY) as copy,
    ):
        copy.set_types([kind.split()[0] for kind in (*_COLUMNS.values(), "bytea")])
        for envelope in envelopes:
            copy.write_row([*_values(envelope), envelope.private])


def _values(envelope: Envelope) -> Iterator[Any]:
    header = envelope.header
    decision_id = UUID(bytes=header.decision_id)
    moment = answered_at(decision_id)
    derived: dict[str, Any] = {
        "decision_day": moment.date(),
        "decision_id": decision_id,
        "org_id": UUID(bytes=header.org_id),
        "answered_at": moment,
        "at": from_microseconds(header.at_us),
        "degraded": list(header.degraded),
        "items": list(envelope.items),
        "dropped": list(header.dropped),
        "rule_ids": [UUID(bytes=rule_id) for rule_id in header.rule_ids],
        "override_ids": [UUID(bytes=rule_id) for rule_id in header.override_ids],
        "trace": envelope.trace or None,
        "report": envelope.report or None,
    }
    for name in _COLUMNS:
        yield derived[name] if name in derived else getattr(header, name)


def _thinned(envelopes: Iterable[Envelope]) -> Iterator[Envelope]:
    """Yield decisions as they are stored, some without their trace."""
    known = list(envelopes)
    numbers = {envelope.header.namespace_id for envelope in known}
    bare = without_trace(known, keeping=keeping_by_namespace(numbers))
    for envelope in known:
        if envelope.header.decision_id in bare:
            yield msgspec.structs.replace(
                envelope, trace=b"", private=None, report=shortened(envelope.report)
            )
        else:
            yield seal(envelope)


def _store_for(org_id: UUID, envelopes: Sequence[Envelope], *, at: datetime) -> int:
    with org_scope(org_id):
        lock_org(org_id)
        number = next_number()
        stored = _insert(org_id, batch_number=number)
        if stored:
            rows = [
                Row(
                    envelope.header.decision_id,
                    envelope.header.namespace_id,
                    row_digest(envelope),
                )
                for envelope in envelopes
                if envelope.header.decision_id in stored
            ]
            append_batch(org_id, rows, at=at)
    return len(stored)


def _insert(org_id: UUID, *, batch_number: int) -> set[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(_STRIP, [org_id, org_id])
        cursor.execute(_INSERT, [batch_number, org_id])
        stored = [decision_id for (decision_id,) in cursor.fetchall()]
        cursor.execute(_INSERT_PRIVATE, [stored, org_id])
    return {decision_id.bytes for decision_id in stored}
