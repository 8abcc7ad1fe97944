"""Two answers to one question, compared item by item, in words."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from msgspec import UNSET, Struct, UnsetType


class Change(StrEnum):
    """What became of an item."""

    ENTERED = "entered"
    LEFT = "left"
    MOVED = "moved"
    SCORED = "scored"
    """It stands where it stood, with another score."""


class Shown(Struct, frozen=True):
    """An item in an answer."""

    item_id: str
    score: float


class Difference(Struct, frozen=True, kw_only=True):
    """What became of one item from one answer to another."""

    item_id: str
    change: Change
    before: int | None
    """Place in the first answer, from 1; None where it was not in it."""

    after: int | None
    """Place in the second answer."""

    score_before: float | UnsetType = UNSET
    score_after: float | UnsetType = UNSET

    @property
    def sentence(self) -> str:
        """Say it.

        >>> Difference(
        ...     item_id="mug", change=Change.MOVED, before=5, after=2
        ... ).sentence
        'mug moves up from 5 to 2.'
        """
        if self.before is None:
            return f"{self.item_id} comes in at {self.after}."
        if self.after is None:
            return f"{self.item_id} drops out from {self.before}."
        if self.change is Change.SCORED:
            return (
                f"{self.item_id} stays at {self.after} with the score"
                f" {_apart(self.score_after, self.score_before)}."
            )
        way = "up" if self.after < self.before else "down"
        return f"{self.item_id} moves {way} from {self.before} to {self.after}."


def _apart(score: float | UnsetType, other: float | UnsetType) -> str:
    """Say two scores with as many digits as it takes to tell one from the other.

    >>> _apart(1.29594999, 1.29595001)
    '1.29594999 instead of 1.29595001'
    """
    for digits in range(6, 18):
        one, two = f"{score:.{digits}g}", f"{other:.{digits}g}"
        if one != two:
            break
    return f"{one} instead of {two}"


def differences(
    before: Sequence[Shown], after: Sequence[Shown]
) -> tuple[Difference, ...]:
    """Return what became of each item that is not the same in both answers.

    Parameters
    ----------
    before, after : sequence of Shown
        In the order shown, without repeats.

    Returns
    -------
    differences : tuple of Difference
        Those in the second answer in its order, then those that left it.

    Examples
    --------
    >>> one = [Shown("a", 2.0), Shown("b", 1.0)]
    >>> two = [Shown("b", 1.0), Shown("c", 0.5)]
    >>> [each.sentence for each in differences(one, two)]
    ['b moves up from 2 to 1.', 'c comes in at 2.', 'a drops out from 1.']
    """
    places = {shown.item_id: i for i, shown in enumerate(before, 1)}
    found = []
    for place, shown in enumerate(after, 1):
        earlier = places.pop(shown.item_id, None)
        was = None if earlier is None else before[earlier - 1]
        if was is None or earlier != place or was.score != shown.score:
            found.append(_difference(was, shown, before=earlier, after=place))
    left = [
        _difference(before[place - 1], None, before=place, after=None)
        for place in places.values()
    ]
    return (*found, *left)


def _difference(
    was: Shown | None, becomes: Shown | None, *, before: int | None, after: int | None
) -> Difference:
    shown = becomes or was
    assert shown is not None
    return Difference(
        item_id=shown.item_id,
        change=_change(before, after),
        before=before,
        after=after,
        score_before=UNSET if was is None else was.score,
        score_after=UNSET if becomes is None else becomes.score,
    )


def _change(before: int | None, after: int | None) -> Change:
    if before is None:
        return Change.ENTERED
    if after is None:
        return Change.LEFT
    return Change.SCORED if before == after else Change.MOVED
