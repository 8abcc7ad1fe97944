"""A rule's page and its tabs; overrides; the kill switch."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from catalog.tenancy import org_scope
from rules.models import ChangeSet, ManualOverride, Rule
from rules.queries.contents import read
from rules.queries.live import rules_are_on
from tests.admin.conftest import Shops
from tests.rules.admin.conftest import Publish
from tests.rules.admin.forms import form, say

TABS = ["rule", "preview", "effect", "conflicts", "history", "approvals", "traces"]
OVERRIDE = {"action": "boost", "item_id": "lamp", "surface": "home", "reason": "Press"}


class TestRule:
    @pytest.mark.parametrize("tab", [*TABS, "nonsense"])
    def test_shows_each_tab_to_viewers(
        self, chloe: Client, publish: Publish, tab: str
    ) -> None:
        rule = publish()

        answer = chloe.get(say("rules_rule_change", rule.pk), {"tab": tab})

        assert answer.status_code == 200
        assert answer.context["tab"] == (tab if tab in TABS else "rule")

    def test_tells_versions_in_words_and_compares_any_two(
        self, ben: Client, publish: Publish
    ) -> None:
        rule = publish()
        for number, priority in (("1", "20"), ("2", "30")):
            ben.post(
                say("rules_rule_edit", rule.pk),
                form(do="publish", base=number, priority=priority),
            )

        answer = ben.get(
            say("rules_rule_change", rule.pk),
            {"tab": "history", "before": "1", "after": "3"},
        )

        lines = [
            [each.words for each in line.changes] for line in answer.context["lines"]
        ]
        assert lines == [["priority: 20 → 30"], ["priority: 10 → 20"], []]
        [change] = answer.context["comparison"].changes
        assert change.words == "priority: 10 → 30"

    def test_opens_the_row_of_a_rule_that_was_never_published(
        self, shops: Shops, ben: Client
    ) -> None:
        ben.post(say("rules_rule_add"), form(do="draft"))
        with org_scope(shops.ours.org_id):
            rule = Rule.objects.get()

        answer = ben.get(say("rules_rule_more", rule.pk))

        assert "Never published." in answer.content.decode()

    def test_restores_a_version_as_a_draft_only(
        self, shops: Shops, ben: Client, publish: Publish
    ) -> None:
        rule = publish()
        ben.post(
            say("rules_rule_edit", rule.pk), form(do="publish", base="1", priority="20")
        )

        ben.post(say("rules_rule_restore", rule.pk), {"number": "1"})

        with org_scope(shops.ours.org_id):
            assert Rule.objects.get().priority == 20
            draft = ChangeSet.objects.get(state="draft").items.get()
            assert read(draft.content).rule.priority == 10

    @pytest.mark.parametrize(
        ("act", "state"), [("pause", "paused"), ("retire", "retired")]
    )
    def test_is_paused_and_retired_at_once(
        self, shops: Shops, ben: Client, publish: Publish, act: str, state: str
    ) -> None:
        ben.post(say("rules_rule_act", publish().pk), {"act": act})

        with org_scope(shops.ours.org_id):
            assert Rule.objects.get().state == state

    def test_is_not_paused_by_a_merchandiser(
        self, ana: Client, publish: Publish
    ) -> None:
        answer = ana.post(say("rules_rule_act", publish().pk), {"act": "pause"})

        assert answer.status_code == 403

    def test_holds_back_items_and_last_changes_until_asked(
        self, chloe: Client, publish: Publish
    ) -> None:
        page = chloe.get(say("rules_rule_more", publish().pk)).content.decode()

        assert "Oak lamp" in page
        assert "The lamp of the week." in page


class TestOverrides:
    def test_are_in_force_at_once_and_cancelled_at_once(
        self, shops: Shops, ben: Client
    ) -> None:
        tomorrow = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")

        ben.post(say("rules_manualoverride_add"), OVERRIDE | {"expires_at": tomorrow})

        with org_scope(shops.ours.org_id):
            override = ManualOverride.objects.get()
        assert (override.status, override.boost_value) == ("active", 1.0)
        listed = ben.get(say("rules_manualoverride_changelist")).content.decode()
        assert "Oak lamp" in listed

        ben.post(say("rules_manualoverride_cancel", override.pk))

        with org_scope(shops.ours.org_id):
            override.refresh_from_db()
        assert override.status == "cancelled"

    def test_are_made_of_an_item_found_by_its_title(
        self, shops: Shops, ben: Client
    ) -> None:
        page = ben.get(say("rules_manualoverride_add"))
        found = ben.get(say("rules_manualoverride_items"), {"item_id": "oak"})

        assert page.context["values"]["expires_at"] > timezone.now().isoformat()
        assert '<option value="lamp">Oak lamp' in found.content.decode()

    def test_are_over_before_a_task_has_said_so(
        self, shops: Shops, ben: Client
    ) -> None:
        ben.post(say("rules_manualoverride_add"), OVERRIDE)
        with org_scope(shops.ours.org_id):
            ManualOverride.objects.update(expires_at=timezone.now())
        page = say("rules_manualoverride_changelist")

        [row] = ben.get(page, {"status": "expired"}).context["rows"]

        assert (row["status"].words, row["is_open"]) == ("Expired", False)
        assert not ben.get(page, {"status": "active"}).context["rows"]

    def test_are_shown_where_their_rule_is_asked_for(
        self, shops: Shops, ben: Client
    ) -> None:
        ben.post(say("rules_manualoverride_add"), OVERRIDE)
        with org_scope(shops.ours.org_id):
            override = ManualOverride.objects.get()

        for name in ("rules_rule_change", "rules_rule_edit"):
            shown = ben.get(say(name, override.rule_id), follow=True)

            assert shown.status_code == 200
            assert "Manual overrides" in shown.content.decode()
            assert say("rules_manualoverride_cancel", override.pk) in (
                shown.content.decode()
            )

    @pytest.mark.parametrize(
        ("sent", "words"),
        [
            ({"item_id": ""}, "Name the item."),
            ({"boost_value": "0"}, "must be above 0"),
            ({"boost_value": "much"}, "must be a number"),
            ({"expires_at": "2020-01-01T00:00"}, "must lie ahead"),
            ({"expires_at": "soon"}, "day and time"),
            ({"action": "shout"}, "boost or suppress"),
        ],
    )
    def test_say_what_is_wrong(
        self, shops: Shops, ben: Client, sent: dict[str, str], words: str
    ) -> None:
        answer = ben.post(say("rules_manualoverride_add"), OVERRIDE | sent)

        assert words in answer.content.decode()

    def test_are_closed_to_merchandisers(self, shops: Shops, ana: Client) -> None:
        answer = ana.post(say("rules_manualoverride_add"), OVERRIDE)

        assert answer.status_code == 403


class TestKillSwitch:
    def test_switches_all_rules_off_and_says_so_on_every_page(
        self, shops: Shops, oscar: Client, chloe: Client
    ) -> None:
        oscar.post(say("rules_rule_switch"), {"on": "no", "reason": "Wrong prices"})

        shops.ours.refresh_from_db()
        assert not rules_are_on(shops.ours)
        for page in (say("index"), say("catalog_item_changelist")):
            assert "Rules are off in ours." in chloe.get(page).content.decode()

        oscar.post(say("rules_rule_switch"), {"on": "yes", "reason": "Mended"})

        shops.ours.refresh_from_db()
        assert rules_are_on(shops.ours)
        assert "Rules are off" not in chloe.get(say("index")).content.decode()

    def test_needs_a_reason(self, shops: Shops, oscar: Client) -> None:
        oscar.post(say("rules_rule_switch"), {"on": "no"})

        shops.ours.refresh_from_db()
        assert rules_are_on(shops.ours)

    def test_is_for_operators(self, shops: Shops, ben: Client) -> None:
        answer = ben.post(say("rules_rule_switch"), {"on": "no", "reason": "x"})

        assert answer.status_code == 403
        assert (
            "An operator may switch them."
            in ben.get(say("rules_rule_switch")).content.decode()
        )
