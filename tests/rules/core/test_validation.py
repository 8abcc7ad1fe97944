from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from rules.core.compile import compile_rules
from rules.core.rule import Action, Kind, Rule, Target, TargetType, Window
from rules.core.validation import RuleFaultsError, check, faults_of
from tests.rules.core.strategies import rulebooks

UUID = "0197a3c0-0000-7000-8000-00000000000a"
TAG = Target(type=TargetType.TAG, values=("sale",))
ITEMS = Target(type=TargetType.ITEM, values=("a", "b"))


def wall(*moment):
    return datetime(*moment)  # noqa: DTZ001 (what a clock on a wall shows)


def rule(action=Action.BLOCK, target=TAG, **told):
    return Rule(id=UUID, action=action, target=target, **told)


def condition(of):
    return Target(type=TargetType.CONDITION, condition=of)


FINE = {
    "block": rule(),
    "filter": rule(Action.FILTER),
    "boost": rule(Action.BOOST, value=0.5),
    "negative boost": rule(Action.BOOST, value=-0.99),
    "bury": rule(Action.BURY, value=1.0),
    "pins at places": rule(Action.PIN, ITEMS, positions=(3, None), max_pins=1),
    "pins of a tag": rule(Action.PIN, positions=(1, 5, 9), even_if_unavailable=True),
    "an unknown item": rule(target=Target(type=TargetType.ITEM, values=("nope",))),
    "a path": rule(target=Target(type=TargetType.CATEGORY, values=("A > B",))),
    "a condition": rule(target=condition({"lt": ["price", 5]})),
    "context": rule(context={"in": ["ctx.device", ["phone"]]}),
    "windows": rule(
        windows=(
            Window(start=wall(2026, 1, 1), zone="Europe/Berlin"),
            Window(
                start=wall(2026, 3, 6, 9),
                end=wall(2026, 3, 6, 17),
                recurrence="FREQ=WEEKLY;BYDAY=FR",
            ),
        )
    ),
    "holdout": rule(holdout=0.1, segment="vip", surface="home", priority=-5),
    "an override": rule(kind=Kind.OVERRIDE, override_id=UUID),
}

WRONG = {
    "an id that is none": (replace(rule(), id="7"), "id", "UUID"),
    "boost without value": (rule(Action.BOOST), "value", "is required by BOOST"),
    "boost of 0": (rule(Action.BOOST, value=0.0), "value", "must not be 0"),
    "boost of NaN": (rule(Action.BOOST, value=float("nan")), "value", "finite"),
    "boost of ∞": (rule(Action.BOOST, value=float("inf")), "value", "finite"),
    "boost of -1": (rule(Action.BOOST, value=-1.0), "value", "above -1"),
    "bury of 2": (rule(Action.BURY, value=2.0), "value", "at most 1"),
    "bury below 0": (rule(Action.BURY, value=-0.5), "value", "above 0"),
    "block with value": (rule(value=1.0), "value", "not taken by BLOCK"),
    "no target": (rule(target=replace(TAG, values=())), "target.values", "must name"),
    "a tag twice": (
        rule(target=replace(TAG, values=("Sale", "sale "))),
        "target.values[1]",
        "named twice",
    ),
    "an empty tag": (
        rule(target=replace(TAG, values=("  ",))),
        "target.values[0]",
        "1 to 256 characters",
    ),
    "a control character": (
        rule(target=replace(TAG, values=("a\x00",))),
        "target.values[0]",
        "control characters",
    ),
    "an empty step": (
        rule(target=Target(type=TargetType.CATEGORY, values=("A > > B",))),
        "target.values[0]",
        "empty step",
    ),
    "a condition on tags": (
        rule(target=replace(TAG, condition={"lt": ["price", 1]})),
        "target.condition",
        "not taken by a target TAG",
    ),
    "no condition": (
        rule(target=Target(type=TargetType.CONDITION)),
        "target.condition",
        "is required",
    ),
    "an unknown field": (
        rule(target=condition({"all": [{"lt": ["prize", 5]}]})),
        "target.condition.all[0].lt[0]",
        "unknown field 'prize'",
    ),
    "a text for a number": (
        rule(target=condition({"lt": ["price", "5"]})),
        "target.condition.lt[1]",
        "takes a number",
    ),
    "a condition that asks nothing": (
        rule(target=condition({"all": []})),
        "target.condition",
        "asks for nothing",
    ),
    "context on the user": (
        rule(context={"eq": ["user.traits.vip", 1]}),
        "context",
        "a segment asks about the user",
    ),
    "an unknown operator": (
        rule(context={"any": [{"like": ["ctx.a", 1]}]}),
        "context.any[0]",
        "unknown operator",
    ),
    "positions without pins": (rule(positions=(1,)), "positions", "by a PIN only"),
    "too many positions": (
        rule(Action.PIN, ITEMS, positions=(1, 2, 3)),
        "positions",
        "at most 2",
    ),
    "a position twice": (
        rule(Action.PIN, ITEMS, positions=(4, 4)),
        "positions[1]",
        "named twice",
    ),
    "a position beyond all pages": (
        rule(Action.PIN, ITEMS, positions=(201,)),
        "positions[0]",
        "from 1 to 200",
    ),
    "no pins at all": (rule(Action.PIN, max_pins=0), "max_pins", "from 1"),
    "an unknown zone": (
        rule(windows=(Window(start=wall(2026, 1, 1), zone="Berlin"),)),
        "windows[0].zone",
        "'Berlin' is none",
    ),
    "a window upside down": (
        rule(windows=(Window(start=wall(2026, 1, 2), end=wall(2026, 1, 1)),)),
        "windows[0].end",
        "must be after the start",
    ),
    "a window that a clock change swallows": (
        rule(
            windows=(
                Window(
                    start=wall(2026, 3, 29, 2, 30),
                    end=wall(2026, 3, 29, 3, 15),
                    zone="Europe/Berlin",
                ),
            )
        ),
        "windows[0].end",
        "clocks in Europe/Berlin change in between",
    ),
    "a window without bounds": (rule(windows=(Window(),)), "windows[0].start", "or an"),
    "a recurrence without an end": (
        rule(windows=(Window(start=wall(2026, 1, 1), recurrence="FREQ=DAILY"),)),
        "windows[0].recurrence",
        "needs a start and an end",
    ),
    "a recurrence off its start": (
        rule(
            windows=(
                Window(
                    start=wall(2026, 3, 5),
                    end=wall(2026, 3, 6),
                    recurrence="FREQ=WEEKLY;BYDAY=FR",
                ),
            )
        ),
        "windows[0].recurrence",
        "never falls on Thursday 5 March 2026",
    ),
    "everybody held out": (rule(holdout=1.0), "holdout", "but not, 1"),
    "an override of nothing": (rule(kind=Kind.OVERRIDE), "override_id", "UUID"),
}


class TestFaults:
    @pytest.mark.parametrize("fine", FINE.values(), ids=FINE)
    def test_are_none_in(self, fine):
        assert faults_of(fine) == ()

    @pytest.mark.parametrize(("wrong", "field", "message"), WRONG.values(), ids=WRONG)
    def test_name_the_field_of(self, wrong, field, message):
        faults = faults_of(wrong)

        assert [fault.field for fault in faults] == [field]
        assert message in faults[0].message

    def test_are_told_all_at_once(self):
        broken = rule(Action.BOOST, value=0.0, holdout=2.0, positions=(1,))

        with pytest.raises(RuleFaultsError) as error:
            check(broken)

        assert [fault.field for fault in error.value.faults] == [
            "holdout",
            "value",
            "positions",
        ]

    @settings(deadline=None)
    @given(rulebooks(["a", "b"]))
    def test_of_what_they_pass_nothing_is_unreadable(self, rules):
        fine = [r for r in rules if not faults_of(replace(r, id=UUID))]

        assert compile_rules(fine).reading.unreadable == ()
