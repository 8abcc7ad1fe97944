from __future__ import annotations

import numpy as np
import pytest

from catalog.demo import wire
from catalog.demo.behaviour import PURCHASE, Span, make_events
from catalog.demo.columns import DAY_US, Events
from catalog.demo.items import make_items
from catalog.demo.people import make_people
from catalog.demo.segments import SEGMENTS, category_mixes

AT_US = 1_763_716_000_000_000
DAYS = 90


def make(*, items=320, users=600, events=40_000, seed=7):
    """Return items, people and all events of a shop, joined."""
    for_items, for_people, for_events = np.random.default_rng(seed).spawn(3)
    goods = make_items(for_items, count=items, at_us=AT_US)
    people = make_people(for_people, count=users, at_us=AT_US)
    span = Span(count=events, days=DAYS, at_us=AT_US)
    blocks = list(make_events(for_events, items=goods, people=people, span=span))
    columns = {
        name: np.concatenate([getattr(block, name) for block in blocks])
        for name in Events.__slots__
    }
    return goods, people, Events(**columns)


@pytest.fixture(scope="module")
def shop():
    return make()


def test_the_same_seed_gives_the_same_shop(shop):
    again = make()

    for one, other in zip(shop, again, strict=True):
        for name in type(one).__slots__:
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_another_seed_gives_another_shop(shop):
    assert not np.array_equal(make(seed=8)[2].item, shop[2].item)


@pytest.mark.parametrize(
    ("items", "users", "events"), [(1, 1, 1), (10, 3, 25), (50, 2_000, 7_001)]
)
def test_any_size_has_exactly_the_events_asked_for(items, users, events):
    goods, people, found = make(items=items, users=users, events=events)

    assert len(found) == events
    assert set(found.item) <= set(range(len(goods)))
    assert set(found.user) <= set(range(len(people)))


def test_a_few_items_get_most_of_the_attention(shop):
    goods, _, events = shop
    counts = np.sort(np.bincount(events.item, minlength=len(goods)))[::-1]

    assert counts[:32].sum() > 0.3 * len(events)
    assert counts[0] > 10 * np.median(counts)


def test_events_end_now_and_fill_the_window(shop):
    events = shop[2]

    assert AT_US - 3_600_000_000 < events.ts_us.max() < AT_US
    assert AT_US - DAYS * DAY_US <= events.ts_us.min() < AT_US - (DAYS - 2) * DAY_US


def test_nothing_is_seen_before_it_came_or_after_it_sold_out(shop):
    goods, _, events = shop

    assert np.all(goods.created_us[events.item] <= events.ts_us)
    assert np.all(events.ts_us < goods.gone_us[events.item])
    assert 0 < np.mean(goods.stock == 0) < 0.12


def test_nobody_acts_long_before_joining(shop):
    _, people, events = shop

    assert np.all(people.joined_us[events.user] <= events.ts_us)


@pytest.mark.parametrize("taste", ["shelf", "brand", "style"])
def test_what_people_buy_betrays_their_taste(shop, taste):
    goods, people, events = shop
    bought = events.type == PURCHASE
    users, items = events.user[bought], events.item[bought]
    category = goods.category[items]
    loved = {
        "shelf": people.favourite_shelf[users, category],
        "brand": people.favourite_brand[users, category],
        "style": people.style[users],
    }[taste]

    by_chance = np.mean(getattr(goods, taste)[items] == np.roll(loved, 1))
    assert np.mean(getattr(goods, taste)[items] == loved) > 1.4 * by_chance


def test_segments_shop_where_their_mix_says(shop):
    goods, people, events = shop
    for code in range(len(SEGMENTS)):
        theirs = people.segment[events.user] == code
        visited = np.bincount(goods.category[events.item[theirs]], minlength=8)
        shares = visited / visited.sum()

        np.testing.assert_allclose(shares, category_mixes()[code], atol=0.15)
        assert np.all(shares[category_mixes()[code] == 0] == 0)


def test_sessions_are_minutes_of_one_person(shop):
    events = shop[2]
    order = np.lexsort((events.ts_us, events.session))
    session, user, ts_us = (
        events.session[order],
        events.user[order],
        events.ts_us[order],
    )
    same = session[1:] == session[:-1]

    assert np.all(user[1:][same] == user[:-1][same])
    assert np.median(np.diff(ts_us)[same]) < 5 * 60 * 1e6
    assert len(np.unique(session)) < len(events) / 4


def test_the_funnel_narrows(shop):
    views, clicks, adds, purchases = np.bincount(shop[2].type, minlength=4)

    assert views > clicks > adds > purchases > 0.03 * len(shop[2])


def test_some_things_are_bought_again(shop):
    goods, _, events = shop
    gourmet = goods.category[events.item] == 6
    bought = (events.type == PURCHASE) & gourmet
    pairs = list(zip(events.user[bought], events.item[bought], strict=True))

    assert len(set(pairs)) < 0.9 * len(pairs)


def test_titles_read_like_a_shop_s_and_differ(shop):
    goods = shop[0]
    sent = wire.items_in(goods, names=wire.ids("item", 320), rows=range(320))

    assert sent[0].item_id == "item_0001"
    assert len({item.title for item in sent}) == 320
    assert all("," in (item.title or "") for item in sent)
    high = [item for item in sent if "high_margin" in (item.tags or [])]
    assert high
    assert all((item.props or {})["margin"] > 0.45 for item in high)
    assert any("new_arrival" in (item.tags or []) for item in sent)
    assert all(item.stock or "backorder" in (item.tags or []) for item in sent)


def test_users_take_turns_in_the_segments(shop):
    sent = wire.users_in(shop[1], names=wire.ids("user", 600), rows=range(5))

    assert [(user.traits or {})["segment"] for user in sent] == [
        "power_users",
        "new_users",
        "niche_readers",
        "trend_seekers",
        "weekend_adventurers",
    ]
