"""The list of rules: what it finds, what it says of each, what it changes in bulk."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.tenancy import org_scope
from rules.models import ChangeSet, Rule
from rules.queries.contents import content_of
from tests.admin.conftest import Shops
from tests.rules.admin.conftest import Publish
from tests.rules.admin.forms import say, window
from tests.rules.admin.many import make_rules

LIST = "rules_rule_changelist"


def names(client: Client, **query: Any) -> list[str]:
    answer = client.get(say(LIST), query)
    assert answer.status_code == 200
    return [row.rule.name for row in answer.context["rows"]]


def in_days(days: float) -> str:
    at = (timezone.now() + timedelta(days=days)).replace(tzinfo=None)
    return at.isoformat(timespec="minutes")


class TestFinding:
    @pytest.fixture
    def rules(self, publish: Publish) -> None:
        publish(name="Lamp", priority="3")
        publish(name="Sale", action="BOOST", target_type="TAG", target=["sale"])
        publish(name="Ending", surface="cart", **window(end=in_days(3)))
        publish(name="Over", owner="zoe", **window(end="2020-01-01T00:00"))

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({}, {"Lamp", "Sale", "Ending", "Over"}),
            ({"q": "lam"}, {"Lamp", "Ending", "Over"}),
            ({"q": "oak lamp"}, {"Lamp", "Ending", "Over"}),
            ({"q": "tag:sale"}, {"Sale"}),
            ({"state": "expired"}, {"Over"}),
            ({"action": "BOOST"}, {"Sale"}),
            ({"surface": "cart"}, {"Ending"}),
            ({"owner": "zoe"}, {"Over"}),
            ({"view": "ending"}, {"Ending"}),
            ({"view": "dead"}, {"Over"}),
            ({"view": "mine"}, set()),
            ({"q": "nothing like it"}, set()),
            ({"state": "unheard"}, set()),
        ],
    )
    def test_narrows_by_its_address(
        self, ben: Client, rules: None, query: dict[str, str], found: set[str]
    ) -> None:
        assert set(names(ben, **query)) == found

    def test_knows_a_state_before_it_is_stored(
        self, shops: Shops, ben: Client, publish: Publish
    ) -> None:
        rule = publish(name="Begun", **window(start=in_days(2), end=in_days(3)))
        with org_scope(shops.ours.org_id):
            begun = timezone.now() - timedelta(minutes=1)
            Rule.objects.filter(pk=rule.pk).update(starts_at=begun)

        answer = ben.get(say(LIST), {"state": "live"})

        [row] = answer.context["rows"]
        assert (row.rule.state, row.state.words) == ("scheduled", "Live")
        assert answer.context["tally"].sentence.startswith("1 live, 0 scheduled,")
        assert names(ben, state="scheduled") == []

    def test_finds_a_rule_by_its_id_and_by_the_end_of_it(
        self, ben: Client, publish: Publish
    ) -> None:
        rule = publish()
        publish(name="Another")

        assert names(ben, q=str(rule.pk)) == ["Lamp on top"]
        assert names(ben, q=str(rule.pk)[-6:]) == ["Lamp on top"]

    def test_the_palette_finds_a_rule_by_name_and_by_id(
        self, ben: Client, publish: Publish
    ) -> None:
        rule = publish(name="Lamp week")

        for words in ("lamp we", str(rule.pk)):
            found = ben.get(say("search"), {"s": words}).content.decode()
            assert say("rules_rule_change", rule.pk) in found

    def test_the_palette_finds_an_override_by_the_rule_that_a_trace_names(
        self, shops: Shops, ben: Client
    ) -> None:
        sent = {"item_id": "lamp", "surface": "home", "action": "boost"}
        ben.post(say("rules_manualoverride_add"), sent | {"boost_value": "1"})
        with org_scope(shops.ours.org_id):
            rule = Rule.objects.get()

        by_id = ben.get(say("search"), {"s": str(rule.pk)}).content.decode()
        by_name = ben.get(say("search"), {"s": "manual_boost"}).content.decode()

        assert say("rules_rule_change", rule.pk) in by_id
        assert say("rules_rule_change", rule.pk) not in by_name

    def test_conflicts_are_a_view(self, ben: Client, publish: Publish) -> None:
        publish(name="Pin")
        publish(name="Recall", action="BLOCK")
        publish(name="Sofa", target=["sofa"], place=["2"])

        assert set(names(ben, view="conflicts")) == {"Pin", "Recall"}

    def test_says_the_health_of_each(self, ben: Client, publish: Publish) -> None:
        rules = [publish(name="Soon", target=["soon"], place=["4"])]
        rules.append(publish(name="Well"))

        wanted = {"rule": [str(rule.pk) for rule in rules]}
        rows = ben.get(say("rules_rule_health"), wanted).context["rows"]

        health = {row.rule.name: row.health.words for row in rows}
        assert health == {"Soon": "Waits for an item", "Well": "Healthy"}

    def test_offers_beginnings_where_there_is_none(
        self, shops: Shops, ana: Client
    ) -> None:
        assert "starter=launch" in ana.get(say(LIST)).content.decode()

    def test_does_not_show_another_tenants_rules(
        self, shops: Shops, ben: Client
    ) -> None:
        make_rules(shops.theirs, 3)

        assert names(ben) == []

    @pytest.mark.parametrize("show", ["list", "timeline", "both"])
    def test_is_a_list_a_timeline_or_both(
        self, ben: Client, publish: Publish, show: str
    ) -> None:
        publish(**window(end=in_days(3)))

        answer = ben.get(say(LIST), {"show": show})

        assert (answer.context["timeline"] is not None) is (show != "list")

    def test_asks_as_little_of_a_thousand_rules_as_of_one(
        self, shops: Shops, ben: Client, django_assert_max_num_queries: Any
    ) -> None:
        make_rules(shops.ours, 1_000)
        ben.get(say(LIST))

        with django_assert_max_num_queries(20):
            first = ben.get(say(LIST), {"show": "both"})

        assert len(first.context["rows"]) == 25
        after = first.context["page"].after
        second = ben.get(say(LIST), {"after": after})
        keys = {row.rule.pk for row in first.context["rows"]}
        assert keys.isdisjoint(row.rule.pk for row in second.context["rows"])

    def test_exports_what_it_shows_without_formulas(
        self, ben: Client, publish: Publish
    ) -> None:
        publish(name="=cmd()", priority="-5")
        publish(name="Other", surface="cart", target=["sofa"])

        answer = ben.get(say("rules_rule_export"), {"surface": "home"})

        text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
        assert "'=cmd()" in text
        assert ",-5," in text
        assert "Other" not in text


class TestBulk:
    def bulk(self, client: Client, *rules: Rule, **fields: str) -> Any:
        sent = {"rule": [str(rule.pk) for rule in rules], **fields}
        return client.post(say("rules_rule_bulk"), sent)

    def test_pauses_many_as_one_change_set_and_takes_it_back(
        self, shops: Shops, ben: Client, publish: Publish
    ) -> None:
        rules = [publish(), publish(name="Sofa", target=["sofa"], place=["2"])]

        done = self.bulk(ben, *rules, act="pause", reason="Audit")

        with org_scope(shops.ours.org_id):
            states = list(Rule.objects.values_list("state", flat=True))
            change_set = ChangeSet.objects.get(reason="Audit")
        assert states == ["paused", "paused"]
        assert f"done={change_set.pk}" in done["Location"]
        assert "Undo" in ben.get(done["Location"]).content.decode()

        ben.post(say("rules_rule_undo"), {"change_set": str(change_set.pk)})

        with org_scope(shops.ours.org_id):
            assert set(Rule.objects.values_list("state", flat=True)) == {"live"}

    def test_extends_from_the_end_on_the_clock_of_the_zone(
        self, shops: Shops, ben: Client, publish: Publish
    ) -> None:
        rule = publish(**window(end="2126-10-20T00:00", zone="Europe/Berlin"))

        self.bulk(ben, rule, act="extend", days="14")

        with org_scope(shops.ours.org_id):
            rule = Rule.objects.select_related("version").get()
            [kept] = content_of(rule).rule.windows
        assert kept.end == datetime.fromisoformat("2126-11-03T00:00")

    def test_says_what_it_left_alone(self, ben: Client, publish: Publish) -> None:
        answer = self.bulk(ben, publish(), act="extend", days="14")

        page = ben.get(answer["Location"]).content.decode()
        assert "“Lamp on top” has no end." in page

    def test_gives_rules_to_somebody_else(
        self, shops: Shops, ben: Client, publish: Publish
    ) -> None:
        self.bulk(ben, publish(), act="owner", owner="Zoe")

        with org_scope(shops.ours.org_id):
            assert Rule.objects.get().owner == "Zoe"

    def test_retires(self, shops: Shops, ben: Client, publish: Publish) -> None:
        self.bulk(ben, publish(), act="retire")

        with org_scope(shops.ours.org_id):
            assert Rule.objects.get().state == "retired"

    def test_becomes_drafts_for_a_merchandiser(
        self, shops: Shops, ana: Client, publish: Publish
    ) -> None:
        answer = self.bulk(ana, publish(), act="pause")

        with org_scope(shops.ours.org_id):
            assert Rule.objects.get().state == "live"
            change_set = ChangeSet.objects.get(state="draft")
        assert answer["Location"] == say("rules_changeset_change", change_set.pk)

    def test_is_closed_to_viewers(
        self, shops: Shops, chloe: Client, publish: Publish
    ) -> None:
        assert self.bulk(chloe, publish(), act="pause").status_code == 403

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"act": "extend", "days": "0"}, "Extend by 1 to 365 days."),
            ({"act": "owner", "owner": " "}, "Name the new owner."),
        ],
    )
    def test_says_what_is_missing(
        self, ben: Client, publish: Publish, fields: dict[str, str], words: str
    ) -> None:
        answer = self.bulk(ben, publish(), **fields)

        assert words in ben.get(answer["Location"]).content.decode()
