"""A shop as an import: the same batches each time, so that a killed one goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from catalog.importers.batches import Batch, Plan
from catalog.importers.tally import Tally

from .shop import Shop

# As many as the change feed holds with their states, and more where there are more.
_FEW, _MANY = 5_000, 20_000
# How long a row takes, relative to an event.
_OF_AN_ITEM, _OF_A_USER = 6.0, 1.5


def plan_of(shop: Shop) -> Plan:
    return Plan(steps=[Items(shop), Users(shop), Events(shop)])


@dataclass(frozen=True)
class Items:
    shop: Shop
    name: str = "items"

    @property
    def weight(self) -> float:
        return _OF_AN_ITEM * len(self.shop.item_ids)

    def batches(self, tally: Tally, *, skip: int) -> Iterator[Batch]:
        shop = self.shop
        created = shop.items.created_us
        for rows, read in _parts(len(shop.item_ids), skip=skip):
            names = shop.item_ids[rows.start : rows.stop]
            moments = created[rows.start : rows.stop].tolist()
            is_made_up = shop.fixture.items is None
            yield Batch(
                rows=rows.stop,
                read=read,
                items=shop.items_in(rows),
                appeared_us=dict(zip(names, moments, strict=True))
                if is_made_up
                else {},
            )


@dataclass(frozen=True)
class Users:
    shop: Shop
    name: str = "users"

    @property
    def weight(self) -> float:
        return _OF_A_USER * len(self.shop.user_ids)

    def batches(self, tally: Tally, *, skip: int) -> Iterator[Batch]:
        for rows, read in _parts(len(self.shop.user_ids), skip=skip):
            yield Batch(rows=rows.stop, read=read, users=self.shop.users_in(rows))


@dataclass(frozen=True)
class Events:
    shop: Shop
    name: str = "events"

    @property
    def weight(self) -> float:
        return float(self.shop.event_count)

    def batches(self, tally: Tally, *, skip: int) -> Iterator[Batch]:
        done, total = 0, max(1, self.shop.event_count)
        # Made up anew from the first on: each block depends on those before it.
        for events in self.shop.events():
            done += len(events)
            if done > skip:
                yield Batch(rows=done, read=done / total, events=events)


def _parts(count: int, *, skip: int) -> Iterator[tuple[range, float]]:
    """Yield ranges of rows behind the first `skip`, with the share done after each."""
    size = _FEW if count <= _FEW else _MANY
    for start in range(0, count, size):
        stop = min(start + size, count)
        if stop > skip:
            yield range(start, stop), stop / count
