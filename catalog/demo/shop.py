"""A whole shop to be stored: made up, read from a fixture, or both."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from catalog.core.wire import ItemIn, UserIn
from catalog.operations.event_tables import EventTable, Ids

from . import wire
from .behaviour import Span, make_events
from .columns import Items, People
from .fixtures import Fixture, event_table
from .items import make_items
from .people import make_people
from .segments import SEGMENTS
from .shelves import CATEGORIES

DAYS = 90
# Beyond, a meta for every event would double the time and the space.
MOST_EVENTS_WITH_META = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Size:
    items: int = 320
    users: int = 600
    events: int = 40_000


@dataclass(frozen=True, kw_only=True)
class Shop:
    """Entry i of the ids is row i of the columns."""

    item_ids: Sequence[str]
    items: Items
    user_ids: Sequence[str]
    people: People
    fixture: Fixture
    span: Span
    seed_of_events: np.random.SeedSequence

    def items_in(self, rows: range) -> list[ItemIn]:
        if self.fixture.items is not None:
            return self.fixture.items[rows.start : rows.stop]
        return wire.items_in(self.items, names=self.item_ids, rows=rows)

    def users_in(self, rows: range) -> list[UserIn]:
        if self.fixture.users is not None:
            return self.fixture.users[rows.start : rows.stop]
        return wire.users_in(self.people, names=self.user_ids, rows=rows)

    def events(self) -> Iterator[EventTable]:
        """Yield the events in blocks, the same each time."""
        if self.fixture.events is not None:
            yield event_table(self.fixture.events, at_us=self.span.at_us)
            return
        rng = np.random.default_rng(self.seed_of_events)
        with_meta = self.span.count <= MOST_EVENTS_WITH_META
        for block in make_events(
            rng, items=self.items, people=self.people, span=self.span
        ):
            metas = wire.metas(block.session, block.type) if with_meta else None
            yield EventTable(
                users=Ids.used(self.user_ids, block.user),
                items=Ids.used(self.item_ids, block.item),
                types=block.type,
                values=block.value,
                ts_us=block.ts_us,
                metas=None if metas is None else pa.array(metas),
            )

    @property
    def event_count(self) -> int:
        made_up = self.fixture.events is None
        return self.span.count if made_up else len(self.fixture.events or ())

    @property
    def segments(self) -> list[str]:
        """The segment of each user."""
        if self.fixture.users is not None:
            return [str((user.traits or {})["segment"]) for user in self.fixture.users]
        return [SEGMENTS[code].name for code in self.people.segment]


def make_shop(*, size: Size, seed: int, fixture: Fixture, at_us: int) -> Shop:
    """Return a shop. What the fixture holds is taken as it is, the rest is made up."""
    for_items, for_people, for_events = np.random.SeedSequence(seed).spawn(3)
    given_items, given_users = fixture.items, fixture.users
    items = make_items(
        np.random.default_rng(for_items),
        count=size.items if given_items is None else len(given_items),
        at_us=at_us,
    )
    people = make_people(
        np.random.default_rng(for_people),
        count=size.users if given_users is None else len(given_users),
        at_us=at_us,
    )
    if given_items is not None:
        items = _like(items, given_items)
    if given_users is not None:
        people = _in_segments(people, given_users)
    return Shop(
        item_ids=wire.ids("item", len(items))
        if given_items is None
        else [item.item_id for item in given_items],
        items=items,
        user_ids=wire.ids("user", len(people))
        if given_users is None
        else [user.user_id for user in given_users],
        people=people,
        fixture=fixture,
        span=Span(count=size.events, days=DAYS, at_us=at_us),
        seed_of_events=for_events,
    )


def _like(items: Items, given: Sequence[ItemIn]) -> Items:
    """Let made-up behaviour see the categories of the given items."""
    names = [item.category or "" for item in given]
    order = {name: code for code, name in enumerate(sorted(set(names)))}
    ours = {category.name: code for code, category in enumerate(CATEGORIES)}
    codes = [ours.get(name, order[name] % len(CATEGORIES)) for name in names]
    return dataclasses.replace(items, category=np.array(codes, dtype=np.int8))


def _in_segments(people: People, given: Sequence[UserIn]) -> People:
    ours = {segment.name: code for code, segment in enumerate(SEGMENTS)}
    codes = [
        ours.get(str((user.traits or {}).get("segment")), row % len(SEGMENTS))
        for row, user in enumerate(given)
    ]
    return dataclasses.replace(people, segment=np.array(codes, dtype=np.int8))
