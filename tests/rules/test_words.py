"""Rules and their differences, as people read them."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from rules.core.content import Content
from rules.core.differences import differences
from rules.core.rule import Target, TargetType, Window
from rules.core.sentences import sentence
from tests.rules.contents import content, items, local, tag


class TestSentence:
    @pytest.mark.parametrize(
        ("rule", "said"),
        [
            (
                content("r", "PIN", items("lamp", "sofa"), positions=(1, 4)),
                "On home, pin items Oak lamp (lamp) and sofa at positions 1 and 4.",
            ),
            (
                content("r", "PIN", tag("sale"), max_pins=3, even_if_unavailable=True),
                "On home, pin the best 3 of what is tagged sale on the first free"
                " place, even if unavailable.",
            ),
            (
                content("r", "BOOST", tag("new"), value=-0.2),
                "On home, weaken what is tagged new by 20 %.",
            ),
            (
                content("r", "BURY", tag("a", "b"), value=1.0, segment="vip"),
                "On home, for vip, bury what is tagged a or b by 100 %.",
            ),
            (
                content(
                    "r",
                    "FILTER",
                    Target(
                        type=TargetType.CATEGORY,
                        values=("Home > Lamps",),
                        include_subcategories=False,
                    ),
                ),
                "On home, show nothing but category Home > Lamps without those below"
                " it.",
            ),
            (
                content(
                    "r",
                    "BLOCK",
                    Target(type=TargetType.CONDITION, condition={"lt": ["price", 20]}),
                    holdout=0.1,
                ),
                "On home, block items whose price is below 20, except for 10 % of the"
                " users to compare with.",
            ),
        ],
    )
    def test_says_all_that_matters(self, rule: Content, said: str) -> None:
        assert sentence(rule.rule, titles={"lamp": "Oak lamp"}) == said

    def test_tells_windows_on_the_clock_of_their_zone(self) -> None:
        window = Window(
            start=local(2026, 11, 27, 9),
            end=local(2026, 12, 1),
            zone="Europe/Berlin",
        )
        rule = content("r", "BLOCK", tag("sale"), windows=(window,)).rule

        assert sentence(rule).endswith(
            "from Fri 27 Nov 2026 09:00 until Tue 1 Dec 2026 00:00 (Europe/Berlin)."
        )


class TestDifferences:
    def test_finds_none_in_what_says_the_same(self) -> None:
        rule = content("r", "BOOST", tag("sale"), value=0.5)

        assert differences(rule, rule) == []

    @given(
        value=st.floats(0.01, 9),
        priority=st.integers(-5, 5),
        enabled=st.booleans(),
        n_items=st.integers(1, 9),
    )
    def test_names_every_field_that_differs_and_no_other(
        self, value: float, priority: int, enabled: bool, n_items: int
    ) -> None:
        before = content("r", "BOOST", items("a"), value=0.5)
        after = content(
            "r",
            "BOOST",
            items(*(f"i{n}" for n in range(n_items))),
            value=value,
            priority=priority,
            enabled=enabled,
        )

        found = {each.field for each in differences(before, after)}

        expected = {"target"}
        expected |= {"boost_value"} if value != 0.5 else set()
        expected |= {"priority"} if priority else set()
        expected |= set() if enabled else {"enabled"}
        assert found == expected

    def test_tells_what_the_short_form_leaves_out(self) -> None:
        before = content("r", "BLOCK", items("a", "b", "c", "d", "e"))
        after = content("r", "BLOCK", items("a", "b", "c", "d", "f"))

        [found] = differences(before, after)

        assert found.words == "target: e → f"
