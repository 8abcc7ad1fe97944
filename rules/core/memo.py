"""Remember what was worked out, as much as there is room for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any


class Memo:
    """Values by name, of which those are forgotten that nobody asks for."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._known: OrderedDict[Hashable, Any] = OrderedDict()

    def get[T](self, name: Hashable, work_out: Callable[[], T]) -> T:
        """Return what depends on a name alone, worked out when first asked for.

        >>> memo = Memo(most=1)
        >>> memo.get("a", lambda: 1), memo.get("b", lambda: 2), memo.get("a", lambda: 3)
        (1, 2, 3)
        """
        known: T | None = self._known.get(name)
        if known is None:
            known = self._known[name] = work_out()
            while len(self._known) > self._most:
                self._known.popitem(last=False)
            return known
        with suppress(KeyError):  # Another thread may just have forgotten it.
            self._known.move_to_end(name)
        return known
