"""When a namespace's signals are built by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

LARGE_EVENTS = 200_000
AFTER_A_BURST = timedelta(seconds=2)
WHILE_IT_GOES_ON = timedelta(seconds=30)
# Serving overlays changed items itself, so that they alone may wait.
ITEMS_WAIT = timedelta(seconds=30)
# A large namespace rests between builds for so many times as long as the last took.
LARGE_REST = timedelta(minutes=5)
LARGE_REST_TIMES = 10
AFTER_A_FAILURE = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Pending:
    """What has happened in a namespace since its last build read it."""

    first_at: datetime
    last_at: datetime
    """Of the changes that no build has read."""
    events_changed: bool
    """Whether events came or went, or more items changed than the feed holds."""
    events: int
    """In the namespace, about."""
    has_build: bool
    last_ended_at: datetime | None
    last_seconds: float
    last_failed: bool


def is_due(pending: Pending, *, at: datetime) -> bool:
    """Return whether a build shall start now.

    A first build and those of small namespaces start 2 s after the last of a burst of
    changes, at the latest every 30 s while it goes on. From 200,000 events on, builds
    start after a burst too, but rest in between for five minutes or ten times as long
    as the last one took, whichever is longer.
    """
    ended = pending.last_ended_at
    if ended is not None and at < ended + _rest(pending):
        return False
    is_quiet = at >= pending.last_at + AFTER_A_BURST
    if pending.events >= LARGE_EVENTS and not pending.has_build:
        # A long import: what is half there is not worth a build every 30 s.
        return is_quiet or at >= pending.first_at + LARGE_REST
    if not pending.events_changed and pending.has_build:
        return at >= pending.first_at + ITEMS_WAIT
    return is_quiet or at >= pending.first_at + WHILE_IT_GOES_ON


def _rest(pending: Pending) -> timedelta:
    if pending.last_failed and pending.last_ended_at:
        # New data may be what it takes, the same data again is not.
        changed = pending.last_at > pending.last_ended_at
        return timedelta(0) if changed else AFTER_A_FAILURE
    if pending.events < LARGE_EVENTS:
        return timedelta(0)
    return max(LARGE_REST, LARGE_REST_TIMES * timedelta(seconds=pending.last_seconds))
