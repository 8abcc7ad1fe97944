"""Signatures of webhooks: who receives one can tell that we sent it, and when."""

from __future__ import annotations

import base64
import hashlib
import hmac
from uuid import UUID

_PURPOSE = b"recsys webhook"


def webhook_secret(key: bytes, *, webhook_id: UUID, version: int) -> str:
    """Return a webhook's secret: always the same, and stored nowhere.

    Parameters
    ----------
    key : bytes
        The installation's own secret.
    webhook_id : UUID
    version : int
        Raised to make another one.

    Examples
    --------
    >>> webhook_secret(b"k", webhook_id=UUID(int=1), version=1)[:12]
    'whsec_3-Qthy'
    """
    message = b"|".join([_PURPOSE, webhook_id.bytes, str(version).encode()])
    digest = hmac.digest(key, message, hashlib.sha256)
    return "whsec_" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def signature(secret: str, *, body: str, at_seconds: int) -> str:
    """Return what goes beside a body: when it was sent, and its HMAC-SHA256.

    The receiver computes the same over ``"<t>.<body>"`` and compares.

    Examples
    --------
    >>> signature("s", body="{}", at_seconds=5)[:12]
    't=5,v1=773bd'
    """
    signed = f"{at_seconds}.{body}".encode()
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={at_seconds},v1={digest}"
