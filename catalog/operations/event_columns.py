"""Events as columns, and what storing them asks of whatever holds them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import compress, repeat
from typing import Protocol

from .numbers import Numbers

type Kept = Sequence[bool]
"""Which events are stored, entry i for row i."""


class EventRows(Protocol):
    """Events of one batch. Row i is the same event everywhere.

    Ids must satisfy `catalog.core.text.is_id`; times are microseconds since 1970.
    """

    def __len__(self) -> int: ...

    @property
    def user_ids(self) -> Collection[str]:
        """Every user among them, at least once."""

    @property
    def item_ids(self) -> Collection[str]:
        """Every item among them, at least once."""

    @property
    def source_event_ids(self) -> Sequence[str | None] | None:
        """The senders' ids; None for those that cannot be told from a repeat."""

    @property
    def newest_us(self) -> int: ...

    def lines(
        self, *, users: Numbers, items: Numbers, kept: Kept | None
    ) -> str | bytes:
        """Return lines for COPY into `incoming_events`, in the order of time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventColumns:
    """A few thousand events as lists. For many, see `EventTable`."""

    user_ids: Sequence[str]
    item_ids: Sequence[str]
    types: Sequence[int]
    values: Sequence[float]
    ts_us: Sequence[int]
    metas: Sequence[str | None] | None = None
    """JSON texts; None where there is none, or for none at all."""
    source_event_ids: Sequence[str | None] | None = None

    def __len__(self) -> int:
        return len(self.user_ids)

    @property
    def newest_us(self) -> int:
        return max(self.ts_us)

    def lines(self, *, users: Numbers, items: Numbers, kept: Kept | None) -> str:
        # About 1 µs each.
        columns = zip(
            map(users.__getitem__, self.user_ids),
            map(items.__getitem__, self.item_ids),
            self.types,
            self.values,
            self.ts_us,
            _texts(self.metas),
            _texts(self.source_event_ids),
            strict=False,
        )
        lines = list(map("%d\t%d\t%d\t%s\t%d\t%s\t%s\n".__mod__, columns))
        rows: Iterable[int] = range(len(lines))
        if kept is not None:
            rows = compress(rows, kept)
        # By time: pages of partitions and indexes are then filled, not searched (2 x).
        ordered = sorted(rows, key=self.ts_us.__getitem__)
        return "".join(map(lines.__getitem__, ordered))


def _texts(texts: Sequence[str | None] | None) -> Iterable[str]:
    if texts is None:
        return repeat("\\N")
    return ("\\N" if text is None else _escaped(text) for text in texts)


def _escaped(text: str) -> str:
    text = text.replace("\\", "\\\\")
    if text.isprintable():
        return text
    return text.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
