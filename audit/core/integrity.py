"""Digests that make an alteration of stored decisions show.

Each row has a digest of what in it is not personal; each batch has one over the digests
of its rows and that of the org's batch before. So erasing a user, or dropping old days
of which the batches stay, leaves the chain valid.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from .codec import Envelope

DIGEST_VERSION = 1
FIRST_DIGEST = bytes(32)
ROW_BYTES = 16 + 32

# In the order in which they are digested. A version's fields never change: a new field
# of the header is vouched for by a new version.
_FIELDS = {
    1: (
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
    ),
}
_encode = msgspec.msgpack.Encoder().encode


class Row(NamedTuple):
    """A decision as a batch vouches for it."""

    decision_id: bytes
    digest: bytes


def row_digest(envelope: Envelope, *, version: int = DIGEST_VERSION) -> bytes:
    """Return the SHA-256 of a decision's columns, items and trace, without the user.

    Raises
    ------
    KeyError
        If the version is unknown here.
    """
    header = envelope.header
    values = [getattr(header, name) for name in _FIELDS[version]]
    trace = hashlib.sha256(envelope.trace).digest() if envelope.trace else None
    return hashlib.sha256(_encode([version, values, envelope.items, trace])).digest()


def batch_rows(rows: Sequence[Row]) -> bytes:
    """Return rows as a batch stores them: by id, 48 bytes each."""
    return b"".join(row.decision_id + row.digest for row in sorted(rows))


def batch_digest(*, org_id: UUID, number: int, rows: bytes, previous: bytes) -> bytes:
    """Return the digest that the org's next batch builds on.

    Parameters
    ----------
    org_id : UUID
        Whose batch it is.
    number : int
        From 1, without gaps.
    rows : bytes
        As :func:`batch_rows` returns them.
    previous : bytes
        The digest of batch ``number - 1``, 32 zero bytes before the first.
    """
    parts = [
        org_id.bytes,
        number,
        len(rows) // ROW_BYTES,
        hashlib.sha256(rows).digest(),
    ]
    return hashlib.sha256(_encode([*parts, previous])).digest()
