"""What "now" means on the pages of a namespace whose data may be years old."""

from __future__ import annotations

from datetime import datetime, timedelta

from catalog.models import Clock, Namespace

_FRESH_FOR = timedelta(days=30)


def namespace_now(namespace: Namespace, *, at: datetime) -> datetime:
    """Return the moment that the namespace's clock shows at a moment of the wall's."""
    newest = namespace.newest_event_at
    if newest is None or namespace.clock == Clock.WALL:
        return at
    if namespace.clock == Clock.AUTO and at - newest < _FRESH_FOR:
        return at
    return min(newest, at)
