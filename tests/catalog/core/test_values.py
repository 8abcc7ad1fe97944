"""Ids, pages and the feed: what goes in comes out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.core import feed
from catalog.core.faults import BadInputError
from catalog.core.pages import Page, next_cursor, read_cursor
from catalog.core.text import are_ids, is_id

MOMENTS = st.integers(0, 2**42).map(
    lambda thousandths: datetime.fromtimestamp(thousandths / 1000, UTC)
)
STATES = st.builds(
    feed.ItemState,
    number=st.integers(1, 2**62),
    stock=st.none() | st.integers(0, 2**31 - 1),
    created_us=st.integers(0, 2**53),
    description=st.none(),
    margin=st.none(),
    novelty=st.none(),
    item_id=st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    vector=st.none() | st.binary(max_size=64),
    price=st.none() | st.floats(0, 1e12),
)


@given(st.lists(st.text(max_size=300), max_size=5))
def test_many_ids_are_valid_when_each_is(texts: list[str]) -> None:
    assert are_ids(texts) == all(map(is_id, texts))


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_an_id_is_at_most_256_bytes(text: str) -> None:
    assert is_id(text) == (len(text.encode()) <= 256)


@given(st.lists(STATES, max_size=5))
def test_states_come_out_of_the_feed_as_they_went_in(
    states: list[feed.ItemState],
) -> None:
    assert feed.decode(feed.encode(states)) == states


@given(MOMENTS, st.integers(1, 2**62), st.integers(1, 1_000))
def test_a_cursor_is_read_as_it_was_written(
    moment: datetime, number: int, count: int
) -> None:
    page = Page(kind="items", offset=7)
    cursor = read_cursor(
        next_cursor(page, moment=moment, number=number, count=count), kind="items"
    )

    assert (cursor.moment, cursor.number, cursor.position) == (
        moment,
        number,
        7 + count,
    )


@given(st.text(max_size=60))
def test_any_other_text_is_no_cursor(text: str) -> None:
    with pytest.raises(BadInputError):
        read_cursor(text, kind="items")
