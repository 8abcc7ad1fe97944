"""Today: what waits for me, what needs a look and how to mend it, what comes next."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import FeedbackHour
from catalog.models import ChangeKind
from catalog.operations import record_change
from catalog.tenancy import org_scope
from ranking.operations.publishing import publish_if_behind
from rules.models import ChangeSet, Incident, ManualOverride, Rule
from rules.operations.alerts import keep_incidents
from tests.admin.conftest import Shops
from tests.rules.admin.conftest import Publish, ana, ben, chloe, oscar, publish
from tests.rules.admin.forms import form, say, window

__all__ = ["ana", "ben", "chloe", "oscar", "publish"]


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Any) -> None:
    settings.FILES_ROOT = tmp_path


def today(client: Client) -> str:
    answer = client.get("/admin/")
    assert answer.status_code == 200
    return answer.content.decode()


def in_days(days: float) -> str:
    at = (timezone.now() + timedelta(days=days)).replace(tzinfo=None)
    return at.isoformat(timespec="minutes")


def drafted(client: Client, shops: Shops, **fields: Any) -> ChangeSet:
    """Save a rule as a draft; return the change set that it stands in."""
    answer = client.post(say("rules_rule_add"), form(do="save", **fields))
    assert answer.status_code == 302
    with org_scope(shops.ours.org_id):
        return ChangeSet.objects.order_by("-created_at", "-pk")[0]


def step(client: Client, change_set: ChangeSet, verb: str, **more: str) -> None:
    url = reverse("admin:rules_changeset_step", args=[change_set.pk])
    assert client.post(url, {"step": verb, **more}).status_code == 302


class TestNeedsMe:
    def test_shows_what_i_may_approve(
        self, ana: Client, ben: Client, chloe: Client, shops: Shops
    ) -> None:
        change_set = drafted(ana, shops, name="Winter")
        _put(
            change_set,
            shops,
            state="in_review",
            title="Winter pins",
            submitted_at=timezone.now(),
        )

        assert "1 change set waits for you" in today(ben)
        assert "Review Winter pins" in today(ben)
        assert "Needs me" not in today(chloe)

    def test_shows_what_is_approved_and_not_published_yet(
        self, ana: Client, ben: Client, shops: Shops
    ) -> None:
        change_set = drafted(ana, shops, name="Winter")
        _put(
            change_set,
            shops,
            state="approved",
            title="Winter pins",
            submitted_at=timezone.now(),
        )

        assert "1 change set waits for you" in today(ben)
        assert "Publish Winter pins" in today(ben)
        assert "Winter pins" not in today(ana)

    def test_shows_what_was_sent_back_to_me(
        self, ana: Client, ben: Client, shops: Shops
    ) -> None:
        change_set = drafted(ana, shops, name="Winter")
        _put(change_set, shops, state="rejected", title="Winter pins")

        assert "Continue draft Winter pins" in today(ana)
        assert "Continue draft" not in today(ben)


class TestContinue:
    def test_offers_my_drafts(self, ana: Client, ben: Client, shops: Shops) -> None:
        change_set = drafted(ana, shops, name="Winter")

        assert f"Continue {change_set.title}" in today(ana)
        assert f"Continue {change_set.title}" not in today(ben)


class TestNeedsAttention:
    @pytest.fixture
    def rule(self, shops: Shops, publish: Publish) -> Rule:
        return publish(name="Sale pins", target=["lamp"], **window(end=in_days(1)))

    def keep(self, shops: Shops) -> None:
        keep_incidents(shops.ours, at=timezone.now())

    def test_says_what_is_the_matter_and_how_to_mend_it(
        self, ben: Client, shops: Shops, rule: Rule
    ) -> None:
        self.keep(shops)
        shown = today(ben)

        assert "“Sale pins” ends" in shown
        assert reverse("admin:rules_rule_edit", args=[rule.pk]) in shown

    def test_offers_nothing_that_one_may_not_do(
        self, chloe: Client, shops: Shops, rule: Rule
    ) -> None:
        self.keep(shops)
        shown = today(chloe)

        assert "“Sale pins” ends" in shown
        assert reverse("admin:rules_rule_edit", args=[rule.pk]) not in shown

    def test_cancels_an_override_that_waits_for_nothing(
        self, ben: Client, chloe: Client, shops: Shops
    ) -> None:
        sent = {"item_id": "ghost", "surface": "home", "action": "boost"}
        ben.post(say("rules_manualoverride_add"), sent | {"boost_value": "1"})
        with org_scope(shops.ours.org_id):
            cancel = say("rules_manualoverride_cancel", ManualOverride.objects.get().pk)
        self.keep(shops)

        assert cancel in today(ben)
        assert "waits for ghost" in today(chloe)
        assert cancel not in today(chloe)

    def test_puts_many_of_a_kind_together(
        self, ben: Client, shops: Shops, rule: Rule
    ) -> None:
        with org_scope(shops.ours.org_id):
            for place in range(3):
                Incident.objects.create(
                    org_id=shops.ours.org_id,
                    namespace=shops.ours,
                    kind="never_matched",
                    subject=str(place),
                    sentence=f"“R{place}” matched nothing in 30 days.",
                    rule_ids=[rule.pk],
                    opened_at=timezone.now(),
                )
        shown = today(ben)

        assert "3 rules matched nothing in 30 days." in shown
        assert "Show 3" in shown
        assert "Retire 3" in shown

    def test_retires_dead_rules_with_one_button(
        self, ben: Client, shops: Shops, rule: Rule
    ) -> None:
        values = {"act": "retire", "rule": [str(rule.pk)]}
        ben.post(reverse("admin:rules_rule_bulk"), values)

        assert Rule.unscoped.get(pk=rule.pk).state == "retired"

    def test_lists_all_alerts(self, ben: Client, shops: Shops, rule: Rule) -> None:
        self.keep(shops)
        page = reverse("admin:rules_incident_changelist")

        assert "“Sale pins” ends" in ben.get(page).content.decode()
        narrowed = ben.get(page, {"state": "over"}).content.decode()
        assert "No alert matches" in narrowed


class TestRecentChanges:
    def changes(self, client: Client) -> list[tuple[str, str]]:
        found = client.get("/admin/").context["today"].changes
        return [(each.who, each.words) for each in found]

    def test_name_who_published_what(
        self, ben: Client, shops: Shops, publish: Publish
    ) -> None:
        publish(name="Sale pins")
        with org_scope(shops.ours.org_id):
            publish_if_behind(shops.ours, at=timezone.now())

        assert self.changes(ben)[0] == ("publisher", "published “Sale pins”")
        assert "Settings" not in {who for who, _ in self.changes(ben)}

    def test_tell_of_settings(self, ben: Client, shops: Shops) -> None:
        with org_scope(shops.ours.org_id):
            record_change(
                shops.ours, kind=ChangeKind.CONFIGURATION, count=1, at=timezone.now()
            )

        assert self.changes(ben)[0] == ("Settings", "were changed")

    def test_tell_who_switched_all_rules_off_and_why(
        self, ben: Client, oscar: Client
    ) -> None:
        switch = reverse("admin:rules_rule_switch")
        oscar.post(switch, {"on": "", "reason": "The page is empty."})
        off = self.changes(ben)
        oscar.post(switch, {"on": "yes", "reason": "It is mended."})

        words = "switched all rules off: The page is empty."
        assert off[0] == ("operator", words)
        again = "switched all rules on again: It is mended."
        assert self.changes(ben)[:2] == [("operator", again), ("operator", words)]
        assert "Settings" not in {who for who, _ in self.changes(ben)}


class TestStartsAndEnds:
    def test_shows_the_next_seven_days(
        self, ben: Client, shops: Shops, publish: Publish
    ) -> None:
        publish(name="Near", **window(start=in_days(2), end=in_days(3)))
        publish(name="Far", target=["far"], **window(start=in_days(9)))
        found = ben.get("/admin/").context["today"].edges

        named = [(edge.name, edge.starts) for day in found.days for edge in day.edges]
        assert named == [("Near", True), ("Near", False)]
        assert len(found.days) == 7


class TestFigures:
    def counted(self, shops: Shops, at: datetime, **counts: int) -> None:
        with org_scope(shops.ours.org_id):
            FeedbackHour.objects.create(
                org_id=shops.ours.org_id,
                namespace=shops.ours,
                hour=at,
                dimension="all",
                value="",
                **counts,
            )

    def figures(self, client: Client) -> dict[str, Any]:
        # A slow machine counts a day a request, and comes to an end all the same.
        while True:
            context = client.get(reverse("admin:today_figures")).context
            if "figures" in context:
                return {figure.title: figure for figure in context["figures"]}

    def test_tell_items_seen_and_the_click_rate(
        self, ben: Client, shops: Shops
    ) -> None:
        at = timezone.now() - timedelta(days=1)
        self.counted(shops, at, served=9_000, impressions=5_000, clicks=200)
        found = self.figures(ben)

        assert found["Impressions, 7 d"].value == "5,000"
        assert found["Click rate, 7 d"].value == "4.0 %"
        assert "Between 3.49 and 4.58 %" in found["Click rate, 7 d"].why

    def test_tell_items_served_where_nobody_says_what_was_seen(
        self, ben: Client, shops: Shops
    ) -> None:
        self.counted(shops, timezone.now() - timedelta(days=1), served=9_000)
        found = self.figures(ben)

        assert found["Items served, 7 d"].value == "9,000"
        assert found["Click rate, 7 d"].value == ""
        assert "No clicks" in found["Click rate, 7 d"].why


class TestWebhooks:
    def test_are_an_admins_alone(self, ben: Client, shops: Shops) -> None:
        page = reverse("admin:rules_webhook_changelist")

        assert ben.get(page).status_code == 403

    def test_are_made_tested_and_deleted(
        self, log_in: Any, shops: Shops, settings: Any
    ) -> None:
        admin = log_in("admin")
        add = reverse("admin:rules_webhook_add")

        refused = admin.post(add, {"name": "team", "url": "https://127.0.0.1/x"})
        made = admin.post(add, {"name": "team", "url": "https://8.8.8.8/x"})
        secret = made.context["secret"]
        hook = made.context["webhook"]
        act = reverse("admin:rules_webhook_act", args=[hook.pk])
        page = reverse("admin:rules_webhook_change", args=[hook.pk])
        admin.post(act, {"act": "test"})

        assert "not a public address" in refused.content.decode()
        assert secret.startswith("whsec_")
        shown = admin.get(page).content.decode()
        assert "On its way" in shown
        assert secret not in shown
        assert admin.post(act, {"act": "secret"}).context["secret"] != secret
        admin.post(act, {"act": "delete"})
        assert admin.get(page).status_code == 404


def test_a_rules_page_tells_its_effect(ben: Client, publish: Publish) -> None:
    rule = publish(name="Sale pins")
    shown = ben.get(
        reverse("admin:rules_rule_change", args=[rule.pk]), {"tab": "effect"}
    )

    assert "It met nothing" in shown.content.decode()
    assert isinstance(rule.pk, UUID)


def _put(change_set: ChangeSet, shops: Shops, **fields: Any) -> None:
    """Let a change set stand as if it had gone that way."""
    with org_scope(shops.ours.org_id):
        ChangeSet.objects.filter(pk=change_set.pk).update(**fields)
