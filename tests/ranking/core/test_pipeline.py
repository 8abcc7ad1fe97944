from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranking.core.answer import answer_digest, reasons
from ranking.core.arrange_many import arrange_many
from ranking.core.configuration import Configuration
from ranking.core.inputs import Inputs
from ranking.core.knobs import Knobs
from ranking.core.layers import Plan
from ranking.core.pipeline import arrange, rank
from ranking.core.request import Constraints, Prefetched, Request
from ranking.core.world import World
from rules.core.types import NO_RULES
from tests.ranking.changes import changed_shops, overlaid
from tests.ranking.reference_pipeline import Event, reference_rank
from tests.ranking.strategies import histories, requests, shops
from tests.ranking.worlds import (
    NOON_US,
    Item,
    Shop,
    make_history,
    make_snapshot,
)
from tests.support.examples import examples

PLAN = Plan.of(Configuration())
some = examples(25)


@st.composite
def questions(draw, *, min_items=0):
    shop = draw(shops(min_items=min_items))
    return shop, draw(requests(shop)), draw(histories(shop))


def inputs_of(shop, request, events, *, world=None, seed=1, numbers_of=None):
    triples = ((event.item_id, event.type, event.days_ago) for event in events)
    return Inputs(
        request=request,
        world=world or World.of(make_snapshot(shop)),
        history=make_history(numbers_of or shop, *triples),
        plan=PLAN,
        at_us=NOON_US,
        seed=seed,
    )


def digest_of(shop, request, events, **how):
    return answer_digest(rank(inputs_of(shop, request, events, **how)))


def shop_of(n, **columns):
    return Shop(
        items=[
            Item(item_id=f"i{i:02}", popularity=n - i, number=i + 1, **columns)
            for i in range(n)
        ]
    )


class TestRank:
    @examples(50)
    @given(questions())
    def test_agrees_with_the_slow_and_obvious_ranking(self, question):
        shop, request, events = question
        ranking = rank(inputs_of(shop, request, events))

        expected = reference_rank(shop, request, events, ranking.knobs)

        assert list(ranking.item_ids) == [item_id for item_id, _ in expected]
        assert ranking.scores.tolist() == pytest.approx(
            [score for _, score in expected], rel=1e-8
        )

    @some
    @given(questions(), st.randoms())
    def test_does_not_depend_on_the_order_of_the_catalog(self, question, random):
        shop, request, events = question
        shuffled = list(shop.items)
        random.shuffle(shuffled)

        other = replace(shop, items=shuffled)

        assert digest_of(shop, request, events) == digest_of(other, request, events)

    @some
    @given(questions(min_items=1), st.integers(0, 5), st.integers(0, 2**64 - 1))
    def test_equal_inputs_give_an_equal_answer(self, question, slots, seed):
        shop, request, events = question
        request = replace_overrides(request, exploration_slots=slots)

        first = digest_of(shop, request, events, seed=seed)

        assert first == digest_of(shop, request, events, seed=seed)

    @some
    @given(questions(), st.integers(0, 4))
    def test_fills_the_page_without_repeats_and_with_reasons(self, question, slots):
        shop, request, events = question
        ranking = rank(
            inputs_of(shop, replace_overrides(request, exploration_slots=slots), events)
        )

        assert len(set(ranking.item_ids)) == len(ranking)
        assert all(len(told) >= 1 for told in reasons(ranking))
        if not ranking.knobs.caps_strict:
            assert len(ranking) == min(request.k, len(ranking.pool))
        assert (ranking.pool.eligibility.all(ranking.pool.items) == 0).all()

    def test_never_answers_an_unknown_user_with_an_empty_page(self):
        shop = Shop(items=[Item(item_id="only", popularity=0)])

        ranking = rank(inputs_of(shop, Request(user_id="stranger"), []))

        assert ranking.item_ids == ("only",)
        assert reasons(ranking) == (("fallback",),)

    def test_serves_an_empty_catalog(self):
        assert rank(inputs_of(Shop(items=[]), Request(), [])).item_ids == ()

    def test_shows_a_narrow_set_from_the_far_end_of_popularity(self):
        items = [Item(item_id=f"i{i:04}", popularity=9000 - i) for i in range(3000)]
        items += [Item(item_id=f"rare{i}", tags=["Rare"]) for i in range(3)]
        request = Request(constraints=Constraints(include_tags_any=("rare",)))

        ranking = rank(inputs_of(Shop(items=items), request, []))

        assert ranking.item_ids == ("rare0", "rare1", "rare2")
        assert ranking.counts["constraint_filtered_count"] == 1000
        assert ranking.counts["constraint_leak_count"] == 0

    def test_finds_the_few_items_of_a_narrow_price(self):
        items = [Item(item_id=f"i{i:05}", popularity=30_000 - i) for i in range(20_000)]
        items += [Item(item_id="dear", price=99.0), Item(item_id="gift", price=None)]
        request = Request(constraints=Constraints(price_min=50.0))

        ranking = rank(inputs_of(Shop(items=items), request, []))

        assert ranking.item_ids == ("dear",)

    def test_says_why_candidates_were_dropped(self):
        shop = Shop(
            items=[
                Item(item_id="gone", popularity=9, available=False),
                Item(item_id="sold", popularity=8, stock=0),
                Item(item_id="mine", popularity=7),
                Item(item_id="not", popularity=6),
                Item(item_id="fine", popularity=5),
            ]
        )
        request = Request(constraints=Constraints(exclude_item_ids=("not",)))

        ranking = rank(inputs_of(shop, request, [Event("mine", 3, 20)]))

        drops = ranking.pool.drops
        assert ranking.item_ids == ("fine",)
        assert {
            ranking.pool.world.item_id(int(row)): int(code)
            for row, code in zip(drops.rows, drops.codes, strict=True)
        } == {"gone": 1, "sold": 2, "not": 8, "mine": 9}
        assert ranking.counts["explicit_exclude_hits"] == 1
        assert ranking.counts["recent_event_exclude_hits"] == 1

    def test_keeps_what_was_only_viewed_eligible(self):
        ranking = rank(inputs_of(shop_of(3), Request(), [Event("i00", 0, 1)]))

        assert "i00" in ranking.item_ids

    def test_remembers_old_purchases_beyond_the_history(self):
        shop = replace(shop_of(3), bought={77: {"i00": NOON_US / 86_400e6 - 100}})
        history = make_history(shop, user_number=77)

        ranking = rank(replace(inputs_of(shop, Request(), []), history=history))

        assert "i00" not in ranking.item_ids

    def test_ranks_a_callers_items_by_the_callers_scores(self):
        sent = (Prefetched("i05", 3.0), Prefetched("nope", 9.0), Prefetched("i01", 1.0))

        ranking = rank(inputs_of(shop_of(9), Request(items=sent, k=9), []))

        assert ranking.item_ids == ("i05", "i01")
        assert ranking.scores.tolist() == pytest.approx([0.2, 0.2 / 3])

    def test_marks_the_places_given_to_chance(self):
        request = Request(k=4, overrides={"exploration_slots": 2})

        ranking = rank(inputs_of(shop_of(10), request, []))

        assert ranking.propensities.tolist() == [1.0, 1.0, 0.125, 0.125]
        assert [told[-1] == "exploration" for told in reasons(ranking)] == [
            False,
            False,
            True,
            True,
        ]


def replace_overrides(request, **more):
    fields = {name: getattr(request, name) for name in request.__struct_fields__}
    return Request(**fields | {"overrides": {**request.overrides, **more}})


class TestArrange:
    @some
    @given(questions(), st.integers(1, 4), st.integers(0, 3))
    def test_makes_of_a_wide_pool_what_a_narrow_one_gives(self, question, few, less):
        shop, request, events = question
        narrow = {"popularity_fanout": few, "covis_fanout": less}
        all_of_it = {"popularity_fanout": 99, "covis_fanout": 99}
        wide = rank(inputs_of(shop, replace_overrides(request, **all_of_it), events))
        expected = rank(inputs_of(shop, replace_overrides(request, **narrow), events))
        if "fallback" in expected.pool.sources:
            return  # filled up with items that no source brought

        again = arrange(
            wide.pool, expected.knobs, rules=NO_RULES, at_us=NOON_US, seed=1
        )

        assert again.item_ids == expected.item_ids

    @some
    @given(st.lists(questions(), max_size=4), st.booleans())
    def test_arranges_many_as_it_arranges_each(self, several, of_their_own):
        pools = [rank(inputs_of(*question)).pool for question in several]
        how = {"rules": NO_RULES, "at_us": NOON_US}
        knobs = [pool.resolved.knobs if of_their_own else Knobs() for pool in pools]
        seeds = list(range(len(pools)))

        many = arrange_many(pools, knobs, seeds=seeds, **how)

        alone = zip(pools, knobs, seeds, strict=True)
        assert [answer_digest(ranking) for ranking in many] == [
            answer_digest(arrange(pool, each, seed=seed, **how))
            for pool, each, seed in alone
        ]

    @some
    @given(st.data())
    def test_chooses_together_what_it_chooses_alone(self, data):
        shop = data.draw(shops())
        world = World.of(make_snapshot(shop))
        asked = st.tuples(requests(shop), histories(shop))
        pools = [
            rank(inputs_of(shop, request, events, world=world)).pool
            for request, events in data.draw(st.lists(asked, max_size=5))
        ]
        knobs = Knobs(mmr_lambda=0.3, mmr_pool=20)
        how = {"rules": NO_RULES, "at_us": NOON_US}

        many = arrange_many(pools, [knobs] * len(pools), seeds=[1] * len(pools), **how)

        for pool, ranking in zip(pools, many, strict=True):
            alone = arrange(pool, knobs, seed=1, **how)
            assert ranking.item_ids == alone.item_ids
            page, expected = ranking.choice.page, alone.choice.page
            assert page.nearest.tolist() == expected.nearest.tolist()
            assert answer_digest(ranking) == answer_digest(alone)


class TestOverlay:
    @examples(50)
    @given(st.data())
    def test_ranks_as_a_rebuilt_snapshot_would(self, data):
        before, after, changes = data.draw(changed_shops())
        request = data.draw(requests(after))
        events = data.draw(histories(after))
        half = data.draw(st.integers(0, len(changes)))
        world = overlaid(before, after, changes[:half], changes[half:])
        if world is None:
            return  # a build fixes the length of vectors

        through_overlay = rank(inputs_of(after, request, events, world=world))
        expected = rank(inputs_of(after, request, events))

        assert through_overlay.item_ids == expected.item_ids
        assert through_overlay.scores.tolist() == expected.scores.tolist()
        assert reasons(through_overlay) == reasons(expected)
