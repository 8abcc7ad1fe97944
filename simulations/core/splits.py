"""Where the past ends and what is to be foretold begins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

from catalog.core.moments import from_microseconds, microseconds

type I16 = NDArray[np.int16]
type I64 = NDArray[np.int64]
type F64 = NDArray[np.float64]
type Flags = NDArray[np.bool_]


class SplitError(ValueError):
    """The events of a namespace cannot be split as wanted."""


class Split(Struct, frozen=True, kw_only=True):
    """How events are told into before and after."""

    kind: Literal["time", "leave_last_out", "user_folds"] = "time"
    quantile: Annotated[float, Meta(gt=0, lt=1)] = 0.75
    """Share of the events that lie before the last cut."""

    at: datetime | None = None
    """The moment of the last cut, in place of the quantile."""

    folds: Annotated[int, Meta(ge=1, le=10)] = 1
    """Cuts in time, each window ending where the next begins; or parts of users."""

    step: Annotated[float, Meta(gt=0, lt=1)] = 0.1
    """How far apart cuts are, in shares of the events."""

    until_quantile: Annotated[float, Meta(gt=0, le=1)] = 1.0
    """Later events are unknown to all: what is tuned never sees them."""


class Events(Struct, frozen=True, kw_only=True):
    """Every event of a namespace; entry i of each column is the same one.

    In order of time, then of number.
    """

    ids: I64
    users: I64
    items: I64
    types: I16
    values: F64
    ts_us: I64

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, which: NDArray[np.generic]) -> Events:
        """Return some of the events."""
        return Events(
            **{name: getattr(self, name)[which] for name in self.__struct_fields__}
        )


class Fold(Struct, frozen=True, kw_only=True):
    """One way of telling events into before and after."""

    name: str
    cut_us: int
    """The moment of the questions: nothing later is known, microseconds since 1970."""

    before: Flags
    """Shape (events,). Known when the questions are asked."""

    after: Flags
    """Shape (events,). What is to be foretold."""


def folds_of(events: Events, split: Split) -> list[Fold]:
    """Tell events into before and after, once for each fold.

    Parameters
    ----------
    events : Events
    split : Split

    Returns
    -------
    folds : list of Fold
        By time: before are the events up to the cut, after those in
        ``(cut, next cut]``, of the last fold all that follow. Leave-last-out: after is
        each user's last event, and so are all events at its moment or later, of
        whomever, no part of what is known. By user: of each part of the users what lies
        behind the cut; everybody else's events up to the last moment are known.

    Raises
    ------
    SplitError
        If a side of a fold would be empty.
    """
    known = events.ts_us <= _quantile(events, split.until_quantile)
    folds = _FOLDS[split.kind](events, split, known)
    for fold in folds:
        if not fold.before.any() or not fold.after.any():
            raise SplitError(
                f"{fold.name} leaves {int(fold.before.sum()):,} events before and"
                f" {int(fold.after.sum()):,} after it; choose another quantile or date."
            )
    return folds


def _quantile(events: Events, share: float) -> int:
    if not len(events):
        raise SplitError("There are no events to split.")
    return int(np.quantile(events.ts_us, share, method="lower"))


def _by_time(events: Events, split: Split, known: Flags) -> list[Fold]:
    cuts = _cuts(events, split)
    ends = [*cuts[1:], int(events.ts_us.max())]
    return [
        Fold(
            name=f"cut at {from_microseconds(cut):%Y-%m-%d %H:%M}",
            cut_us=cut,
            before=events.ts_us <= cut,
            after=known & (events.ts_us > cut) & (events.ts_us <= end),
        )
        for cut, end in zip(cuts, ends, strict=True)
    ]


def _cuts(events: Events, split: Split) -> list[int]:
    back = [step * split.step for step in range(split.folds - 1, -1, -1)]
    last = split.quantile
    if split.at is not None:
        last = float((events.ts_us <= microseconds(split.at)).mean())
    shares = [last - each for each in back]
    if shares[0] <= 0:
        raise SplitError(
            f"{split.folds} folds {split.step:g} apart reach back before the first"
            f" event from {last:.2f}; take fewer folds or a smaller step."
        )
    cuts = [_quantile(events, share) for share in shares]
    if split.at is not None:
        cuts[-1] = microseconds(split.at)
    return cuts


def _leave_last_out(events: Events, split: Split, known: Flags) -> list[Fold]:
    """Ask about each user's last event at the cut that most of them share.

    One build of the signals serves all questions, so it may know nothing that is later
    than the first of them: only users whose last event lies behind the cut take part.
    """
    cut = _cuts(events, split)[-1]
    places = np.flatnonzero(known)
    last_of_user = places[
        len(places) - 1 - np.unique(events.users[places][::-1], return_index=True)[1]
    ]
    after = np.zeros(len(events), dtype=np.bool_)
    after[last_of_user] = True
    return [
        Fold(
            name=f"last event after {from_microseconds(cut):%Y-%m-%d %H:%M}",
            cut_us=cut,
            before=events.ts_us <= cut,
            after=after & (events.ts_us > cut),
        )
    ]


def _user_folds(events: Events, split: Split, known: Flags) -> list[Fold]:
    """Withhold, in turn, what each part of the users did behind the cut."""
    cut = _cuts(events, msgspec.structs.replace(split, folds=1))[-1]
    parts = max(split.folds, 2)
    part = _part_of(events.users, parts=parts)
    end = int(events.ts_us[known].max())
    behind = events.ts_us > cut
    return [
        Fold(
            name=f"users {number + 1} of {parts}",
            cut_us=end,
            before=known & ~(behind & (part == number)),
            after=known & behind & (part == number),
        )
        for number in range(parts)
    ]


def _part_of(users: I64, *, parts: int) -> I64:
    """Return to which part each event's user belongs, by an even hash of its number."""
    mixed = users.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return ((mixed >> np.uint64(40)) % np.uint64(parts)).astype(np.int64)


_FOLDS = {
    "time": _by_time,
    "leave_last_out": _leave_last_out,
    "user_folds": _user_folds,
}


def spread(cuts: Sequence[int]) -> str:
    """Say when the cuts lie, as people read it."""
    return ", ".join(f"{from_microseconds(cut):%Y-%m-%d}" for cut in cuts)
