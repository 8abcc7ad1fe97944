"""What time it is in a namespace."""

from __future__ import annotations

from typing import Literal

type Clock = Literal["wall", "data", "auto"]

FRESH_FOR_US = 30 * 86_400_000_000
"""How long an automatic clock goes by the wall after the newest event."""


def now_us(clock: str, *, wall_us: int, newest_event_us: int | None) -> tuple[int, str]:
    """Return the moment that windows and half-lives are counted from.

    Parameters
    ----------
    clock : {"wall", "data", "auto"}
        ``data`` stands at the newest event, never later than now; ``auto`` goes by
        the wall while events are fresh, else by the data.
    wall_us : int
        Microseconds since 1970.
    newest_event_us : int or None
        None without events.

    Returns
    -------
    at_us : int
    clock : {"wall", "data"}
        By which of the two it goes.

    Examples
    --------
    >>> now_us("auto", wall_us=2_000, newest_event_us=1_000)
    (2000, 'wall')
    >>> now_us("data", wall_us=2_000, newest_event_us=1_000)
    (1000, 'data')
    """
    if newest_event_us is None or clock == "wall":
        return wall_us, "wall"
    if clock == "auto" and wall_us - newest_event_us < FRESH_FOR_US:
        return wall_us, "wall"
    return min(newest_event_us, wall_us), "data"
