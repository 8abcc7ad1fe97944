"""User ids as decisions carry them, with the keys of this installation.

Rotating means raising `AUDIT_KEY_VERSION`: new decisions are hashed with another key,
searching and erasing try the keys of every version there was.
"""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from django.conf import settings

from .core import pseudonyms


def current_version() -> int:
    return int(settings.AUDIT_KEY_VERSION)


def hash_user(org_id: UUID, *, namespace_id: int, user_id: str) -> bytes:
    """Return the hash for a new decision, made with the current version's key."""
    return _hash(org_id, namespace_id, user_id, version=current_version())


def hashes_of(org_id: UUID, *, namespace_id: int, user_id: str) -> list[bytes]:
    """Return every hash under which decisions about the user may be stored."""
    versions = range(1, current_version() + 1)
    return [
        _hash(org_id, namespace_id, user_id, version=version) for version in versions
    ]


def _hash(org_id: UUID, namespace_id: int, user_id: str, *, version: int) -> bytes:
    key = _org_key(settings.AUDIT_KEY, org_id, version)
    return pseudonyms.hash_user(key, namespace_id=namespace_id, user_id=user_id)


@lru_cache(maxsize=10_000)
def _org_key(secret: bytes, org_id: UUID, version: int) -> bytes:
    return pseudonyms.org_key(secret, org_id=org_id, version=version)
