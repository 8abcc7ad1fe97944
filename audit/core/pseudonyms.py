"""User ids as keyed hashes: who holds the key can search, nobody else can tell."""

from __future__ import annotations

import hmac
from uuid import UUID

_PURPOSE = b"recsys audit user id"


def org_key(secret: bytes, *, org_id: UUID, version: int) -> bytes:
    """Return an org's key of one version: 32 bytes.

    Parameters
    ----------
    secret : bytes
        The installation's own.
    org_id : UUID
        Orgs cannot be told to share a user by comparing their hashes.
    version : int
        In [0, 32767]. Another version is another key.
    """
    message = b"%s\0%s%s" % (_PURPOSE, org_id.bytes, version.to_bytes(2))
    return hmac.digest(secret, message, "sha256")


def hash_user(key: bytes, *, namespace_id: int, user_id: str) -> bytes:
    """Return the 32 bytes that stand for a user in the decisions of a namespace.

    Examples
    --------
    >>> hash_user(bytes(32), namespace_id=1, user_id="ana").hex()[:16]
    '2554f72c0325e6f3'
    """
    message = b"%d\0%s" % (namespace_id, user_id.encode("utf-8", "surrogatepass"))
    return hmac.digest(key, message, "sha256")
