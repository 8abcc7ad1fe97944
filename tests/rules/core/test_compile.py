from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranking.core.columns import Blob
from ranking.core.configuration import Configuration, Segment
from ranking.core.inputs import Inputs
from ranking.core.layers import Plan
from ranking.core.pipeline import rank
from ranking.core.request import History, Request
from ranking.core.textsearch import find_texts
from ranking.core.world import World
from rules.core.compile import STRETCH_US, compile_rules
from rules.core.effects import rule_at, tally
from rules.core.gates import Asker, Holdout
from rules.core.rule import Action, Rule, Target, TargetType, Window, decode, encode
from tests.ranking.worlds import NOON_US, Item, Shop, make_snapshot

SECOND_US = 1_000_000
SHOP = Shop(
    items=[Item(item_id=f"i{n}", popularity=9 - n, tags=("t",)) for n in range(6)]
)
WORLD = World.of(make_snapshot(SHOP))
ASKER = Asker()


def at(minutes):
    """Return the wall time some minutes after noon."""
    return datetime(2026, 3, 2, 12) + timedelta(minutes=minutes)  # noqa: DTZ001


def block(item_id, **told):
    target = Target(type=TargetType.ITEM, values=(item_id,))
    return Rule(**{"id": f"block-{item_id}"} | told, action=Action.BLOCK, target=target)


def shown(*rules, at_us=NOON_US, segments=(), switches=None, environment=None, **asked):
    return ranked(
        *rules,
        at_us=at_us,
        segments=segments,
        switches=switches,
        environment=environment,
        **asked,
    ).item_ids


def ranked(*rules, at_us, segments=(), switches=None, environment=None, **asked):
    plan = Plan.of(
        Configuration(
            rules=rules,
            segments=segments,
            switches=switches or {},
            environment=environment or {},
        )
    )
    return rank(
        Inputs(
            request=Request(k=6, **asked),
            world=WORLD,
            history=History.anonymous(),
            plan=plan,
            at_us=NOON_US,
            rules_at_us=at_us,
            seed=1,
        )
    )


class TestScope:
    @pytest.mark.parametrize(
        ("surface", "asked", "acts"),
        [
            ("*", None, True),
            ("*", "home", True),
            ("home", "home", True),
            ("home", "Home", False),
            ("home", None, False),
            ("default", None, True),
            ("default", "home", False),
        ],
    )
    def test_of_surfaces(self, surface, asked, acts):
        assert ("i0" in shown(block("i0", surface=surface), surface=asked)) != acts

    def test_of_segments_in_any_case(self):
        vips = (Segment(segment_id="VIP"),)
        rules = (block("i0", segment="vip"), block("i1", segment="other"))

        assert shown(*rules, segments=vips) == ("i1", "i2", "i3", "i4", "i5")
        assert len(shown(*rules)) == 6

    def test_of_the_requests_context(self):
        rules = (
            block("i0", context={"eq": ["ctx.device", "phone"]}),
            block("i1", context={"gte": ["request.k", 6]}),
        )

        assert "i0" not in shown(*rules, context={"device": "phone"})
        assert shown(*rules)[0] == "i0"
        assert "i1" not in shown(*rules)

    def test_ends_with_the_switch_and_with_the_knob(self):
        assert len(shown(block("i0"), switches={"rules_enabled": False})) == 6
        assert len(shown(block("i0"), environment={"rules_enabled": False})) == 6
        assert len(shown(block("i0"), switches={"rules_enabled": True})) == 5


class TestEdges:
    @pytest.mark.parametrize("hours", [0, 3], ids=["soon", "in another stretch"])
    def test_take_effect_at_their_microsecond_without_a_reload(self, hours):
        start = datetime(2026, 3, 2, 12 + hours, 4, 5)  # noqa: DTZ001
        window = Window(start=start, end=start.replace(second=7))
        rules = (block("i0", windows=(window,)),)
        opens = NOON_US + hours * 3_600 * SECOND_US + 245 * SECOND_US

        seen = [
            "i0" in shown(*rules, at_us=at_us)
            for at_us in (opens - 1, opens, opens + 2 * SECOND_US - 1)
        ]

        assert seen == [True, False, False]
        assert "i0" in shown(*rules, at_us=opens + 2 * SECOND_US)

    @given(
        st.lists(
            st.tuples(st.integers(-40, 40), st.integers(1, 40)), min_size=1, max_size=6
        ),
        st.integers(-50, 50),
    )
    def test_do_not_depend_on_the_stretch_in_which_they_lie(self, spans, minute):
        """Rules are compiled for a quarter of an hour; asked at any minute."""
        rules = [
            block(
                f"i{n}",
                windows=(Window(start=at(start), end=at(start + lasts)),),
            )
            for n, (start, lasts) in enumerate(spans)
        ]
        book = compile_rules(rules)

        acting = set()
        at_us = NOON_US + minute * 60 * SECOND_US
        rule_set = book.at("home", at_us=at_us)
        if rule_set.groups is not None:
            passed, _ = rule_set.groups.gates.open(ASKER, at_us=at_us, clock_us=at_us)
            opened = passed.take(rule_set.groups.gate).take(rule_set.groups.group)
            acting = {
                rule_at(rule_set.groups, place).id
                for place in np.flatnonzero(opened).tolist()
            }

        assert acting == {
            f"block-i{n}"
            for n, (start, lasts) in enumerate(spans)
            if start <= minute < start + lasts
        }

    def test_far_away_cost_no_gate(self):
        far = Window(end=datetime(2030, 1, 1))  # noqa: DTZ001
        book = compile_rules([block("i0", windows=(far,)), block("i1")])

        groups = book.at("home", at_us=NOON_US).groups

        assert len(groups.gates) == 1
        assert len(groups.rules) == 2

    def test_that_lie_behind_leave_nothing_to_ask(self):
        over = Window(end=datetime(2026, 1, 1))  # noqa: DTZ001
        assert (
            len(compile_rules([block("i0", windows=(over,))]).at("x", at_us=NOON_US))
            == 0
        )


class TestHoldout:
    def test_keeps_a_rule_from_a_share_of_the_users_always_the_same(self):
        rules = (block("i0", holdout=0.3),)
        users = [f"user-{n}" for n in range(200)]

        held = [u for u in users if "i0" in shown(*rules, user_id=u)]

        assert 35 <= len(held) <= 85
        assert held == [u for u in users if Holdout("block-i0", 0.3).holds_out(u)]
        assert "i0" not in shown(*rules)

    def test_tells_what_the_rule_would_have_met(self):
        rules = (block("i0", holdout=0.999), block("i1", holdout=0.999))
        ranking = ranked(*rules, at_us=NOON_US, user_id="user-1")
        ruled = ranking.outcome.ruled

        told = tally(ruled, ranking.pins, ranking.places)

        assert told.held.tolist() == [True, True]
        assert told.matched.tolist() == [1, 1]
        assert told.shown.tolist() == [0, 0]
        assert len(ranking) == 6


class TestReading:
    def test_leaves_out_and_names_what_cannot_be_read(self):
        zone = Window(start=datetime(2026, 1, 1), zone="Mars/Olympus")  # noqa: DTZ001
        recurring = Window(
            start=datetime(2026, 1, 1),  # noqa: DTZ001
            end=datetime(2026, 1, 2),  # noqa: DTZ001
            recurrence="FREQ=NEVER",
        )
        condition = Target(type=TargetType.CONDITION, condition={"like": ["price", 1]})
        bad = (
            block("i1", id="zone", windows=(zone,)),
            block("i2", id="recurrence", windows=(recurring,)),
            block("i3", id="context", context={"like": []}),
            Rule(id="condition", action=Action.BLOCK, target=condition),
            Rule(
                id="value",
                action=Action.BOOST,
                target=Target(type=TargetType.TAG, values=("t",)),
                value=-2.0,
            ),
        )

        book = compile_rules([*bad, block("i0")])

        assert {rule_id for rule_id, _ in book.reading.unreadable} == {
            rule.id for rule in bad
        }
        assert shown(*bad, block("i0")) == ("i1", "i2", "i3", "i4", "i5")

    def test_does_not_depend_on_the_order_in_which_rules_come(self):
        rules = [block(f"i{n}", priority=n % 2, created_us=n % 3) for n in range(5)]

        there, back = compile_rules(rules), compile_rules(reversed(rules))

        assert there.reading.rules == back.reading.rules
        assert [rule.id for rule in there.reading.rules] == [
            "block-i3",
            "block-i1",
            "block-i0",
            "block-i4",
            "block-i2",
        ]

    def test_is_asked_again_for_the_same_surface_and_stretch_at_no_cost(self):
        book = compile_rules([block("i0", surface="home"), block("i1")])
        start = NOON_US // STRETCH_US * STRETCH_US

        first = book.at("home", at_us=start)

        assert book.at("home", at_us=start + STRETCH_US - 1).groups is first.groups
        assert book.at("a", at_us=start).groups is book.at("b", at_us=start).groups
        assert len(book.at("home", at_us=start)) == 2
        assert len(book.at("elsewhere", at_us=start)) == 1


class TestDocument:
    def test_says_only_what_is_not_usual(self):
        assert encode(block("i0")) == (
            b'{"id":"block-i0","action":"BLOCK",'
            b'"target":{"type":"ITEM","values":["i0"]}}'
        )

    def test_reads_what_it_wrote(self):
        rule = block(
            "i0",
            windows=(Window(start=datetime(2026, 1, 1, 9), zone="Europe/Berlin"),),  # noqa: DTZ001
            context={"eq": ["ctx.a", 1]},
            segment="vip",
            holdout=0.1,
        )

        assert decode(encode(rule)) == rule

    def test_refuses_a_moment_with_a_zone_of_its_own(self):
        with pytest.raises(msgspec.ValidationError, match="timezone"):
            decode(
                b'{"id":"a","action":"BLOCK","target":{"type":"ITEM"},'
                b'"windows":[{"start":"2026-01-01T00:00:00Z"}]}'
            )


class TestFindTexts:
    @given(
        st.sets(st.text(min_size=0, max_size=6).map(str.encode), max_size=40),
        st.lists(st.text(max_size=7).map(str.encode), max_size=20),
    )
    def test_finds_what_a_dictionary_finds(self, texts, asked):
        texts = {text for text in texts if b"\0" not in text}
        asked = [key for key in [*asked, *texts] if b"\0" not in key]
        ordered = sorted(texts)

        found = find_texts(Blob.pack(ordered), asked)

        expected = {text: place for place, text in enumerate(ordered)}
        assert found.tolist() == [expected.get(key, -1) for key in asked]
