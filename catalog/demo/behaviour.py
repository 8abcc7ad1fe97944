"""Let the users shop: sessions of visits, each visit a walk down the funnel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .calendar import Calendar
from .choice import Shop, Visits
from .columns import Codes, Events, Flags, Items, Longs, People
from .segments import SEGMENTS

VIEW, CLICK, ADD, PURCHASE = range(4)
# The chance that a visit goes one step further: view, click, add, purchase.
STEP = 0.56
MEAN_SESSION_LENGTH = 7.0
SECONDS_BETWEEN_EVENTS = 75.0
# Sessions are simulated block by block; what one bought the next may buy again.
LARGEST_BLOCK = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """How many events, over how many days, up to which moment."""

    count: int
    days: int
    at_us: int


def make_events(
    rng: np.random.Generator, *, items: Items, people: People, span: Span
) -> Iterator[Events]:
    """Yield exactly `span.count` events in blocks, in order of time but for minutes.

    Memory depends on the number of items and users, not on that of events.
    """
    calendar = Calendar.over(days=span.days, at_us=span.at_us)
    shop = Shop(items, people)
    crowd = _Crowd(people, opens_us=calendar.opens_us)
    done = sessions = 0
    block = min(LARGEST_BLOCK, max(2_000, span.count // 40))
    while done < span.count:
        size = min(block, span.count - done)
        within = (done / span.count, (done + size) / span.count)
        outline = _outline(rng, size=size)
        starts = calendar.moments(rng, count=outline.sessions, within=within)
        events = _shop(rng, outline, starts=starts, crowd=crowd, shop=shop)
        yield _in_order(events, first_session=sessions, until_us=span.at_us)
        done, sessions = done + size, sessions + outline.sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outline:
    """Which event belongs to which session, before anybody knows whose."""

    session: Longs
    first: Flags
    sessions: int


def _outline(rng: np.random.Generator, *, size: int) -> _Outline:
    lengths = 1 + rng.geometric(1 / (MEAN_SESSION_LENGTH - 1), size=size)
    session = np.repeat(np.arange(size), lengths)[:size]
    first = np.diff(session, prepend=-1) > 0
    return _Outline(session=session, first=first, sessions=int(session[-1]) + 1)


class _Crowd:
    """Draws who comes: the active more often, nobody before joining."""

    def __init__(self, people: People, *, opens_us: int) -> None:
        self.people = people
        self._all = np.cumsum(people.activity)
        early = np.where(people.joined_us <= opens_us, people.activity, 0.0)
        # A shop of newcomers only lets all of them in early.
        self._early = np.cumsum(early if early.any() else people.activity)

    def draw(self, rng: np.random.Generator, *, starts_us: Longs) -> Longs:
        count = len(starts_us)
        anyone = np.searchsorted(self._all, rng.random(count) * self._all[-1])
        regular = np.searchsorted(self._early, rng.random(count) * self._early[-1])
        known = self.people.joined_us[anyone] <= starts_us
        return np.asarray(np.where(known, anyone, regular), dtype=np.int64)


def _shop(
    rng: np.random.Generator,
    outline: _Outline,
    *,
    starts: Longs,
    crowd: _Crowd,
    shop: Shop,
) -> Events:
    users = crowd.draw(rng, starts_us=starts)
    begins, types = _funnel(rng, outline, users=users, people=crowd.people)
    visit = np.cumsum(begins) - 1
    opening = outline.session[begins]
    visits = Visits(
        session=opening,
        user=users[opening],
        ts_us=starts[opening],
        depth=np.maximum.reduceat(types, np.flatnonzero(begins)),
    )
    seconds = rng.exponential(SECONDS_BETWEEN_EVENTS, size=len(types)) + 3
    passed = np.cumsum(np.where(outline.first, 0.0, seconds))
    since_start = passed - passed[outline.first][outline.session]
    quantity = rng.integers(1, 4, size=len(types))
    return Events(
        user=users[outline.session],
        item=shop.choose(rng, visits)[visit],
        type=types,
        value=np.where(types == ADD, quantity, 1).astype(np.float64),
        ts_us=starts[outline.session] + (since_start * 1e6).astype(np.int64),
        session=outline.session,
    )


def _funnel(
    rng: np.random.Generator, outline: _Outline, *, users: Longs, people: People
) -> tuple[Flags, Codes]:
    """Return where visits begin, and each event's type."""
    buying = np.array([segment.buying for segment in SEGMENTS])
    step = STEP * (0.75 + 0.25 * buying[people.segment[users]])[outline.session]
    begins = outline.first | (rng.random(len(step)) >= step)
    place = np.arange(len(begins))
    types = place - np.maximum.accumulate(np.where(begins, place, 0))
    # After the purchase the next event is a visit of something else.
    types = types % (PURCHASE + 1)
    return types == VIEW, types.astype(np.int8)


def _in_order(events: Events, *, first_session: int, until_us: int) -> Events:
    # The last sessions would end in the future: their end is cut to the last second.
    ts_us = np.minimum(events.ts_us, until_us - 1_000_000)
    order = np.argsort(ts_us, kind="stable")
    return Events(
        user=events.user[order],
        item=events.item[order],
        type=events.type[order],
        value=events.value[order],
        ts_us=ts_us[order],
        session=events.session[order] + first_session,
    )
