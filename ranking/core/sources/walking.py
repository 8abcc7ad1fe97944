"""Walking down orders of items until enough of them pass a test."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from msgspec import Struct

from ..columns import I32, I64, NO_ROWS, Rows, distinct
from ..eligibility import DropCodes
from ..world import Selection, World

FIRST_STEP = 64
"""How many rows more than asked are looked at first, as some will not stand."""

type Test = Callable[[Selection], DropCodes]
type Walked = tuple[Rows, Rows, DropCodes]
"""The rows that passed, all rows walked past, and what was said of each of these."""


def walk(order: Rows | I32, *, test: Test, world: World, limit: int) -> Walked:
    """Walk down an order until ``limit`` rows passed the test, or to its end.

    Returns
    -------
    passed : array of shape (p,)
    seen : array of shape (s,)
        All rows walked past, in order.
    drops : array of shape (s,)
        What the test said of each.
    """
    steps: list[Walked] = []
    missing, start, step = limit, 0, limit + FIRST_STEP
    while missing > 0 and start < len(order):
        seen = order[start : start + step].astype(np.int64)
        drops = test(world.select(seen))
        passed = seen[drops == 0][:missing]
        steps.append((passed, seen, drops))
        missing -= len(passed)
        start, step = start + step, step * 2
    if len(steps) == 1:
        return steps[0]
    if not steps:
        return NO_ROWS, NO_ROWS, np.empty(0, dtype=np.uint8)
    passed, seen, drops = (np.concatenate(parts) for parts in zip(*steps, strict=True))
    return passed, seen, drops


class Lists(Struct, frozen=True):
    """Several orders, one after the other."""

    starts: I64
    order: I32
    wanted: Sequence[int]
    """The lists in question; those that a snapshot does not have are empty."""

    def spans(self) -> list[I32]:
        """Return the members of each list, without the empty ones."""
        known = [i for i in self.wanted if i + 1 < len(self.starts)]
        spans = [self.order[self.starts[i] : self.starts[i + 1]] for i in known]
        return [span for span in spans if len(span)]

    def heads(self, step: int) -> tuple[list[I32], list[bool]]:
        """Return the beginning of each list, and whether more lies behind it."""
        spans = self.spans()
        return [span[:step] for span in spans], [len(span) > step for span in spans]

    def walk(self, test: Test, *, world: World, limit: int) -> Rows:
        """Return the rows that pass, at least ``limit`` of each list that has them."""
        walked = [
            walk(span, test=test, world=world, limit=limit)[0] for span in self.spans()
        ]
        return distinct(np.concatenate(walked))[0] if walked else NO_ROWS
