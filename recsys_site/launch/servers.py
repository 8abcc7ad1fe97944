"""The embedded servers of this run: those it started it also stops, no others."""

from __future__ import annotations

import time
from collections.abc import Callable

from recsys_site import embedded

_STOP_ORDER = (embedded.VALKEY, embedded.POSTGRES)
_CHECK_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0


class Servers:
    def __init__(self, *, report: Callable[[str], None]) -> None:
        self._report = report
        self._ours: frozenset[str] = frozenset()
        self._check_at = 0.0
        self._failures = 0

    def start(self) -> None:
        self._ours |= embedded.start(report=self._report, leashed=True)

    def check(self) -> None:
        """Start again what died, looked at once a second, later if that is in vain.

        Rankings go on meanwhile, so a server that does not start ends nothing.
        """
        if time.monotonic() < self._check_at:
            return
        if not embedded.running():
            self._start_again()
        pause = min(_CHECK_SECONDS * 2**self._failures, _LONGEST_PAUSE_SECONDS)
        self._check_at = time.monotonic() + pause

    def _start_again(self) -> None:
        self._report("An embedded server died; starting it again")
        try:
            self.start()
        except embedded.ServerError as error:
            self._failures += 1
            self._report(str(error))
        else:
            self._failures = 0

    def stop(self) -> None:
        for name in _STOP_ORDER:
            if name in self._ours:
                self._report(f"Stopping {name}")
                embedded.stop([name])
