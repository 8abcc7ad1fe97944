"""Waiting for the first build of a namespace, within limits.

A stranger who sends items and events and asks at once gets an answer from signals, some
seconds later, and not a poor one right away. That is for the desk. A thread that waits
answers nobody else, so that three limits hold: `serve`, whose processes have one thread
each, never waits; one thread of every desk process stays free; and where a build was
waited for in vain nobody waits again for a minute, unless the data change. Who does not
wait is answered from what there is, and told so (`no_build`).
"""

from __future__ import annotations

import threading
import time

from django.conf import settings

from catalog.models import Namespace

from .served import Served, current

_LOOK_AGAIN_SECONDS = 0.05
# The desk has four threads a process.
MOST_WAITING = 3
IN_VAIN_SECONDS = 60.0

_places = threading.BoundedSemaphore(MOST_WAITING)
# By number of the namespace: the change number that was waited for in vain, and until
# when that counts.
_in_vain: dict[int, tuple[int, float]] = {}


def wait_for_build(namespace: Namespace) -> Served:
    """Return the namespace, with a build if one goes live soon enough."""
    held = current(namespace)
    if not held.is_stale or settings.PROCESS == "serve" or _was_in_vain(held):
        return held
    if not _places.acquire(blocking=False):
        return held
    try:
        return _wait(namespace, held)
    finally:
        _places.release()


def _wait(namespace: Namespace, held: Served) -> Served:
    deadline = time.monotonic() + settings.FIRST_BUILD_WAIT_SECONDS
    while held.is_stale and not held.is_behind and time.monotonic() < deadline:
        time.sleep(_LOOK_AGAIN_SECONDS)
        held = current(namespace)
    if held.is_stale:
        until = time.monotonic() + IN_VAIN_SECONDS
        _in_vain[held.namespace_id] = held.change_number, until
    return held


def _was_in_vain(held: Served) -> bool:
    number, until = _in_vain.get(held.namespace_id, (held.change_number, 0.0))
    if number == held.change_number and time.monotonic() < until:
        return True
    _in_vain.pop(held.namespace_id, None)
    return False
