from __future__ import annotations

import pytest

from ranking.core.configuration import Segment, SegmentRule
from ranking.core.request import History, Request
from ranking.core.segments import choose_segment, compile_segments, facts_of
from rules.core.conditions import RuleError, compile_rule

NOON_US = 1_772_452_800_000_000  # 2026-03-02T12:00:00Z
FACTS = {
    "user": {
        "id": "u1",
        "traits": {
            "orders": 3,
            "name": "Ana",
            "tags": ["Red", 7],
            "joined": "2026-02-20T12:00:00Z",
            "empty": None,
            "flag": True,
        },
    },
    "ctx": {"surface": "HOME"},
    "request": {"k": 20, "blend": {"pop": 0.5}},
}


class TestCompileRule:
    @pytest.mark.parametrize(
        ("rule", "holds"),
        [
            (
                {
                    "all": [
                        {"gte": ["user.traits.orders", 3]},
                        {"in": ["ctx.surface", ["home", "pdp"]]},
                    ]
                },
                True,
            ),
            ({"any": [{"eq": ["user.id", "x"]}, {"eq": ["request.k", 20]}]}, True),
            ({"any": []}, False),
            ({"all": []}, True),
            ({"not": {"eq": ["user.id", "u1"]}}, False),
            ({"eq": ["user.traits.name", "ana"]}, False),
            ({"eq": ["user.traits.flag", 1]}, False),
            ({"eq": ["request.k", 20.0]}, True),
            ({"neq": ["user.traits.nothing", 1]}, True),
            ({"neq": ["user.traits.orders", 3]}, False),
            ({"gt": ["user.traits.orders", 3]}, False),
            ({"lt": ["user.traits.orders", 4]}, True),
            ({"lte": ["user.traits.orders", 3]}, True),
            ({"lt": ["user.traits.name", 4]}, False),
            ({"gt": ["request.blend.pop", 0.4]}, True),
            ({"contains": ["user.traits.name", "AN"]}, True),
            ({"contains": ["user.traits.tags", "red"]}, True),
            ({"contains": ["user.traits.tags", "re"]}, False),
            ({"contains": ["user.traits.orders", 3]}, False),
            ({"exists": "user.traits.orders"}, True),
            ({"exists": "user.traits.empty"}, False),
            ({"exists": "user.traits.orders.more"}, False),
            ({"gte_days_since": ["user.traits.joined", 10]}, True),
            ({"gte_days_since": ["user.traits.joined", 10.01]}, False),
            ({"gte_days_since": ["user.traits.name", 1]}, False),
        ],
    )
    def test_holds_as_the_language_says(self, rule, holds):
        assert compile_rule(rule)(FACTS, NOON_US) is holds

    @pytest.mark.parametrize(
        ("rule", "place"),
        [
            ([], "$"),
            ({"eq": ["a", 1], "gt": ["a", 1]}, "$"),
            ({"like": ["a", 1]}, "$"),
            ({"eq": ["a"]}, "$.eq"),
            ({"eq": ["a..b", 1]}, "$.eq[0]"),
            ({"in": ["a", "b"]}, "$.in[1]"),
            ({"gte_days_since": ["a", "soon"]}, "$.gte_days_since[1]"),
            ({"any": {"eq": ["a", 1]}}, "$.any"),
            ({"any": [{"not": {"exists": 3}}]}, "$.any[0].not.exists"),
        ],
    )
    def test_names_the_place_of_a_fault(self, rule, place):
        with pytest.raises(RuleError) as caught:
            compile_rule(rule)

        assert caught.value.place == place

    def test_refuses_to_nest_without_end(self):
        rule = {"exists": "a"}
        for _ in range(40):
            rule = {"not": rule}

        with pytest.raises(RuleError, match="nested deeper"):
            compile_rule(rule)


def segment(segment_id, *, priority=0, **rules):
    return Segment(
        segment_id=segment_id,
        priority=priority,
        profile_id=f"{segment_id}-profile",
        rules=tuple(SegmentRule(rule_id=name, rule=r) for name, r in rules.items()),
    )


def chosen(*segments, facts=FACTS):
    return choose_segment(compile_segments(segments), facts=facts, at_us=NOON_US)


NEVER = {"eq": ["user.id", "nobody"]}
ALWAYS = {"exists": "user.id"}


class TestChooseSegment:
    def test_takes_the_highest_priority_then_the_first_id(self):
        a, b = segment("a", priority=1), segment("b", priority=2)

        assert chosen(a, b).segment_id == "b"
        assert chosen(segment("d"), segment("c")).segment_id == "c"

    def test_needs_any_of_its_rules(self):
        match = chosen(segment("vip", r1=NEVER, r2=ALWAYS))

        assert (match.segment_id, match.rule_id) == ("vip", "r2")
        assert match.profile_id == "vip-profile"

    def test_falls_back_on_the_users_own_word_then_on_default(self):
        hinted = {"user": {"traits": {"segment": "power_users"}}}
        segments = segment("vip", r=NEVER), segment("default", r=NEVER)

        assert chosen(*segments).segment_id == "default"
        match = chosen(*segments, facts=hinted)
        assert (match.segment_id, match.is_hint) == ("power_users", True)
        assert match.profile_id is None

    def test_knows_nobody_without_segments(self):
        assert chosen().segment_id is None


def test_facts_hold_the_surface_wherever_it_was_sent():
    facts = facts_of(Request(surface="home", user_id="u"), History.anonymous())

    assert facts["ctx"] == {"surface": "home"}
    assert facts["user"]["id"] == "u"
