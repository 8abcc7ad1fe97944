"""Edits of a page, as the rules that they make."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranking.core.editing.edits import (
    Do,
    Edit,
    Scope,
    Terms,
    UnreadableEditsError,
    in_words,
    read_edits,
)
from ranking.core.editing.sheet import Line, Sheet
from rules.core.content import Content
from rules.core.rule import Action, Rule, Target, TargetType, Window
from rules.core.validation import faults_of

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOME = Scope("home")
NEW_USERS = Scope("home", "new_users")


def pin(item: str, position: int | None, scope: Scope = HOME) -> Edit:
    return Edit(do=Do.PIN, item=item, scope=scope, position=position)


def do(what: Do, item: str, value: float | None = None, scope: Scope = HOME) -> Edit:
    return Edit(do=what, item=item, scope=scope, value=value)


def line(number: int, *, action: Action = Action.PIN, **fields: Any) -> Line:
    """A rule in force for the whole of home."""
    items = fields.pop("items", ("lamp",))
    rule = Rule(
        id=str(UUID(int=number)),
        action=action,
        target=Target(type=TargetType.ITEM, values=items),
        name=f"rule {number}",
        **{"surface": "home", "created_us": number, **fields},
    )
    return Line(rule_id=UUID(int=number), content=Content(rule=rule), base_number=3)


def edited(*edits: Edit, standing: tuple[Line, ...] = (), **terms: Any) -> Sheet:
    sheet = Sheet(standing, terms=Terms(at=NOON, **terms), titles={"lamp": "Oak lamp"})
    sheet.apply(edits)
    return sheet


def rules(sheet: Sheet) -> list[Rule]:
    return [each.content.rule for each in sheet.edited]


class TestPinning:
    def test_makes_one_rule_for_all_pins_of_a_page(self) -> None:
        [rule] = rules(edited(pin("lamp", 3), pin("sofa", 1)))

        places = dict(zip(rule.target.values, rule.positions, strict=True))
        assert places == {"lamp": 3, "sofa": 1}
        assert (rule.surface, rule.segment, rule.name) == ("home", None, "Pins on home")

    def test_pushes_down_what_stood_there(self) -> None:
        [rule] = rules(edited(pin("lamp", 1), pin("rug", 2), pin("sofa", 1)))

        pinned = dict(zip(rule.target.values, rule.positions, strict=True))
        assert pinned == {"sofa": 1, "lamp": 2, "rug": 3}

    def test_makes_another_rule_for_another_audience(self) -> None:
        first, second = rules(edited(pin("lamp", 3), pin("lamp", 1, NEW_USERS)))

        assert (first.segment, second.segment) == (None, "new_users")

    def test_puts_what_was_moved_last_first(self) -> None:
        [rule] = rules(edited(pin("lamp", 2), pin("sofa", 2)))

        assert rule.target.values == ("sofa", "lamp")

    def test_moves_an_item_in_the_rule_that_pins_it(self) -> None:
        sheet = edited(pin("lamp", 7), standing=(line(1, positions=(2,)),))

        [changed] = sheet.edited
        assert changed.rule_id == UUID(int=1)
        assert changed.base_number == 3
        assert changed.content.rule.positions == (7,)

    def test_leaves_rules_alone_that_are_for_more_than_this_page(self) -> None:
        standing = (
            line(1, surface="*"),
            line(2, segment="loyal"),
            line(3, context={"eq": ["ctx.country", "DE"]}),
            line(4, windows=(Window(end=datetime.fromisoformat("2026-01-01")),)),
        )

        [rule] = rules(edited(pin("lamp", 1), standing=standing))

        assert rule.name == "Pins on home"

    def test_goes_before_the_pins_that_the_page_has(self) -> None:
        [rule] = rules(edited(pin("lamp", 1), lowest_priority=121))

        assert rule.priority == 121

    def test_takes_on_the_window_of_the_draft(self) -> None:
        end = datetime.fromisoformat("2026-12-01")

        [rule] = rules(edited(pin("lamp", 1), ends=end, zone="Europe/London"))

        assert rule.windows == (Window(end=end, zone="Europe/London"),)


class TestTakingOut:
    def test_ends_a_rule_that_pins_nothing_else(self) -> None:
        [ended] = edited(do(Do.UNPIN, "lamp"), standing=(line(1),)).edited

        assert ended.is_ended

    def test_keeps_the_other_pins_of_a_rule(self) -> None:
        standing = (line(1, items=("lamp", "sofa"), positions=(1, 2)),)

        [rule] = rules(edited(do(Do.UNPIN, "lamp"), standing=standing))

        assert (rule.target.values, rule.positions) == (("sofa",), (2,))

    def test_leaves_no_trace_of_a_rule_that_was_never_saved(self) -> None:
        sheet = edited(pin("lamp", 1), do(Do.UNPIN, "lamp"))

        assert sheet.lines == []

    def test_names_what_no_rule_of_the_page_says(self) -> None:
        sheet = edited(do(Do.UNPIN, "lamp"), standing=(line(1, surface="*"),))

        assert [edit.item for edit in sheet.idle] == ["lamp"]
        assert sheet.edited == []


class TestStrength:
    def test_replaces_the_strength_of_a_boost(self) -> None:
        [rule] = rules(edited(do(Do.BOOST, "lamp", 0.3), do(Do.BOOST, "lamp", 1.0)))

        assert (rule.action, rule.value, rule.name) == (
            Action.BOOST,
            1.0,
            "Boost Oak lamp",
        )

    def test_blocks_what_was_boosted(self) -> None:
        sheet = edited(do(Do.BOOST, "lamp", 0.3), do(Do.BLOCK, "lamp"))

        assert [rule.action for rule in rules(sheet)] == [Action.BLOCK]

    def test_sets_free_what_is_blocked(self) -> None:
        standing = (line(1, action=Action.BLOCK, items=("lamp", "sofa")),)

        [rule] = rules(edited(do(Do.CLEAR, "lamp"), standing=standing))

        assert (rule.action, rule.target.values) == (Action.BLOCK, ("sofa",))

    def test_buries_by_no_more_than_everything(self) -> None:
        [rule] = rules(edited(do(Do.BURY, "lamp", 5.0)))

        assert rule.value == 1.0


ITEMS = st.sampled_from(["lamp", "sofa", "rug"])
SCOPES = st.sampled_from([HOME, NEW_USERS, Scope("search")])
EDITS = st.builds(
    Edit,
    do=st.sampled_from(Do),
    item=ITEMS,
    scope=SCOPES,
    position=st.one_of(st.none(), st.integers(1, 24)),
    value=st.one_of(st.none(), st.floats(0.01, 10)),
)


@given(st.lists(EDITS, max_size=30))
def test_whatever_is_done_makes_rules_that_can_be_obeyed(edits: list[Edit]) -> None:
    standing = (line(1, positions=(2,)), line(2, action=Action.BLOCK, items=("rug",)))
    sheet = edited(*edits, standing=standing)

    for each in sheet.changed:
        assert list(faults_of(each.content.rule)) == []
    ids = [each.rule_id for each in sheet.lines]
    assert len(ids) == len(set(ids))


def test_a_saved_draft_goes_on_from_where_it_was() -> None:
    saved = edited(pin("lamp", 1)).edited[0]
    stored = replace(saved, is_stored=True, is_drafted=True, is_edited=False)

    sheet = edited(pin("sofa", 2), standing=(stored,))

    [changed] = sheet.edited
    assert changed.rule_id == stored.rule_id
    assert changed.content.rule.target.values == ("sofa", "lamp")


class TestReading:
    def test_reads_what_the_page_sends(self) -> None:
        text = (
            '[{"do": "pin", "item": "lamp", "position": 2,'
            ' "scope": {"surface": "home", "segment": null}}]'
        )

        assert read_edits(text) == [pin("lamp", 2)]

    @pytest.mark.parametrize(
        "text",
        [
            "{",
            '{"do": "pin"}',
            '[{"do": "steal", "item": "lamp", "scope": {"surface": "home"}}]',
            '[{"do": "pin", "item": "", "scope": {"surface": "home"}}]',
            '[{"do": "pin", "item": "a", "position": 0, "scope": {"surface": "home"}}]',
            '[{"do": "boost", "item": "a", "value": 1e9, "scope": {"surface": "h"}}]',
        ],
    )
    def test_refuses_what_it_cannot_have_sent(self, text: str) -> None:
        with pytest.raises(UnreadableEditsError, match="cannot be read"):
            read_edits(text)

    def test_says_what_edits_come_to(self) -> None:
        edits = [pin("lamp", 1), pin("sofa", 2), pin("lamp", 3), do(Do.BLOCK, "rug")]

        assert in_words(edits) == "2 pins set, 1 item blocked"
