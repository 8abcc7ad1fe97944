"""A user who has bought all that there is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranking.core.configuration import Configuration
from ranking.core.eligibility import make_eligibility
from ranking.core.inputs import Inputs
from ranking.core.last_resort import Gathered, last_resort
from ranking.core.layers import Plan
from ranking.core.meet import meet
from ranking.core.pool import merge
from ranking.core.request import Constraints, History, Prefetched, Request
from ranking.core.sources import popular
from ranking.core.sources.draw import Case
from ranking.core.sources.prefetched import prefetched
from tests.ranking.worlds import NOON_US, Item, make_world

WORLD = make_world(
    Item(item_id="tea", popularity=3, tags=["warm"]),
    Item(item_id="coffee", popularity=2),
    Item(item_id="cake", popularity=0),
    Item(item_id="sold-out", popularity=9, stock=0),
)
EVERYTHING = ("tea", "coffee", "cake", "sold-out")


def gathered(request=Request(), *, bought=EVERYTHING) -> Gathered:  # noqa: B008
    rows = np.sort(WORLD.rows_of_ids(tuple(bought)))
    eligibility = make_eligibility(WORLD, constraints=request.constraints, bought=rows)
    shopper, resolved = meet(
        Inputs(
            request=request,
            world=WORLD,
            history=History.anonymous(),
            plan=Plan.of(Configuration()),
            at_us=NOON_US,
            seed=1,
        )
    )
    case = Case(
        world=WORLD, eligibility=eligibility, shopper=shopper, knobs=resolved.knobs
    )
    if request.items is None:
        draws = [popular.popular(case)]
    else:
        draws = [prefetched(case, request.items)]
    merged = merge(draws, world=WORLD, exclusion=eligibility.exclusion)
    return Gathered(case, draws, merged)


def ids_of(found: Gathered) -> set[str]:
    return {WORLD.item_id(row) for row in found.merged.rows.tolist()}


def test_shows_again_what_was_bought_and_is_to_be_had():
    found = last_resort(gathered(), request=Request())

    assert ids_of(found) == {"tea", "coffee", "cake"}
    assert len(found.case.eligibility.bought) == 0
    assert len(found.case.eligibility.shown_again) == len(EVERYTHING)


def test_leaves_a_page_alone_that_has_anything_on_it():
    before = gathered(bought=["tea"])

    assert last_resort(before, request=Request()) is before


def test_leaves_a_user_alone_who_bought_nothing():
    nothing_stands = Request(constraints=Constraints(price_min=1000))
    before = gathered(nothing_stands, bought=[])

    assert last_resort(before, request=nothing_stands) is before


@pytest.mark.parametrize(
    ("constraints", "left"),
    [
        (Constraints(exclude_item_ids=("tea",)), {"coffee", "cake"}),
        (Constraints(include_tags_any=("warm",)), {"tea"}),
        (Constraints(price_min=1000), set()),
    ],
)
def test_keeps_to_what_the_request_excludes_and_demands(constraints, left):
    request = Request(constraints=constraints)

    found = last_resort(gathered(request), request=request)

    assert ids_of(found) == left


def test_gives_a_rerank_its_own_items_and_no_others():
    request = Request(items=(Prefetched("coffee"), Prefetched("sold-out")))

    found = last_resort(gathered(request), request=request)

    assert ids_of(found) == {"coffee"}


@given(st.sets(st.sampled_from(EVERYTHING)), st.integers(1, 5))
def test_is_never_empty_where_anything_is_available(bought, k):
    request = Request(k=k)
    found = last_resort(gathered(request, bought=sorted(bought)), request=request)

    assert len(found.merged.rows) or {"tea", "coffee", "cake"} - bought
    assert (found.case.eligibility.all(WORLD.select(found.merged.rows)) == 0).all()
