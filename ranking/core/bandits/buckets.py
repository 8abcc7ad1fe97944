"""Buckets: requests of one context share what was learned."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

PREFIX = "ctx:"
EMPTY_BUCKET = "ctx:empty"
LONGEST = 200


def bucket_key(context: Mapping[str, Any] | None) -> str:
    """Return the name of the bucket that a context falls into.

    ``ctx:`` and the facts as ``key=value``, lower-cased and sorted, joined by
    ``|``. A name above 200 characters is cut there and ends in a hash of the
    whole, so that two long contexts are never taken for one.

    Parameters
    ----------
    context : mapping of str to str, number or bool, optional
        Lists, objects and nulls are no facts and are left out.

    Examples
    --------
    >>> bucket_key({"Device": "Mobile", "hour": 9})
    'ctx:device=mobile|hour=9'
    >>> bucket_key({})
    'ctx:empty'
    """
    facts = sorted(
        f"{key.strip()}={_text(value)}".lower()
        for key, value in (context or {}).items()
        if isinstance(value, str | int | float | bool)
    )
    if not facts:
        return EMPTY_BUCKET
    whole = PREFIX + "|".join(facts)
    if len(whole) <= LONGEST:
        return whole
    # Named by the reference; it tells buckets apart and guards nothing.
    digest = hashlib.sha1(whole.encode(), usedforsecurity=False).hexdigest()[:16]
    return f"{whole[:LONGEST]}|h={digest}"


def _text(value: str | float | bool) -> str:  # noqa: FBT001 one fact of a context
    return value.strip() if isinstance(value, str) else str(value)


def facts_of(key: str) -> list[str]:
    """Return the facts that a bucket's name holds.

    >>> facts_of("ctx:device=mobile|hour=9"), facts_of(EMPTY_BUCKET)
    (['device=mobile', 'hour=9'], [])
    """
    inner = key.removeprefix(PREFIX)
    return [] if inner in ("", "empty") else inner.split("|")
