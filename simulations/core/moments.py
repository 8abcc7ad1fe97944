"""The moment at which a change is looked at: when it first acts."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from rules.core.rule import Window
from rules.core.windows import is_in_force, next_edge

type Windows = tuple[Window, ...]
type Extent = tuple[Windows, ...]
"""The windows of each version of one rule that a change takes from or brings to force.

No windows means always; no versions never."""


class Moment(Struct, frozen=True, kw_only=True):
    """An instant, and how much of a change acts then."""

    at_us: int
    acting: int
    """Rules of the change that act at the instant, as they were or as they will be."""

    waiting: int
    """Rules that act only at other times."""


def moment_of(extents: Sequence[Extent], *, now_us: int) -> Moment:
    """Return the first instant, not before now, at which most of a change acts.

    Of a change with several rules it is the opening of a window at which most of them
    are in force, the first one if there are several such.

    Parameters
    ----------
    extents : sequence of Extent
        One for each rule of the change.
    now_us : int
        Microseconds since 1970.

    Returns
    -------
    moment : Moment
        Now, with ``acting`` 0, for a change that will never act.

    Examples
    --------
    >>> from datetime import datetime
    >>> noon = Window(start=datetime(1970, 1, 1, 12), end=datetime(1970, 1, 1, 13))
    >>> moment_of([((noon,),)], now_us=0).at_us == 12 * 3_600_000_000
    True
    """
    openings = {_first_instant(extent, now_us=now_us) for extent in extents}
    best = Moment(at_us=now_us, acting=0, waiting=len(extents))
    for at_us in sorted(opening for opening in openings if opening is not None):
        acting = sum(_acts(extent, at_us=at_us) for extent in extents)
        if acting > best.acting:
            best = Moment(at_us=at_us, acting=acting, waiting=len(extents) - acting)
    return best


def _first_instant(extent: Extent, *, now_us: int) -> int | None:
    if _acts(extent, at_us=now_us):
        return now_us
    edges = [next_edge(windows, after_us=now_us) for windows in extent]
    return min((edge for edge in edges if edge is not None), default=None)


def _acts(extent: Extent, *, at_us: int) -> bool:
    return any(is_in_force(windows, at_us=at_us) for windows in extent)
