"""User ids as keyed hashes: who holds the key can search, nobody else can tell."""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

_PURPOSE = b"recsys audit user id"
_BLOCK_BYTES = 64


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


class Hasher:
    """Hashes users with one key: HMAC-SHA256, the key digested once.

    Parameters
    ----------
    key : bytes
        At most 64 bytes, see :func:`org_key`.

    Examples
    --------
    >>> Hasher(bytes(32)).hash_user(namespace_id=1, user_id="ana").hex()[:16]
    '2554f72c0325e6f3'
    """

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        block = key.ljust(_BLOCK_BYTES, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def hash_user(self, *, namespace_id: int, user_id: str) -> bytes:
        """Return the 32 bytes that stand for a user in a namespace's decisions."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(
            b"%d\0%s" % (namespace_id, user_id.encode("utf-8", "surrogatepass"))
        )
        outer.update(inner.digest())
        return outer.digest()
