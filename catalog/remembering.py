"""What was looked up lately, and what still holds while nothing can be looked up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connection

from catalog.postgresql.deadline import within_deadline

# How long an answer is used while the database gives no other.
STALE_SECONDS = 86_400.0
# Nobody waits again for what was not answered a moment ago.
_PAUSE_SECONDS = 1.0
_MOST = 10_000


class Remembered[K, V]:
    """Answers by what was asked, the most recently looked up last.

    One that is old is looked up again, within the deadline of a request and unless
    that failed a moment ago; where it fails, the old one goes on holding for a day.
    """

    def __init__(self) -> None:
        self._known: dict[K, tuple[float, V]] = {}
        self._resumes_at = 0.0
        self._lock = threading.Lock()

    def recall(self, key: K, *, seconds: float, find: Callable[[], V]) -> V:
        """Return what is known of `key` for at most `seconds`, else what `find` finds.

        Raises
        ------
        OperationalError, InterfaceError
            If it cannot be looked up and nothing is known.
        """
        moment = time.monotonic()
        known = self._known.get(key)
        if known is None or moment >= known[0] + STALE_SECONDS:
            return self._keep(key, find(), moment=moment)
        if moment < max(known[0] + seconds, self._resumes_at):
            return known[1]
        try:
            return self._keep(key, within_deadline(find), moment=moment)
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block:
                raise
            self._resumes_at = moment + _PAUSE_SECONDS
            return known[1]

    def forget(self, key: K) -> None:
        self._known.pop(key, None)

    def forget_all(self) -> None:
        self._known.clear()
        self._resumes_at = 0.0

    def _keep(self, key: K, value: V, *, moment: float) -> V:
        with self._lock:
            self._known.pop(key, None)
            while len(self._known) >= _MOST:
                del self._known[next(iter(self._known))]
            self._known[key] = (moment, value)
        return value
