"""What somebody did on the page since the draft was saved, as values to be undone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

import msgspec

from rules.core.rule import MAX_BOOST, MAX_POSITION, MAX_TEXT, Window

type Text = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TEXT)]


class Do(StrEnum):
    """What an edit does with its item, on one page for one audience."""

    PIN = "pin"
    UNPIN = "unpin"
    BOOST = "boost"
    BURY = "bury"
    BLOCK = "block"
    CLEAR = "clear"
    """No boost, no bury, no block any more."""


class Scope(msgspec.Struct, frozen=True):
    """The page and the audience that an edit is about."""

    surface: Text
    segment: Text | None = None

    def holds(self, surface: str, segment: str | None) -> bool:
        """Say whether a rule is for just this page and audience.

        >>> Scope("home", "New").holds("home", "new")
        True
        """
        own = self.segment.casefold() if self.segment else None
        return (self.surface, own) == (surface, segment.casefold() if segment else None)


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """One step, as the page sends it."""

    do: Do
    item: Text
    scope: Scope
    position: Annotated[int, msgspec.Meta(ge=1, le=MAX_POSITION)] | None = None
    value: Annotated[float, msgspec.Meta(gt=0, le=MAX_BOOST)] | None = None


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for every rule that the draft makes."""

    starts: datetime | None = None
    ends: datetime | None = None
    zone: str = "UTC"
    owner: str = ""
    review_by: date | None = None
    at: datetime
    lowest_priority: int = 100
    """A new pin goes before the pins that the page has."""

    @property
    def windows(self) -> tuple[Window, ...]:
        """When the draft's rules are in force; none: always."""
        if self.starts is None and self.ends is None:
            return ()
        return (Window(start=self.starts, end=self.ends, zone=self.zone),)


_decoder = msgspec.json.Decoder(Annotated[list[Edit], msgspec.Meta(max_length=500)])
_WORDS = {
    Do.PIN: ("pin set", "pins set"),
    Do.UNPIN: ("pin removed", "pins removed"),
    Do.BOOST: ("item boosted", "items boosted"),
    Do.BURY: ("item buried", "items buried"),
    Do.BLOCK: ("item blocked", "items blocked"),
    Do.CLEAR: ("item set free", "items set free"),
}


class UnreadableEditsError(ValueError):
    """The page sent edits that it cannot have made."""


def read_edits(text: str) -> list[Edit]:
    """Read the edits of a form."""
    try:
        edits: list[Edit] = _decoder.decode(text or "[]")
    except msgspec.ValidationError as error:
        raise UnreadableEditsError(f"The changes cannot be read: {error}.") from error
    except msgspec.DecodeError as error:
        raise UnreadableEditsError("The changes cannot be read.") from error
    return edits


def in_words(edits: Sequence[Edit]) -> str:
    """Say what edits come to.

    >>> lamp, home = "lamp", Scope("home")
    >>> in_words([Edit(do=Do.PIN, item=lamp, scope=home, position=place)
    ...           for place in (1, 2)])
    '1 pin set'
    """
    last = {(edit.scope, edit.item, edit.do in _PLACING): edit.do for edit in edits}
    counts = Counter(last.values())
    return ", ".join(
        f"{counts[do]} {words[counts[do] > 1]}"
        for do, words in _WORDS.items()
        if counts[do]
    )


_PLACING = (Do.PIN, Do.UNPIN)
