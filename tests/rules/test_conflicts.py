"""What a check finds: rules at odds, and what ails a rule on its own."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from rules.core.conflicts import find_conflicts
from rules.core.content import Content
from rules.core.findings import Finding, FindingKind
from rules.core.health import find_ailments
from rules.core.pages import Page
from rules.core.reach import ItemFacts
from rules.core.rule import Target, TargetType, Window
from tests.clock import NOON
from tests.rules.contents import content, items, local, tag

PAGES = {"home": Page(places=12, pins=24, is_seen=True)}
NOW_US = int(NOON.timestamp()) * 1_000_000
LAMP = ItemFacts(
    item_id="lamp",
    title="Oak lamp",
    tags=("sale",),
    brand="Oak & Co",
    category_path=("Home", "Lamps"),
)
SOLD_OUT = ItemFacts(item_id="sofa", title="Grey sofa", stock=0)


def conflicts(*contents: Content, pins: int = 24) -> list[Finding]:
    """Return what the first is at odds with among the others."""
    known = {LAMP.item_id: LAMP, SOLD_OUT.item_id: SOLD_OUT}
    return find_conflicts(
        contents[:1],
        contents[1:],
        items=known,
        pages={"home": Page(pins=pins)},
        at_us=NOW_US,
    )


def kinds(findings: list[Finding]) -> list[str]:
    return [finding.kind for finding in findings]


class TestConflicts:
    def test_one_slot_goes_to_the_higher_priority(self) -> None:
        first = content("first", "PIN", items("a"), positions=(2,), priority=5)
        second = content("second", "PIN", items("b"), positions=(2,))

        [found] = conflicts(second, first)

        assert (found.kind, found.winner) == (FindingKind.SAME_SLOT, "first")
        assert "position 2" in found.sentence
        assert "priority 5 against 0" in found.sentence

    def test_of_equal_priority_the_earlier_one_wins(self) -> None:
        early = content("early", "PIN", items("a"), positions=(2,), created_us=1)
        late = content("late", "PIN", items("b"), positions=(2,), created_us=2)

        [found] = conflicts(late, early)

        assert found.winner == "early"
        assert "the earlier one goes first" in found.sentence

    def test_a_block_beats_a_pin_whatever_the_priorities(self) -> None:
        pin = content("pin", "PIN", items("lamp"), priority=900)
        block = content("block", "BLOCK", tag("SALE"))

        [found] = conflicts(pin, block)
        [seen_from_the_block] = conflicts(block, pin)

        assert (found.kind, found.winner) == (FindingKind.PIN_OF_BLOCKED, "block")
        assert found.item_ids == ("lamp",)
        assert found.sentence == seen_from_the_block.sentence

    @pytest.mark.parametrize(
        "target",
        [
            items("lamp"),
            tag("sale"),
            Target(type=TargetType.BRAND, values=("OAK & CO",)),
            Target(type=TargetType.CATEGORY, values=("home",)),
            Target(type=TargetType.CATEGORY, values=("Home>Lamps",)),
        ],
    )
    def test_an_item_is_blocked_by_whatever_it_is(self, target: Target) -> None:
        boost = content("boost", "BOOST", items("lamp"), value=1.0)

        assert kinds(conflicts(boost, content("block", "BLOCK", target))) == [
            FindingKind.BOOST_OF_BLOCKED
        ]

    def test_a_filter_leaves_a_pin_out(self) -> None:
        pin = content("pin", "PIN", items("lamp"))
        only = content("only", "FILTER", tag("garden"))

        assert kinds(conflicts(pin, only)) == [FindingKind.FILTERED_OUT]

    def test_up_and_down_at_once(self) -> None:
        up = content("up", "BOOST", tag("sale"), value=1.0)
        down = content("down", "BURY", tag("Sale"), value=0.5)

        assert kinds(conflicts(up, down)) == [FindingKind.BOOST_AND_BURY]

    def test_the_same_twice(self) -> None:
        assert kinds(
            conflicts(
                content("one", "BLOCK", tag("a", "b")),
                content("two", "BLOCK", tag("B", "A")),
            )
        ) == [FindingKind.DUPLICATE]

    def test_a_pin_behind_a_full_page(self) -> None:
        pins = [
            content(f"pin {n}", "PIN", items(f"i{n}"), priority=9) for n in range(3)
        ]
        late = content("late", "PIN", items("lamp"))

        assert kinds(conflicts(late, *pins, pins=3)) == [FindingKind.SHADOWED]
        assert kinds(conflicts(late, *pins, pins=4)) == []

    @pytest.mark.parametrize(
        "apart",
        [
            {"surface": "cart"},
            {"segment": "vip"},
            {"windows": (Window(end=local(2026, 3, 1)),)},
            {"enabled": False},
        ],
    )
    def test_rules_that_never_meet_are_at_peace(self, apart: dict[str, Any]) -> None:
        one = content("one", "BLOCK", tag("a"), segment="new_users")
        about = {"enabled": apart["enabled"]} if "enabled" in apart else {}
        rule = {key: value for key, value in apart.items() if key != "enabled"}
        other = content("two", "BLOCK", tag("a"), segment="new_users", **about)
        other = msgspec.structs.replace(
            other, rule=msgspec.structs.replace(other.rule, **rule)
        )

        assert conflicts(one, other) == []

    def test_every_surface_meets_each(self) -> None:
        everywhere = content("all", "BLOCK", tag("a"))
        everywhere = msgspec.structs.replace(
            everywhere, rule=msgspec.structs.replace(everywhere.rule, surface="*")
        )
        pin = content("pin", "BOOST", tag("a"), value=1.0)

        assert kinds(conflicts(pin, everywhere)) == [FindingKind.BOOST_OF_BLOCKED]


class TestAilments:
    def ailments(self, *contents: Content) -> dict[str, str]:
        known = {LAMP.item_id: LAMP, SOLD_OUT.item_id: SOLD_OUT}
        found = find_ailments(
            contents, items=known, segments={"loyal"}, pages=PAGES, at_us=NOW_US
        )
        return {finding.kind: finding.sentence for finding in found}

    def test_a_sound_rule_has_none(self) -> None:
        assert self.ailments(content("r", "PIN", items("lamp"))) == {}

    def test_knows_segments_in_any_case(self) -> None:
        known, other = (
            content(name, "BOOST", tag("a"), value=1.0, segment=name)
            for name in ("Loyal", "Lost")
        )

        assert self.ailments(known) == {}
        assert (
            "segment “Lost”, which does not exist" in self.ailments(other).popitem()[1]
        )

    def test_says_how_long_the_pages_are(self) -> None:
        far = content("far", "PIN", items("lamp"), positions=(14,))
        many = content("many", "PIN", items(*(f"i{n}" for n in range(13))))
        rule = msgspec.structs.replace(far.rule, surface="cart")
        elsewhere = msgspec.structs.replace(far, rule=rule)

        [said] = self.ailments(far).values()
        assert "the longest of late holds 12" in said
        assert "a page takes 12" in self.ailments(many)["pins_beyond_slots"]
        assert self.ailments(elsewhere) == {}

    def test_names_what_is_sold_out(self) -> None:
        [(kind, said)] = self.ailments(content("r", "PIN", items("sofa"))).items()

        assert kind == FindingKind.OUT_OF_STOCK
        assert "Grey sofa (sofa)" in said

    def test_warns_of_what_is_shown_though_nobody_can_buy_it(self) -> None:
        rule = content("r", "PIN", items("sofa"), even_if_unavailable=True)

        assert list(self.ailments(rule)) == [FindingKind.SHOWN_THOUGH_UNAVAILABLE]

    def test_says_when_it_ends_soon(self) -> None:
        window = Window(end=local(2026, 3, 4))

        assert list(
            self.ailments(content("r", "BLOCK", tag("a"), windows=(window,)))
        ) == [FindingKind.ENDS_SOON]

    def test_asks_for_a_second_look(self) -> None:
        late = content("r", "BLOCK", tag("a"), review_by=date(2026, 3, 1))

        assert "by 01 Mar 2026" in self.ailments(late)[FindingKind.NO_REVIEW]
