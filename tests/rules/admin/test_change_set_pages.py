"""A change set from draft to roll back, by the buttons that each role is shown."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.tenancy import org_scope
from rules.models import ChangeSet, ChangeSetItem, CheckKind, Rule
from rules.operations.actors import of_job
from rules.operations.change_sets import items_of
from rules.operations.checks import Outcome, store_check
from tests.admin.conftest import Shops
from tests.clock import NOON
from tests.rules.admin.conftest import Publish
from tests.rules.admin.forms import form, say


@pytest.fixture
def drafted(shops: Shops, ana: Client) -> ChangeSet:
    ana.post(say("rules_rule_add"), form(do="draft"))
    with org_scope(shops.ours.org_id):
        return ChangeSet.objects.get(state="draft")


def page(client: Client, change_set: ChangeSet) -> Any:
    return client.get(say("rules_changeset_change", change_set.pk))


def step(client: Client, change_set: ChangeSet, name: str, **fields: str) -> str:
    place = say("rules_changeset_step", change_set.pk)
    answer = client.post(place, {"step": name, **fields}, follow=True)
    return answer.content.decode()


def check_fully(change_set: ChangeSet) -> None:
    """Store the verdict that a check with a forecast comes to."""
    with org_scope(change_set.org_id):
        store_check(
            change_set,
            Outcome(kind=CheckKind.FULL, findings=[]),
            items=items_of(change_set),
            actor=of_job("test"),
            at=timezone.now(),
        )


def state(change_set: ChangeSet) -> str:
    with org_scope(change_set.org_id):
        change_set.refresh_from_db()
        return change_set.state


class TestLife:
    def test_goes_from_draft_to_roll_back(
        self, ana: Client, ben: Client, drafted: ChangeSet
    ) -> None:
        assert "It is submitted" in step(ana, drafted, "submit")
        assert "Approved, exactly" in step(ben, drafted, "approve", reason="Good.")
        assert "no full check yet" in step(ben, drafted, "publish")
        check_fully(drafted)
        assert "in force" in step(ben, drafted, "publish")
        with org_scope(drafted.org_id):
            assert Rule.objects.get().state == "live"

        said = step(ben, drafted, "rollback", reason="Fewer clicks.")

        assert "It rolls back" in said
        assert state(drafted) == "rolled_back"
        with org_scope(drafted.org_id):
            assert Rule.objects.get().state == "retired"

    def test_is_sent_back_with_a_reason_only(
        self, ana: Client, ben: Client, drafted: ChangeSet
    ) -> None:
        step(ana, drafted, "submit")

        assert "Say why it is rejected." in step(ben, drafted, "reject")
        step(ben, drafted, "reject", reason="The lamp is sold out.")

        assert state(drafted) == "rejected"
        assert "The lamp is sold out." in page(ana, drafted).content.decode()
        assert "“" in step(ana, drafted, "reopen")
        assert state(drafted) == "draft"

    def test_is_withdrawn(self, ana: Client, drafted: ChangeSet) -> None:
        step(ana, drafted, "withdraw")

        assert state(drafted) == "withdrawn"

    def test_loses_a_draft_that_is_taken_out(
        self, ana: Client, drafted: ChangeSet
    ) -> None:
        with org_scope(drafted.org_id):
            item = ChangeSetItem.objects.get()

        ana.post(say("rules_changeset_drop", drafted.pk), {"item": str(item.pk)})

        with org_scope(drafted.org_id):
            assert not Rule.objects.exists()

    def test_says_its_conflicts_after_a_check(
        self, ana: Client, drafted: ChangeSet, publish: Publish
    ) -> None:
        publish(name="Recall", action="BLOCK")

        said = step(ana, drafted, "check")

        assert "Conflict" in said
        assert "Recall" in said

    def test_marks_a_rule_that_was_published_meanwhile(
        self, ana: Client, ben: Client, publish: Publish, shops: Shops
    ) -> None:
        rule = publish()
        ana.post(
            say("rules_rule_edit", rule.pk), form(do="draft", base="1", priority="2")
        )
        ben.post(
            say("rules_rule_edit", rule.pk), form(do="publish", base="1", priority="3")
        )
        with org_scope(shops.ours.org_id):
            change_set = ChangeSet.objects.get(state="draft")

        assert "published meanwhile" in page(ana, change_set).content.decode()


class TestButtons:
    def test_of_approval_are_not_for_who_worked_on_it(
        self, shops: Shops, ben: Client, oscar: Client
    ) -> None:
        shops.ours.four_eyes = True
        shops.ours.save()
        ben.post(say("rules_rule_add"), form(do="publish"))
        with org_scope(shops.ours.org_id):
            change_set = ChangeSet.objects.get()

        assert not page(ben, change_set).context["may"]["approve"]
        assert page(oscar, change_set).context["may"]["approve"]
        assert step_status(ben, change_set, "approve") == 403

    @pytest.mark.parametrize("name", ["approve", "publish", "rollback", "reject"])
    def test_of_publishers_are_refused_to_merchandisers(
        self, ana: Client, drafted: ChangeSet, name: str
    ) -> None:
        before = state(drafted)

        step_status(ana, drafted, name)

        assert state(drafted) == before

    @pytest.mark.parametrize("name", ["submit", "check", "withdraw"])
    def test_of_merchandisers_are_refused_to_viewers(
        self, chloe: Client, drafted: ChangeSet, name: str
    ) -> None:
        assert step_status(chloe, drafted, name) == 403
        assert state(drafted) == "draft"


def step_status(client: Client, change_set: ChangeSet, name: str) -> int:
    place = say("rules_changeset_step", change_set.pk)
    answer = client.post(place, {"step": name, "reason": "x"})
    return answer.status_code


class TestList:
    def test_leaves_single_changes_out_until_they_are_asked_for(
        self, ben: Client, drafted: ChangeSet, publish: Publish
    ) -> None:
        publish(name="Alone")
        place = say("rules_changeset_changelist")

        few = ben.get(place).context["rows"]
        all_of_them = ben.get(place, {"single": "yes"}).context["rows"]

        assert [row[0].title for row in few] == ["Lamp on top"]
        assert len(all_of_them) == 2

    def test_the_menu_counts_what_waits(
        self, ana: Client, ben: Client, drafted: ChangeSet
    ) -> None:
        step(ana, drafted, "submit")

        place = say("rules_changeset_changelist")
        counts = {
            entry.title: entry.count for entry in ben.get(place).context["frame"].menu
        }
        assert counts["Change sets"] == 1

    def test_a_new_one_needs_a_title_and_a_reason(
        self, shops: Shops, ana: Client
    ) -> None:
        place = say("rules_changeset_add")

        assert (
            "Give the change set a title."
            in ana.post(place, {"reason": "x"}).content.decode()
        )
        made = ana.post(place, {"title": "Winter", "reason": "Snow."})

        assert made.status_code == 302

    def test_another_tenants_is_not_found(
        self, shops: Shops, ben: Client, drafted: ChangeSet
    ) -> None:
        with org_scope(shops.theirs.org_id):
            theirs = ChangeSet.objects.create(
                org=shops.theirs.org,
                namespace=shops.theirs,
                title="Secret",
                reason="x",
                source="ui",
                author="x",
                author_identity="x",
                created_at=NOON,
                updated_at=NOON,
            )

        assert page(ben, theirs).status_code == 404
