"""The Merchandise page: drafts saved, checked, submitted, and by whom else."""

from __future__ import annotations

import json
from html import unescape

import pytest
from django.urls import reverse

from catalog.models import Role
from catalog.tenancy import org_scope
from rules.models import ChangeSet, ChangeSetState, Rule
from rules.operations.change_sets import items_of
from tests.ranking.shops import Shop

from .merchandise_desk import Desk, SitDown, do, ellie, pin, shop, sit_down

__all__ = ["ellie", "shop", "sit_down"]


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
