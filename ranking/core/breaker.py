"""When to stop asking somebody who does not answer, and when to try again."""

from __future__ import annotations


class Breaker:
    """Closed while answers come, open for a while after failures in a row.

    After the pause one caller may try (half-open): an answer closes it, another
    failure opens it again. Moments are seconds of any one clock that does not go back.

    Parameters
    ----------
    failures : int
        So many in a row open it.
    pause_seconds : float
        For so long nobody asks.

    Examples
    --------
    >>> breaker = Breaker(failures=1, pause_seconds=30)
    >>> breaker.failed(now=0.0)
    >>> breaker.allows(now=29.0), breaker.allows(now=30.0), breaker.allows(now=30.1)
    (False, True, False)
    """

    def __init__(self, *, failures: int, pause_seconds: float) -> None:
        self._most = failures
        self._pause = pause_seconds
        self._in_a_row = 0
        self._opens_at = float("-inf")

    def allows(self, *, now: float) -> bool:
        """Return whether somebody may ask now, and count them as the one who tries."""
        if self._in_a_row < self._most:
            return True
        if now < self._opens_at:
            return False
        self._opens_at = now + self._pause
        return True

    def succeeded(self) -> None:
        """Note that an answer came."""
        self._in_a_row = 0

    def failed(self, *, now: float) -> None:
        """Note that none came, or none that could be used."""
        self._in_a_row += 1
        self._opens_at = now + self._pause
