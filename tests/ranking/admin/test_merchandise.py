"""The Merchandise page: what it shows, and what steps do to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalog.tenancy import org_scope
from rules.operations.actors import of_job
from rules.operations.switching import switch_rules
from tests.ranking.shops import Shop

from .merchandise_desk import Desk, do, ellie, pin, shop, sit_down

__all__ = ["ellie", "shop", "sit_down"]

MOST_QUERIES = 25


class TestLooking:
    def test_shows_both_pages_as_they_are_served(self, shop: Shop, ellie: Desk) -> None:
        panes = ellie.panes()

        served = shop.ids(surface="home", k=12)
        assert panes.ids("live") == panes.ids("draft") == served
        assert "Nothing is changed yet" in panes.words

    def test_keeps_what_is_looked_at_in_the_address(self, ellie: Desk) -> None:
        answer = ellie.step("panes", view="draft", columns="5", as_who="user:ana")

        assert answer["HX-Replace-Url"] == (
            "/admin/merchandise/?as_surface=home&as_who=user%3Aana"
            "&view=draft&columns=5&size=12"
        )

    def test_the_page_opens_with_what_its_address_says(self, ellie: Desk) -> None:
        page = ellie.get(as_surface="search", columns="5").content.decode()

        assert "Search, as the shop shows it" in page
        assert "<option selected>search</option>" in page

    @pytest.mark.parametrize("address", ["size=9999", "columns=x", "as_when=soon"])
    def test_reads_over_what_makes_no_sense(self, ellie: Desk, address: str) -> None:
        name, value = address.split("=")

        assert ellie.get(**{name: value, "draft": "none"}).status_code == 200

    def test_looks_at_a_moment_to_come(self, shop: Shop, ellie: Desk) -> None:
        last = shop.ids(surface="home", k=12)[-1]
        start = datetime.now(UTC) + timedelta(days=2)
        shop.ask(
            "/v1/admin/rules",
            name="Soon",
            surface="home",
            action="PIN",
            target_type="ITEM",
            item_ids=[last],
            position=1,
            valid_from=start.isoformat(),
        )
        then = (start + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")

        assert ellie.panes().ids("live")[0] != last
        assert ellie.panes(as_when=then).ids("live")[0] == last

    def test_a_bounded_number_of_queries_whatever_is_done(self, ellie: Desk) -> None:
        edits = [pin(f"lamp{n}", n + 1) for n in range(9)]
        ellie.panes(*edits)

        with CaptureQueriesContext(
            connection,
        ) as few:
            ellie.panes(edits[0])
        with CaptureQueriesContext(connection) as many:
            ellie.panes(*edits, do("block", "lamp12"), do("boost", "lamp11", value=1))

        assert len(many) <= len(few) + 1
        assert len(many) <= MOST_QUERIES


class TestDoing:
    def test_a_pin_moves_an_item_and_says_so(self, shop: Shop, ellie: Desk) -> None:
        last = shop.ids(surface="home", k=12)[-1]

        panes = ellie.panes(pin(last, 2))

        assert panes.ids()[1] == last
        assert "Pinned" in panes.tile(last)
        assert "moved up 10" in panes.tile(last)
        assert "of 12 positions change for anonymous visitors" in panes.words
        assert "1 unsaved change" in panes.words
        assert "pin Lamp" in panes.words

    def test_a_block_leaves_a_ghost(self, shop: Shop, ellie: Desk) -> None:
        third = shop.ids(surface="home", k=12)[2]

        panes = ellie.panes(do("block", third))

        assert third not in panes.ids()
        assert "Blocked · was 3" in panes.tile(third)

    def test_an_item_to_come_waits_with_a_clock(self, ellie: Desk) -> None:
        panes = ellie.panes(pin("next-year", 3))

        assert "Not in the catalog yet: it waits" in panes.tile("next-year")
        assert "#clock" in panes.html

    def test_a_sold_out_pin_closes_up_and_says_why(self, ellie: Desk) -> None:
        panes = ellie.panes(pin("gone", 1))

        assert len(panes.ids()) == 12
        assert "Nothing in stock" in panes.tile("gone")
        assert "Sold out" in panes.tile("gone")

    def test_a_boost_shows_its_strength(self, shop: Shop, ellie: Desk) -> None:
        last = shop.ids(surface="home", k=12)[-1]

        panes = ellie.panes(do("boost", last, value=1.0))

        assert "+1.00" in panes.tile(last)

    def test_what_another_rule_says_is_not_undone_here(
        self, shop: Shop, ellie: Desk
    ) -> None:
        shop.ask(
            "/v1/admin/rules",
            name="Everywhere",
            surface="*",
            action="PIN",
            target_type="ITEM",
            item_ids=["lamp9"],
        )

        panes = ellie.panes(do("unpin", "lamp9"))

        assert panes.ids()[0] == "lamp9"
        assert "No rule of just home" in panes.words

    def test_a_rule_that_begins_later_is_told_of(self, shop: Shop, ellie: Desk) -> None:
        begins = timezone.now() + timedelta(days=3, hours=1)
        shop.ask(
            "/v1/admin/rules",
            name="Advent",
            surface="home",
            action="PIN",
            target_type="ITEM",
            item_ids=["lamp"],
            valid_from=begins.isoformat(),
        )

        then = f"{begins + timedelta(hours=2):%Y-%m-%dT%H:%M}"

        assert "starts in 3 d" in ellie.panes().words
        assert "starts in" not in ellie.panes(as_when=then).words

    def test_a_rule_is_switched_off_in_the_preview_alone(
        self, shop: Shop, ellie: Desk
    ) -> None:
        last = shop.ids(surface="home", k=12)[-1]
        rule = shop.ask(
            "/v1/admin/rules",
            name="Top",
            surface="home",
            action="PIN",
            target_type="ITEM",
            item_ids=[last],
        )

        panes = ellie.panes(off=rule["rule_id"])

        assert panes.ids("live")[0] == last
        assert panes.ids("draft")[0] != last
        assert "1 rule switched off in this preview" in panes.words
        assert shop.ids(surface="home", k=12)[0] == last

    def test_an_empty_page_names_the_rule_that_emptied_it(
        self, shop: Shop, ellie: Desk
    ) -> None:
        rule = shop.ask(
            "/v1/admin/rules",
            name="Nothing at all",
            surface="home",
            action="BLOCK",
            target_type="CONDITION",
            condition={"gte": ["price", 0]},
        )

        panes = ellie.panes(view="live")

        assert "No candidates" in panes.words
        assert "removed by block rule Nothing at all" in panes.words
        assert rule["rule_id"] in panes.html

    def test_says_when_all_rules_are_off(self, shop: Shop, ellie: Desk) -> None:
        with org_scope(shop.org_id):
            switch_rules(
                shop.namespace,
                on=False,
                reason="Fire drill",
                actor=of_job("drill"),
                at=timezone.now(),
            )

        assert "Rules are switched off" in ellie.panes(pin("lamp3", 1)).words

    @pytest.mark.parametrize(
        "edits", ["{", '[{"do": "steal"}]', '[{"do": "pin", "item": ""}]']
    )
    def test_refuses_in_words_what_it_cannot_read(
        self, ellie: Desk, edits: str
    ) -> None:
        answer = ellie.client.post(reverse("admin:merchandise_panes"), {"edits": edits})

        assert answer.status_code == 422
        assert answer.content.decode().startswith("The changes cannot be read")
