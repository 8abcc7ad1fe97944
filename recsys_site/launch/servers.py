"""The embedded servers of this run: those it started it also stops, no others."""

from __future__ import annotations

import time
from collections.abc import Callable

from recsys_site import embedded

_STOP_ORDER = (embedded.VALKEY, embedded.POSTGRES)
_CHECK_SECONDS = 1.0


class Servers:
    def __init__(self, *, report: Callable[[str], None]) -> None:
        self._report = report
        self._ours: frozenset[str] = frozenset()
        self._checked_at = 0.0

    def start(self) -> None:
        self._ours |= embedded.start(report=self._report, leashed=True)

    def check(self) -> None:
        """Start again what died, looked at once a second."""
        if time.monotonic() - self._checked_at < _CHECK_SECONDS:
            return
        self._checked_at = time.monotonic()
        if not embedded.running():
            self._report("An embedded server died; starting it again")
            self.start()

    def stop(self) -> None:
        for name in _STOP_ORDER:
            if name in self._ours:
                self._report(f"Stopping {name}")
                embedded.stop([name])
