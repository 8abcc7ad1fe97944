"""Whether somebody asked us to stop: Ctrl-C, `kill`, or a terminal that closed."""

from __future__ import annotations

import signal
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequest:
    """Remembers the first request; more of them do not hurry what is under way."""

    def __init__(self) -> None:
        self.came = False

    def listen(self) -> None:
        for number in _SIGNALS:
            # Set even where the shell had it ignored, as it does for background jobs.
            signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.came = True
