"""The Merchandise page: items found, explained, and ruled elsewhere."""

from __future__ import annotations

from html import unescape

import pytest

from tests.ranking.shops import Shop

from .merchandise_desk import Desk, do, ellie, pin, shop, sit_down

__all__ = ["ellie", "shop", "sit_down"]


class TestAsking:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("Old lamp", "Not eligible here because nothing of it is in stock."),
            ("gone", "Not eligible here because nothing of it is in stock."),
            ("Rare", "On this page at"),
            ("next-year", "Not in the catalog yet: a pin waits for it"),
            ("lamp1, gone next-year", "Not in the catalog yet: a pin waits for it"),
            ("zz yy xx", "Nothing is called “zz yy xx”."),
        ],
    )
    def test_finds_and_says_why_not(self, ellie: Desk, text: str, said: str) -> None:
        answer = ellie.step("search", q=text, size="48")

        assert said in unescape(answer.content.decode())

    def test_says_which_items_a_draft_would_block(self, ellie: Desk) -> None:
        answer = ellie.step("search", do("block", "few"), q="Rare")

        assert "because a rule blocks it" in answer.content.decode()

    def test_explains_a_place_by_the_ranking_itself(
        self, shop: Shop, ellie: Desk
    ) -> None:
        last = shop.ids(surface="home", k=12)[-1]

        told = ellie.step("why", pin(last, 1), item=last).content.decode()

        assert "Why position 1?" in told
        assert "pin" in told

    def test_explains_what_is_not_there(self, ellie: Desk) -> None:
        told = ellie.step("why", item="gone").content.decode()

        assert "nothing of it is in stock" in told

    def test_tells_where_else_an_item_is_ruled(self, shop: Shop, ellie: Desk) -> None:
        for surface in ("basket", "*"):
            shop.ask(
                "/v1/admin/rules",
                name=f"On {surface}",
                surface=surface,
                action="BOOST",
                boost_value=0.2,
                target_type="ITEM",
                item_ids=["lamp3"],
            )

        told = ellie.get("_elsewhere", item="lamp3").content.decode()

        assert "On basket, boost Lamp 3 (lamp3) by 20 %." in told
        assert "Every surface" in told
