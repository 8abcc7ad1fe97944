"""What "now" means in a namespace."""

from __future__ import annotations

from datetime import datetime, timedelta

from catalog.models import Clock, Namespace

# Younger than this, a namespace's newest event shows that it lives in the present.
FRESH = timedelta(days=30)


def now_of(namespace: Namespace, *, at: datetime) -> datetime:
    """Return the namespace's own present at the moment `at` of the wall clock.

    `at` itself by the wall clock; the newest event, never later than `at`, by the clock
    of the data, so that a data set of 2011 ranks as it did in 2011.
    """
    newest = namespace.newest_event_at
    if newest is None or namespace.clock == Clock.WALL:
        return at
    if namespace.clock == Clock.AUTO and newest > at - FRESH:
        return at
    return min(newest, at)
