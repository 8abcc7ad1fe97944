"""User ids as decisions carry them, with the keys of this installation.

Each org's key has versions. New decisions are hashed with the newest; searching and
erasing try every version there was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.db.models import Max

from catalog.remembering import Remembered

from .core import pseudonyms
from .models.batches import PseudonymKey

FIRST_VERSION = 1
# A process may go on with the version before for so long. Rows say which one it was.
VERSION_SECONDS = 10.0
_versions: Remembered[UUID, int] = Remembered()


class Pseudonym(NamedTuple):
    """A user as a decision knows them."""

    user_hash: bytes | None
    """None for nobody."""
    key_version: int


def pseudonym(org_id: UUID, *, namespace_id: int, user_id: str | None) -> Pseudonym:
    """Return what a new decision says of its user, by the newest version of the key."""
    version = current_version(org_id)
    if user_id is None:
        return Pseudonym(None, version)
    return Pseudonym(_hash(org_id, namespace_id, user_id, version=version), version)


def hash_user(org_id: UUID, *, namespace_id: int, user_id: str) -> bytes:
    """Return the hash of a user by the newest version of the key."""
    version = current_version(org_id)
    return _hash(org_id, namespace_id, user_id, version=version)


def current_version(org_id: UUID) -> int:
    """Return the version in use, as this process heard of it some seconds ago at most.

    While the database is away, and nothing was heard, it is the first: which version
    hashed a user stands beside the hash, and every one is tried when it is looked for.
    """
    try:
        return _versions.recall(
            org_id, seconds=VERSION_SECONDS, find=lambda: newest_version(org_id)
        )
    except (OperationalError, InterfaceError):
        return FIRST_VERSION


def newest_version(org_id: UUID) -> int:
    """Return the version in use as the database has it."""
    rows = PseudonymKey.unscoped.filter(org_id=org_id)
    found = rows.aggregate(newest=Max("version"))["newest"]
    return FIRST_VERSION if found is None else int(found)


def hashes_of(org_id: UUID, *, namespace_id: int, user_id: str) -> list[bytes]:
    """Return every hash under which decisions about the user may be stored."""
    versions = range(FIRST_VERSION, newest_version(org_id) + 1)
    return [
        _hash(org_id, namespace_id, user_id, version=version) for version in versions
    ]


def hashes_of_all(
    org_id: UUID, *, namespace_id: int, user_ids: Iterable[str]
) -> Iterator[tuple[bytes, str]]:
    """Return every hash of many users, each with the user."""
    versions = range(FIRST_VERSION, newest_version(org_id) + 1)
    for user_id in user_ids:
        for version in versions:
            yield _hash(org_id, namespace_id, user_id, version=version), user_id


def forget_versions() -> None:
    """Look the versions up again: after a rotation, and for tests."""
    _versions.forget_all()


def _hash(org_id: UUID, namespace_id: int, user_id: str, *, version: int) -> bytes:
    hasher = _hasher(settings.AUDIT_KEY, org_id, version)
    return hasher.hash_user(namespace_id=namespace_id, user_id=user_id)


@lru_cache(maxsize=10_000)
def _hasher(secret: bytes, org_id: UUID, version: int) -> pseudonyms.Hasher:
    key = pseudonyms.org_key(secret, org_id=org_id, version=version)
    return pseudonyms.Hasher(key)
