"""What may be wrong with a part of a rule."""

from __future__ import annotations

from typing import NamedTuple

from .conditions import RuleError
from .rule import MAX_TEXT

A_TEXT = f"a text of 1 to {MAX_TEXT} characters without control characters"


def is_text(text: str) -> bool:
    """Say whether a text can be read, and is not too long."""
    return 0 < len(text.strip()) <= len(text) <= MAX_TEXT and text.isprintable()


class Fault(NamedTuple):
    """Something wrong with a rule."""

    field: str
    """Path of the field in :class:`~rules.core.rule.Rule`: ``windows[0].end``."""

    message: str
    """What is wrong, as the end of a sentence that begins with the field."""


def inside(field: str, error: RuleError) -> Fault:
    """Return the fault of a condition that stands in a field."""
    return Fault(field + error.place.removeprefix("$"), error.fault)
