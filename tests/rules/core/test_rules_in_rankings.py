from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranking.core.configuration import Configuration, Segment
from ranking.core.inputs import Inputs
from ranking.core.layers import Plan
from ranking.core.pipeline import rank
from ranking.core.reasons import reasons
from ranking.core.world import World
from rules.core.effects import rule_at
from tests.ranking.strategies import histories, requests, shops
from tests.ranking.worlds import NOON_US, make_history, make_snapshot
from tests.rules.core.reference_rules import reference_rules
from tests.rules.core.strategies import rulebooks
from tests.support.examples import examples

VIPS = (Segment(segment_id="VIP"),)


@st.composite
def questions(draw):
    shop = draw(shops())
    # Learned tastes are rounded to a grid, and where they lie between two points of
    # it both rankings are right. Rules have no part in that.
    shop = replace(shop, items=[replace(item, factors=None) for item in shop.items])
    request = msgspec.structs.replace(
        draw(requests(shop)),
        surface=draw(st.sampled_from((None, "home", "cart"))),
        context=draw(st.sampled_from(({}, {"device": "phone"}))),
    )
    events = draw(histories(shop))
    book = draw(rulebooks([item.item_id for item in shop.items]))
    most_pins = draw(st.sampled_from((24, 24, 2)))
    return shop, request, events, book, most_pins


def rank_with(shop, request, events, rules, *, most_pins=24, world=None):
    triples = ((event.item_id, event.type, event.days_ago) for event in events)
    environment = {"rules_max_pin_slots": most_pins}
    return rank(
        Inputs(
            request=request,
            world=world or World.of(make_snapshot(shop)),
            history=make_history(shop, *triples),
            plan=Plan.of(
                Configuration(
                    rules=tuple(rules), segments=VIPS, environment=environment
                )
            ),
            at_us=NOON_US,
            seed=1,
        )
    )


def in_one_word(reason):
    if reason in ("rule_block", "rule_filter"):
        return "hidden"
    ours = ("unknown_item", "pinned_by_other", "beyond_page", "no_slot_left")
    return reason if reason in ours else "ineligible"


def compare(question):
    shop, request, events, book, most_pins = question
    ranking = rank_with(shop, request, events, book, most_pins=most_pins)

    told = reference_rules(
        shop,
        request,
        events,
        ranking.knobs,
        rules=book,
        segment="VIP",
        at_us=NOON_US,
    )

    assert list(ranking.item_ids) == [item_id for item_id, _ in told.page]
    assert ranking.scores.tolist() == pytest.approx(
        [score for _, score in told.page], rel=1e-8
    )
    counts = ranking.counts
    assert counts["rule_block_count"] == told.blocked
    assert counts["rule_boost_count"] == told.boosted
    assert counts["rule_boost_injected"] == told.injected
    assert counts["rule_pin_count"] == len(told.pins)
    assert counts["rule_block_exposure"] == counts["constraint_leak_count"] == 0
    compare_pins(ranking, told)
    compare_reasons(ranking, told)


def compare_pins(ranking, told):
    if ranking.outcome.ruled is None:
        assert not told.pins
        return
    groups = ranking.outcome.ruled.groups
    ids = [ranking.pool.world.item_id(row) for row in ranking.pins.rows.tolist()]
    by_rule = [rule_at(groups, place).id for place in ranking.pins.rules.tolist()]
    slots = ranking.pins.slots.tolist()
    pinned = zip(ids, slots, by_rule, strict=True)
    assert {i: (slot, rule) for i, slot, rule in pinned} == told.pins
    assert [
        (rule_at(groups, left.rule).id, left.item_id, in_one_word(left.reason))
        for left in ranking.pins.unpinned
    ] == told.unpinned


def compare_reasons(ranking, told):
    for item_id, why in zip(ranking.item_ids, reasons(ranking), strict=True):
        by_rule = [reason for reason in why if reason.startswith("rule.")]
        names = [reason.partition("[")[2].rstrip("]") for reason in by_rule]
        expected = list(told.reasons.get(item_id, []))
        if item_id in told.pins:
            expected.append(told.pins[item_id][1])
        assert names == expected


class TestRank:
    @examples(100)
    @given(questions())
    def test_agrees_with_the_slow_and_obvious_rules(self, question):
        compare(question)

    @pytest.mark.prove
    @pytest.mark.timeout(3600)
    @settings(max_examples=10_000, deadline=None)
    @given(questions())
    def test_agrees_with_the_slow_and_obvious_rules_in_10000_worlds(self, question):
        compare(question)
