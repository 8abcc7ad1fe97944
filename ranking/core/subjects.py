"""Give every shopper a fixed place between 0 and 1, one for each salt."""

from __future__ import annotations

import hashlib
import hmac


def share_of(salt: str, *, subject: str) -> float:
    """Return a subject's place in [0, 1), evenly spread and without memory.

    The first 8 bytes of HMAC-SHA256 of the subject under the salt. Places under
    two salts have nothing to do with each other, so that who is in one
    experiment says nothing of who is in another.

    Examples
    --------
    >>> share_of("a", subject="ana") == share_of("a", subject="ana")
    True
    """
    digest = hmac.digest(salt.encode(), subject.encode(), hashlib.sha256)
    # 53 bits are what a float holds below 1.
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53
