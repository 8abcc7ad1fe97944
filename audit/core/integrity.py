"""Digests that make an alteration of stored decisions show.

Each row has a digest of what in it is not personal; each batch has one over the digests
of its rows and that of the org's batch before, and a seal that nobody can make without
the installation's secret. So erasing a user leaves the chain valid, and so does
dropping old days: what may be gone is an entry of the chain itself, and the digests of
batches stay when their rows go.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import IntEnum
from typing import NamedTuple
from uuid import UUID

import msgspec

from .codec import Envelope

DIGEST_VERSION = 3
FIRST_DIGEST = bytes(32)
ANY_NAMESPACE = 0
"""Stands for all namespaces of an org in what was removed."""

_ID_AND_NAMESPACE = struct.Struct(">16sQ")
_REMOVAL = struct.Struct(">QI")
# Rows were not told by namespace at first.
_ROW_BYTES = dict.fromkeys((2, 3), _ID_AND_NAMESPACE.size + 32) | {1: 16 + 32}
ROW_BYTES = _ROW_BYTES[DIGEST_VERSION]
_SEAL_PURPOSE = b"recsys audit seal"

# In the order in which they are digested. A version's fields never change: a new field
# of the header is vouched for by a new version.
_FIELDS_1 = (
    "decision_id",
    "org_id",
    "namespace_id",
    "route",
    "surface",
    "request_id",
    "k",
    "at_us",
    "segment",
    "profile",
    "profile_version",
    "model_version",
    "snapshot_hash",
    "change_number",
    "configuration_hash",
    "engine_version",
    "rung",
    "degraded",
    "arm",
    "answer_digest",
    "latency_us",
    "dropped",
    "rule_ids",
    "override_ids",
)
_FIELDS_2 = (*_FIELDS_1, "key_version")
_FIELDS: Mapping[int, tuple[str, ...]] = {1: _FIELDS_1, 2: _FIELDS_2, 3: _FIELDS_2}
# From here on what reports read is digested beside the trace.
_REPORT_SINCE = 3
_encode = msgspec.msgpack.Encoder().encode


class Kind(IntEnum):
    """What an entry of the chain tells."""

    STORED = 0
    """Decisions were stored: its rows are theirs."""
    REMOVED = 1
    """Old days were removed: its rows say of which namespaces, and before which day."""


class Row(NamedTuple):
    """A decision as a batch vouches for it."""

    decision_id: bytes
    namespace_id: int
    digest: bytes


class Removal(NamedTuple):
    """Decisions of days before `before` may be gone."""

    namespace_id: int
    """:data:`ANY_NAMESPACE` for all of the org."""
    before: date


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of an org's chain, as far as its digest vouches for it."""

    org_id: UUID
    number: int
    """From 1, without gaps."""
    kind: int = Kind.STORED
    """A :class:`Kind`, unless it was altered."""
    version: int = DIGEST_VERSION
    count: int
    rows_digest: bytes
    first_day: date | None
    """Of the days of its rows; None in entries of version 1."""
    last_day: date | None
    stored_at: datetime


def row_digest(envelope: Envelope, *, version: int = DIGEST_VERSION) -> bytes:
    """Return the SHA-256 of a decision's columns and trace, without the user.

    Raises
    ------
    KeyError
        If the version is unknown here.
    """
    header = envelope.header
    values = [getattr(header, name) for name in _FIELDS[version]]
    trace = hashlib.sha256(envelope.trace).digest() if envelope.trace else None
    told = [version, values, envelope.items, trace]
    if version >= _REPORT_SINCE:
        told.append(envelope.report)
    return hashlib.sha256(_encode(told)).digest()


def batch_rows(rows: Sequence[Row]) -> bytes:
    """Return rows as a batch stores them: by id, 56 bytes each.

    Examples
    --------
    >>> one = Row(bytes(16), 7, bytes(32))
    >>> split_rows(batch_rows([one]), version=2) == [one]
    True
    """
    return b"".join(
        _ID_AND_NAMESPACE.pack(row.decision_id, row.namespace_id) + row.digest
        for row in sorted(rows)
    )


def split_rows(data: bytes, *, version: int) -> list[Row]:
    """Return the rows of a batch: the inverse of :func:`batch_rows`.

    Raises
    ------
    ValueError
        If the bytes are no whole number of rows, or the version is unknown.
    """
    width = _ROW_BYTES.get(version)
    if width is None or len(data) % width:
        raise ValueError(f"{len(data)} bytes are no rows of version {version}")
    parts = (data[start : start + width] for start in range(0, len(data), width))
    if version == 1:
        return [Row(part[:16], ANY_NAMESPACE, part[16:]) for part in parts]
    head = _ID_AND_NAMESPACE.size
    rows = []
    for part in parts:
        decision_id, namespace_id = _ID_AND_NAMESPACE.unpack(part[:head])
        rows.append(Row(decision_id, namespace_id, part[head:]))
    return rows


def removal_rows(removals: Sequence[Removal]) -> bytes:
    """Return removals as their entry stores them: 12 bytes each.

    Examples
    --------
    >>> one = Removal(7, date(2026, 11, 21))
    >>> split_removals(removal_rows([one])) == [one]
    True
    """
    return b"".join(
        _REMOVAL.pack(each.namespace_id, each.before.toordinal())
        for each in sorted(removals)
    )


def split_removals(data: bytes) -> list[Removal]:
    """Return what an entry says was removed.

    Raises
    ------
    ValueError
        If the bytes are no whole number of removals, or name no day.
    """
    if len(data) % _REMOVAL.size:
        raise ValueError(f"{len(data)} bytes are no removals")
    return [
        Removal(namespace_id, date.fromordinal(day))
        for namespace_id, day in _REMOVAL.iter_unpack(data)
    ]


def batch_digest(entry: Entry, *, previous: bytes) -> bytes:
    """Return the digest that the org's next entry builds on.

    Parameters
    ----------
    entry : Entry
        What is vouched for.
    previous : bytes
        The digest of entry ``number - 1``, 32 zero bytes before the first.
    """
    told: list[object] = [entry.org_id.bytes, entry.number, entry.count]
    if entry.version > 1:
        days = [_ordinal(entry.first_day), _ordinal(entry.last_day)]
        told = [entry.version, int(entry.kind), *told, *days, _moment(entry.stored_at)]
    told += [entry.rows_digest, previous]
    return hashlib.sha256(_encode(told)).digest()


def seal_key(secret: bytes, *, org_id: UUID) -> bytes:
    """Return the key with which the entries of an org are sealed: 32 bytes."""
    return hmac.digest(secret, b"%s\0%s" % (_SEAL_PURPOSE, org_id.bytes), "sha256")


def seal_of(key: bytes, digest: bytes) -> bytes:
    """Return what shows that an entry was made by who holds the key: 32 bytes."""
    return hmac.digest(key, digest, "sha256")


def _ordinal(day: date | None) -> int:
    return 0 if day is None else day.toordinal()


def _moment(moment: datetime) -> str:
    return f"{moment.timestamp():.6f}"
