"""The form of a rule: what it keeps, what it refuses, and that no text is lost."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from catalog.tenancy import org_scope
from rules.core.content import Content
from rules.core.rule import Window
from rules.models import ChangeSet, ChangeSetItem, Rule
from rules.queries.contents import content_of, read
from tests.admin.conftest import Shops
from tests.rules.admin.conftest import Publish
from tests.rules.admin.forms import form, say, window


def said_by(rule: Rule) -> Content:
    with org_scope(rule.org_id):
        return content_of(rule)


class TestSaving:
    def test_puts_a_draft_into_a_change_set_of_its_own(
        self, shops: Shops, ana: Client
    ) -> None:
        answer = ana.post(say("rules_rule_add"), form(do="draft"))

        with org_scope(shops.ours.org_id):
            rule, change_set = Rule.objects.get(), ChangeSet.objects.get()
            assert (rule.state, rule.version_number) == ("draft", 0)
            assert change_set.reason == "The lamp of the week."
        assert answer["Location"] == say("rules_changeset_change", change_set.pk)

    def test_publishes_at_once_for_who_may(self, publish: Publish) -> None:
        rule = publish()

        assert (rule.state, rule.version_number, rule.priority) == ("live", 1, 10)

    def test_does_not_publish_for_a_merchandiser(
        self, shops: Shops, ana: Client
    ) -> None:
        answer = ana.post(say("rules_rule_add"), form(do="publish"))

        assert answer.status_code == 403
        with org_scope(shops.ours.org_id):
            assert not Rule.objects.exists()

    def test_is_closed_to_viewers(self, shops: Shops, chloe: Client) -> None:
        assert chloe.get(say("rules_rule_add")).status_code == 403
        assert chloe.post(say("rules_rule_add"), form()).status_code == 403

    def test_submits_where_two_must_look(self, shops: Shops, ben: Client) -> None:
        shops.ours.four_eyes = True
        shops.ours.save()

        answer = ben.post(say("rules_rule_add"), form(do="publish"), follow=True)

        assert "Somebody else approves it." in answer.content.decode()
        with org_scope(shops.ours.org_id):
            assert Rule.objects.get().state == "in_review"

    def test_leaves_out_fields_that_the_action_does_not_need(
        self, publish: Publish
    ) -> None:
        rule = publish(action="BLOCK", max_pins="3", even_if_unavailable="on")

        said = said_by(rule).rule
        assert (said.value, said.positions, said.even_if_unavailable) == (
            None,
            (),
            False,
        )

    def test_keeps_windows_on_the_clock_of_their_zone(self, publish: Publish) -> None:
        sent = window("2126-11-27T09:00", "2126-12-01T00:00", "Europe/Berlin")

        [kept] = said_by(publish(**sent)).rule.windows

        assert kept == Window(
            start=datetime.fromisoformat("2126-11-27T09:00"),
            end=datetime.fromisoformat("2126-12-01T00:00"),
            zone="Europe/Berlin",
        )

    def test_shows_what_it_kept(self, ben: Client, publish: Publish) -> None:
        rule = publish(
            action="BOOST",
            target_type="CATEGORY",
            target=["Women > Shoes"],
            step="other",
            strength="0.45",
            **window(
                "2126-11-27T09:00", "2126-11-27T12:00", "Asia/Tokyo", "FREQ=DAILY"
            ),
        )

        fields = ben.get(say("rules_rule_edit", rule.pk)).context["fields"]

        assert fields.targets == ("Women > Shoes",)
        assert (fields.step, fields.text["strength"]) == ("other", "0.45")
        [row] = fields.windows
        assert (row.start, row.zone, row.rhythm) == (
            "2126-11-27T09:00",
            "Asia/Tokyo",
            "FREQ=DAILY",
        )


class TestFaults:
    @pytest.mark.parametrize(
        ("sent", "field", "words"),
        [
            ({"name": ""}, "name", "Give the rule a name."),
            ({"target": []}, "targets", "The rule must name at least one item."),
            ({"reason": ""}, "reason", "Say why"),
            ({"place": ["0"]}, "positions", "from 1 to"),
            ({"place": ["first"]}, "positions", "whole numbers"),
            ({"priority": "high"}, "priority", "whole number"),
            (
                {"action": "BOOST", "step": "other", "strength": "0"},
                "strength",
                "must not be 0",
            ),
            (
                {"action": "BOOST", "step": "other", "strength": "nan"},
                "strength",
                "finite",
            ),
            (
                {"action": "BURY", "step": "other", "strength": "2"},
                "strength",
                "most 1",
            ),
            ({"action": "BOOST", "step": "other"}, "strength", "required"),
            ({"target_type": "CONDITION", "condition": "{"}, "condition", "Not JSON"),
            ({"context": '{"eq": ["user.x", 1]}'}, "context", "user.x"),
            ({"holdout": "100"}, "holdout", "share"),
            ({"review_by": "soon"}, "review_by", "Must be a day"),
            (window("2126-12-01T00:00", "2126-11-01T00:00"), "windows", "after"),
            (window("2126-12-01T00:00", zone="Berlin"), "windows", "IANA zone"),
            (window("at noon"), "windows", "time"),
        ],
    )
    def test_stand_at_their_field(
        self,
        shops: Shops,
        ana: Client,
        sent: dict[str, Any],
        field: str,
        words: str,
    ) -> None:
        answer = ana.post(say("rules_rule_add"), form(do="draft", **sent))

        assert answer.status_code == 200
        assert words in answer.context["errors"][field]
        with org_scope(shops.ours.org_id):
            assert not Rule.objects.exists()

    def test_keep_what_was_written(self, shops: Shops, ana: Client) -> None:
        answer = ana.post(
            say("rules_rule_add"), form(do="draft", priority="x", reason="Snow.")
        )

        page = answer.content.decode()
        assert "Lamp on top" in page
        assert "Snow." in page

    def test_allow_an_item_that_is_not_there_yet(self, publish: Publish) -> None:
        assert publish(target=["soon"]).state == "live"


class TestTwoPeople:
    def test_a_stale_save_keeps_mine_and_shows_both(
        self, shops: Shops, ben: Client, ana: Client, publish: Publish
    ) -> None:
        rule = publish()
        edit = say("rules_rule_edit", rule.pk)
        ben.post(edit, form(do="publish", base="1", priority="50"))

        answer = ana.post(
            edit, form(do="draft", base="1", name="Anas lamp"), follow=True
        )

        page = answer.content.decode()
        assert "Nothing of yours is lost" in page.replace("\n", " ")
        clashes = {each.label: each for each in answer.context["clashes"]}
        assert (clashes["priority"].theirs, clashes["priority"].mine) == ("50", "10")
        assert (clashes["name"].theirs, clashes["name"].mine) == (
            "Lamp on top",
            "Anas lamp",
        )
        assert answer.context["text"]["name"] == "Anas lamp"
        assert answer.context["reason"] == "The lamp of the week."
        with org_scope(shops.ours.org_id):
            draft = ChangeSetItem.objects.get(change_set__state="draft")
            assert read(draft.content).rule.name == "Anas lamp"
            assert draft.base_number == 1
            rule.refresh_from_db()
            assert (rule.name, rule.priority) == ("Lamp on top", 50)

    def test_saving_again_counts_for_the_newest_version(
        self, shops: Shops, ben: Client, ana: Client, publish: Publish
    ) -> None:
        rule = publish()
        edit = say("rules_rule_edit", rule.pk)
        ben.post(edit, form(do="publish", base="1", priority="50"))
        ana.post(edit, form(do="draft", base="1", name="Anas lamp"))
        with org_scope(shops.ours.org_id):
            kept = ChangeSet.objects.get(state="draft")

        sent = form(do="draft", base="2", name="Anas lamp", change_set=str(kept.pk))
        ana.post(edit, sent)

        with org_scope(shops.ours.org_id):
            assert kept.items.get().base_number == 2

    def test_are_told_of_each_other(
        self, ben: Client, ana: Client, publish: Publish
    ) -> None:
        place = say("rules_rule_presence", publish().pk)

        assert "this form open too" not in ben.post(place).content.decode()
        assert "publisher" in ana.post(place).content.decode()


class TestFragments:
    def test_say_the_rule_in_a_sentence(self, shops: Shops, ana: Client) -> None:
        page = ana.post(say("rules_rule_said"), form()).content.decode()

        assert "On home, pin Oak lamp (lamp) at position 1." in page

    def test_name_what_it_would_meet(
        self, shops: Shops, ana: Client, publish: Publish
    ) -> None:
        publish(action="BLOCK", name="Recall")

        page = ana.post(say("rules_rule_said"), form()).content.decode()

        assert "Conflict" in page
        assert "Recall" in page

    @pytest.mark.parametrize("words", ["oak", "lam"])
    def test_offer_items_by_title_and_id(
        self, shops: Shops, ana: Client, words: str
    ) -> None:
        sent = form(target=[], find=words)

        page = ana.post(say("rules_rule_offers"), sent).content.decode()

        assert "Oak lamp" in page

    def test_do_not_offer_what_another_tenant_sells(
        self, shops: Shops, ana: Client
    ) -> None:
        page = ana.post(say("rules_rule_offers"), form(target=[], find="secret"))

        assert "Nothing found" in page.content.decode()

    def test_take_a_pasted_list(self, shops: Shops, ana: Client) -> None:
        sent = form(target=["lamp"], pick="sofa, rug\nlamp")

        answer = ana.post(say("rules_rule_chosen"), sent)

        assert [value for value, _, _ in answer.context["chosen"]] == [
            "lamp",
            "sofa",
            "rug",
        ]

    def test_take_one_out_with_its_place(self, shops: Shops, ana: Client) -> None:
        sent = form(target=["lamp", "sofa"], place=["1", "7"], drop="lamp")

        answer = ana.post(say("rules_rule_chosen"), sent)

        assert [each[::2] for each in answer.context["chosen"]] == [("sofa", "7")]

    def test_add_and_drop_windows(self, shops: Shops, ana: Client) -> None:
        place = say("rules_rule_windows")
        sent = form(**window("2126-11-27T09:00"))

        more = ana.post(place, sent).context["windows"]
        fewer = ana.post(place, sent | {"drop_window": "0"}).context["windows"]

        assert [row.start for row in more] == ["2126-11-27T09:00", ""]
        assert [row.start for row in fewer] == [""]


class TestPresence:
    def test_is_unknown_while_the_cache_is_away(
        self, ben: Client, publish: Publish, settings: Any
    ) -> None:
        rule = publish()
        settings.CACHES = {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": "redis://127.0.0.1:1/0",
            }
        }

        answer = ben.post(say("rules_rule_presence", rule.pk))

        assert answer.status_code == 200
        assert "open too" not in answer.content.decode()
