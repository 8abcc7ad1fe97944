"""Put pinned candidates in their places and the others around them."""

from __future__ import annotations

import numpy as np

from rules.core.types import Pins

from .columns import Rows


def place(others: Rows, *, pins: Pins, k: int) -> Rows:
    """Return the page: pins at their slots, the others in order in between.

    Parameters
    ----------
    others : array of shape (m,)
        Positions of unpinned candidates, in the order in which they are shown.
    pins : Pins
    k : int
        Length of the page; what does not fit is left out.

    Returns
    -------
    page : array of shape (min(k, m + p),)
        Positions of candidates. Without enough others to fill the page, pins
        move up to the end of the list.

    Examples
    --------
    >>> from msgspec.structs import replace
    >>> pins = replace(Pins.none(), positions=np.array([9]), slots=np.array([2]))
    >>> place(np.array([4, 5, 6]), pins=pins, k=3).tolist()
    [4, 9, 5]
    """
    if not len(pins):
        return others[:k]
    page = others[: max(k - len(pins), 0)].tolist()
    for slot, position in zip(
        pins.slots.tolist(), pins.positions.tolist(), strict=True
    ):
        page.insert(slot - 1, position)
    return np.array(page[:k], dtype=np.int64)
