"""Who else has the same form open. A cache that is away means: nobody known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

from rules.operations.actors import Actor

log = structlog.get_logger(__name__)
_SECONDS = 40


def others_at(place: str, *, actor: Actor, at: datetime) -> Sequence[str]:
    """Note that somebody is at a place, and return the names of the others there."""
    key = f"presence:{place}"
    try:
        known: dict[str, tuple[str, float]] = cache.get(key) or {}
        now = at.timestamp()
        fresh = {
            identity: seen
            for identity, seen in known.items()
            if now - seen[1] < _SECONDS
        }
        fresh[actor.identity] = (actor.name, now)
        cache.set(key, fresh, timeout=_SECONDS)
    except (RedisError, OSError) as error:
        log.info("presence_unknown", error=str(error))
        return ()
    return sorted(
        name for identity, (name, _) in fresh.items() if identity != actor.identity
    )
