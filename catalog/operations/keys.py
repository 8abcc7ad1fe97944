"""API keys: made once, shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from catalog.models import ApiKey, Namespace, Org

PREFIX_LENGTH = 12
_SECRET_BYTES = 32
_NOTE_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKey:
    """What deciding about a request needs of an API key."""

    id: int
    org_id: UUID
    name: str
    scopes: frozenset[str]
    namespaces: frozenset[int] | None
    expires_at: datetime | None
    revoked_at: datetime | None

    def is_valid(self, *, at: datetime) -> bool:
        ends = [end for end in (self.expires_at, self.revoked_at) if end is not None]
        return all(at < end for end in ends)


def create_key(
    org: Org,
    *,
    name: str,
    scopes: Collection[str],
    namespaces: Collection[Namespace] = (),
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Return a new key and its text, which nobody can read again."""
    prefix = secrets.token_hex(PREFIX_LENGTH // 2)
    text = f"{prefix}.{secrets.token_urlsafe(_SECRET_BYTES)}"
    key = ApiKey.objects.create(
        org=org,
        name=name,
        prefix=prefix,
        secret_sha256=_digest(text),
        scopes=sorted(scopes),
        expires_at=expires_at,
    )
    key.namespaces.set(namespaces)
    return key, text


def revoke_key(key: ApiKey, *, at: datetime) -> None:
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=at)


def find_key(text: str) -> KnownKey | None:
    """Return the key with this text, revoked and expired ones included."""
    key = (
        ApiKey.objects.filter(prefix=text.partition(".")[0])
        .prefetch_related("namespaces")
        .first()
    )
    if key is None or not hmac.compare_digest(bytes(key.secret_sha256), _digest(text)):
        return None
    reached = frozenset(namespace.pk for namespace in key.namespaces.all())
    return KnownKey(
        id=key.pk,
        org_id=key.org_id,
        name=key.name,
        scopes=frozenset(key.scopes),
        namespaces=reached or None,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
    )


_noted: dict[int, datetime] = {}


def note_use(key_id: int, *, at: datetime) -> None:
    """Write down that the key was used, at most once a minute."""
    before = at - _NOTE_EVERY
    if (noted := _noted.get(key_id)) is not None and before < noted <= at:
        return
    _noted[key_id] = at
    ApiKey.objects.filter(
        Q(last_used_at=None) | Q(last_used_at__lt=before), pk=key_id
    ).update(last_used_at=at)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
