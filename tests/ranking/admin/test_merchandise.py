"""The Merchandise page: what it shows, and what becomes of what is done there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalog.models import Membership, Role
from catalog.tenancy import org_scope
from rules.models import ChangeSet, ChangeSetState, Rule
from rules.operations.actors import of_job
from rules.operations.change_sets import items_of
from rules.operations.switching import switch_rules
from tests.ranking.shops import Shop, item

HOME = {"surface": "home", "segment": None}
MOST_QUERIES = 25


class Desk:
    """Somebody at the page."""

    def __init__(self, shop: Shop, role: str) -> None:
        self.shop = shop
        staff = get_user_model().objects.create_user(
            f"{role} of {shop.org_id}", password=None, is_staff=True
        )
        Membership.objects.create(staff=staff, org_id=shop.org_id, role=role)
        self.client = Client()
        self.client.force_login(staff)

    def get(self, name: str = "", **query: Any) -> Any:
        return self.client.get(reverse(f"admin:merchandise{name}"), query)

    def step(self, name: str, *edits: dict[str, Any], **sent: Any) -> Any:
        """Send a step as the page does."""
        body = {"edits": json.dumps(edits), "as_surface": "home", "size": "12"}
        return self.client.post(reverse(f"admin:merchandise_{name}"), body | sent)

    def panes(self, *edits: dict[str, Any], **sent: Any) -> Panes:
        answer = self.step("panes", *edits, **sent)
        assert answer.status_code == 200, answer.content.decode()
        return Panes(answer.content.decode())

    def save(self, *edits: dict[str, Any], **sent: Any) -> dict[str, str]:
        """Save as a draft, and return what the page is told of it."""
        said = {"title": "Launch", "reason": "Lead with light."} | sent
        answer = self.step("save", *edits, **said)
        assert answer.status_code == 204, answer.content.decode()
        told: dict[str, str] = json.loads(answer["HX-Trigger"])["merchandise:saved"]
        return told


class Panes:
    """The answer to a step, as people read it."""

    def __init__(self, html: str) -> None:
        self.html = html
        parts = re.split(r'data-page="(live|draft)"', html)
        self._panes = dict(zip(parts[1::2], parts[2::2], strict=True))

    @property
    def words(self) -> str:
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.html)).split())

    def ids(self, page: str = "draft") -> list[str]:
        """Return the items that are on a page, in their order."""
        tile = r'<li class="tile[^"]*" data-item="([^"]+)" data-title="[^"]*" data-slot'
        return re.findall(tile, self._panes[page])

    def tile(self, item_id: str, page: str = "draft") -> str:
        """Return the words of an item's card."""
        found = re.search(
            rf'<li class="tile[^>]*data-item="{item_id}".*?</li>',
            self._panes[page],
            re.DOTALL,
        )
        assert found, f"{item_id} has no card"
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).split())


def pin(item_id: str, position: int, **scope: Any) -> dict[str, Any]:
    return do("pin", item_id, position=position, **scope)


def do(what: str, item_id: str, **fields: Any) -> dict[str, Any]:
    scope = {**HOME, **{k: fields.pop(k) for k in list(fields) if k in HOME}}
    return {"do": what, "item": item_id, "scope": scope, **fields}


@pytest.fixture
def shop(shop: Shop, settings: Any, tmp_path: Path) -> Shop:
    settings.STATIC_ROOT = tmp_path
    shop.sell(
        *(item(f"lamp{n}", title=f"Lamp {n}", price=10.0 + n) for n in range(14)),
        item("gone", title="Old lamp", stock=0),
        item("few", title="Rare lamp", stock=3),
    )
    return shop


type SitDown = Callable[[str], Desk]


@pytest.fixture
def sit_down(shop: Shop) -> SitDown:
    return lambda role: Desk(shop, role)


@pytest.fixture
def ellie(sit_down: SitDown) -> Desk:
    return sit_down(Role.MERCHANDISER)


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


class TestSaving:
    def test_makes_a_draft_that_goes_on(self, shop: Shop, ellie: Desk) -> None:
        first = ellie.save(pin("lamp3", 2))
        ellie.save(do("block", "lamp5"), draft=first["draft"], seen=first["seen"])

        panes = ellie.panes(draft=first["draft"])

        assert panes.ids()[1] == "lamp3"
        assert "lamp5" not in panes.ids()
        assert panes.ids("live") == shop.ids(surface="home", k=12)
        assert "Draft saved “Launch”" in panes.words

    @pytest.mark.parametrize("missing", ["reason"])
    def test_asks_for_a_reason(self, ellie: Desk, missing: str) -> None:
        answer = ellie.step("save", pin("lamp3", 2), title="Launch", **{missing: ""})

        assert answer.status_code == 422
        assert answer.content.decode() == "Say why: a reason is kept."

    def test_shows_both_versions_when_somebody_was_faster(
        self, shop: Shop, ellie: Desk, sit_down: SitDown
    ) -> None:
        draft = ellie.save(pin("lamp3", 2))
        tom = sit_down(Role.PUBLISHER)
        tom.save(do("block", "lamp5"), draft=draft["draft"], seen=draft["seen"])

        answer = ellie.step(
            "save", pin("lamp7", 4), draft=draft["draft"], seen=draft["seen"]
        )

        told = unescape(answer.content.decode())
        assert answer.status_code == 409
        assert "block Lamp 5 (lamp5)" in told
        assert "Lamp 7 (lamp7)" in told
        assert "Keep mine as a draft of its own" in told

    def test_keeps_mine_apart(self, shop: Shop, ellie: Desk, sit_down: SitDown) -> None:
        draft = ellie.save(pin("lamp3", 2))
        seen = {"draft": draft["draft"], "seen": draft["seen"]}
        sit_down(Role.PUBLISHER).save(do("block", "lamp5"), **seen)

        mine = ellie.save(pin("lamp7", 4), keep="apart", title="Mine", **seen)

        with org_scope(shop.org_id):
            kept = ChangeSet.objects.get(pk=mine["draft"])
            assert kept.title == "Mine"
            assert [each.rule.name for each in items_of(kept)] == ["Pins on home"]

    def test_puts_mine_on_top(self, ellie: Desk, sit_down: SitDown) -> None:
        draft = ellie.save(pin("lamp3", 2))
        tom = sit_down(Role.PUBLISHER).save(
            do("block", "lamp5"), draft=draft["draft"], seen=draft["seen"]
        )

        ellie.save(pin("lamp7", 4), draft=draft["draft"], seen=tom["seen"])

        panes = ellie.panes(draft=draft["draft"])
        assert panes.ids()[1] == "lamp3"
        assert panes.ids()[3] == "lamp7"
        assert "lamp5" not in panes.ids()

    def test_viewers_look_and_change_nothing(self, sit_down: SitDown) -> None:
        viewer = sit_down(Role.VIEWER)

        assert "draggable" not in viewer.panes().html
        assert viewer.step("save", pin("lamp3", 1), reason="x").status_code == 403

    def test_a_change_set_that_is_under_review_is_no_draft(self, ellie: Desk) -> None:
        draft = ellie.save(pin("lamp3", 2))
        sent = {"draft": draft["draft"], "seen": draft["seen"]}
        assert ellie.step("submit", **sent).status_code == 204

        assert ellie.panes(**sent).ids("draft") == ellie.panes().ids("live")


class TestChecking:
    def test_names_conflicts_and_what_ails(self, shop: Shop, ellie: Desk) -> None:
        shop.ask(
            "/v1/admin/rules",
            name="Tom's pin",
            surface="home",
            action="PIN",
            target_type="ITEM",
            item_ids=["lamp8"],
            position=1,
        )

        told = unescape(
            ellie.step("check", pin("lamp3", 1), pin("gone", 2)).content.decode()
        )

        assert "1 conflict" in told
        assert "Tom's pin" in told
        assert "Old lamp" in told
        assert "Submit for approval" in told

    def test_a_saved_draft_is_checked_in_full(self, ellie: Desk) -> None:
        draft = ellie.save(pin("lamp3", 2))

        told = ellie.step("check", draft=draft["draft"]).content.decode()

        assert reverse("admin:change-set-check", args=[draft["draft"]]) in told

    def test_submitting_saves_and_asks_for_approval(
        self, shop: Shop, ellie: Desk
    ) -> None:
        answer = ellie.step(
            "submit", pin("lamp3", 2), title="Launch", reason="Lead with light."
        )

        told = json.loads(answer["HX-Trigger"])["merchandise:submitted"]
        with org_scope(shop.org_id):
            change_set = ChangeSet.objects.get(pk=told["draft"])
            assert change_set.state == ChangeSetState.IN_REVIEW
            assert told["url"].endswith(f"{change_set.pk}/change/")

    def test_submitting_without_a_reason_saves_nothing(
        self, shop: Shop, ellie: Desk
    ) -> None:
        answer = ellie.step("submit", pin("lamp3", 2))

        assert answer.status_code == 422
        with org_scope(shop.org_id):
            assert not ChangeSet.objects.exists()
            assert not Rule.objects.exists()

    def test_an_empty_draft_cannot_be_submitted(self, ellie: Desk) -> None:
        answer = ellie.step("submit", reason="Nothing")

        assert (answer.status_code, answer.content.decode()) == (
            422,
            "Nothing was changed yet.",
        )


class TestPresence:
    def test_names_who_else_has_the_page_open(
        self, ellie: Desk, sit_down: SitDown
    ) -> None:
        tom = sit_down(Role.PUBLISHER)
        tom.get("_presence", as_surface="home")

        told = ellie.get("_presence", as_surface="home").content.decode()

        assert "publisher of" in told
        assert "has home open too" in told
        assert (
            "open too" not in ellie.get("_presence", as_surface="pdp").content.decode()
        )
