"""What is wrong with something that a client sent, said so that it can be mended."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

MAX_FAULTS = 100
"""A batch's answer lists this many faults; the rest are only counted."""


class Fault(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing wrong: which field, and in a batch in which row (from 0)."""

    code: str
    message: str
    field: str | None = None
    index: int | None = None


class BadInputError(ValueError):
    """Input was refused. Nothing of it was stored.

    `code` is the first fault's, which is what a client branches on.
    """

    def __init__(self, faults: Sequence[Fault], *, status: int = 400) -> None:
        super().__init__(faults[0].message)
        self.faults = tuple(faults)
        self.code = faults[0].code
        self.status = status


def refuse(
    code: str, message: str, *, field: str | None = None, status: int = 400
) -> BadInputError:
    """Return the error for a single fault, for the caller to raise."""
    fault = Fault(code=code, message=message, field=field)
    return BadInputError([fault], status=status)
