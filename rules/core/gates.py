"""What must hold of a request before a rule acts: moment, segment, context, holdout.

Rules that ask for the same share a gate. Gate 0 is always open.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from .conditions import Condition

type Flags = NDArray[np.bool_]
type I32 = NDArray[np.int32]
type I64 = NDArray[np.int64]


class Asker(Struct, frozen=True, kw_only=True):
    """What rules may know of a request."""

    segment: str | None = None
    facts: Mapping[str, Any] = {}
    """As conditions read them: ``{ctx, request}``."""

    subject: str | None = None
    """Whoever asks, always by the same name. Nobody is held out without one."""


class Openings(Struct, frozen=True):
    """When the windows are open that open or close while this set is used."""

    window: I32
    """Shape (s,). Which of the windows, from 1."""

    start_us: I64
    """Shape (s,)."""

    end_us: I64
    """Shape (s,). The first instant after it."""


class Holdout(Struct, frozen=True):
    """A rule that a share of the users never sees."""

    rule_id: str
    share: float

    def holds_out(self, subject: str | None) -> bool:
        """Say whether somebody belongs to the share: always the same answer.

        >>> Holdout("a", 0.5).holds_out("user_1"), Holdout("a", 0.5).holds_out(None)
        (True, False)
        """
        if subject is None:
            return False
        digest = hashlib.sha256(f"{self.rule_id}:{subject}".encode()).digest()
        return int.from_bytes(digest[:8], "big") < self.share * 2**64


class Gates(Struct, frozen=True, kw_only=True):
    """All gates of a set of rules; row i of every column is the same gate.

    0 stands in a column for what the gate does not ask for.
    """

    window: I32
    segment: I32
    context: I32
    holdout: I32
    openings: Openings
    n_windows: int
    segments: Mapping[str, int]
    """Case-folded name to number, from 1."""

    contexts: tuple[Condition, ...]
    """Numbered from 1, like the following."""

    holdouts: tuple[Holdout, ...]

    def __len__(self) -> int:
        return len(self.window)

    def open(self, asker: Asker, *, at_us: int, clock_us: int) -> tuple[Flags, Flags]:
        """Say which gates are open.

        Parameters
        ----------
        asker : Asker
        at_us : int
            The wall clock's instant, for windows.
        clock_us : int
            The moment of the ranking, for conditions on what is past.

        Returns
        -------
        open : array of shape (g,)
        held : array of shape (g,)
            Those that would be open if nobody were held out.
        """
        segment = self.segments.get((asker.segment or "").casefold(), -1)
        passed = self._windows(at_us).take(self.window)
        passed &= (self.segment == 0) | (self.segment == segment)
        if self.contexts:
            holds = [True, *(c(asker.facts, clock_us) for c in self.contexts)]
            passed &= np.array(holds).take(self.context)
        if not self.holdouts:
            return passed, np.zeros(len(self), dtype=np.bool_)
        out = [False, *(h.holds_out(asker.subject) for h in self.holdouts)]
        held = np.array(out).take(self.holdout)
        return passed & ~held, passed & held

    def _windows(self, at_us: int) -> Flags:
        flags = np.zeros(self.n_windows + 1, dtype=np.bool_)
        flags[0] = True
        openings = self.openings
        now = (openings.start_us <= at_us) & (at_us < openings.end_us)
        flags[openings.window[now]] = True
        return flags
