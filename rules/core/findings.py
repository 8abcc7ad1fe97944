"""What a check found: in a sentence, with the rules and items that it is about."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Literal

import msgspec

type Weight = Literal["warning", "note"]


class FindingKind(StrEnum):
    """The kinds of findings, conflicts first."""

    SAME_SLOT = "same_slot"
    PINNED_TWICE = "pinned_twice"
    PIN_OF_BLOCKED = "pin_of_blocked"
    BOOST_OF_BLOCKED = "boost_of_blocked"
    FILTERED_OUT = "filtered_out"
    BOOST_AND_BURY = "boost_and_bury"
    DUPLICATE = "duplicate"
    SHADOWED = "shadowed"
    PINS_BEYOND_SLOTS = "pins_beyond_slots"
    UNKNOWN_ITEM = "unknown_item"
    UNKNOWN_SEGMENT = "unknown_segment"
    UNAVAILABLE = "unavailable"
    OUT_OF_STOCK = "out_of_stock"
    OVER = "over"
    ENDS_SOON = "ends_soon"
    NO_REVIEW = "no_review"
    NEVER_MATCHED = "never_matched"
    ZERO_EFFECT = "zero_effect"
    SHOWN_THOUGH_UNAVAILABLE = "shown_though_unavailable"
    GUARDRAIL = "guardrail"
    MORE = "more"
    """How many there are besides those that are listed."""


CONFLICTS = frozenset(
    list(FindingKind)[: list(FindingKind).index(FindingKind.SHADOWED) + 1]
)
"""Kinds that tell of two rules at odds."""


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that somebody should know before a change goes live."""

    kind: FindingKind
    sentence: str
    rule_ids: tuple[str, ...] = ()
    """The rule that was changed first."""

    item_ids: tuple[str, ...] = ()
    winner: str | None = None
    """The rule that is obeyed, of two at odds."""

    weight: Weight = "warning"


def listed(found: Sequence[Finding], *, most: int) -> list[Finding]:
    """Return as many findings as somebody may read, and how many more there are.

    Examples
    --------
    >>> over = Finding(kind=FindingKind.OVER, sentence="It is over.")
    >>> [each.sentence for each in listed([over] * 3, most=1)]
    ['It is over.', 'And 2 more findings, which are not listed.']
    """
    shown = list(found[:most])
    if len(found) > most:
        words = f"And {len(found) - most:,} more findings, which are not listed."
        shown.append(Finding(kind=FindingKind.MORE, sentence=words, weight="note"))
    return shown
