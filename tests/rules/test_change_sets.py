"""Several changes drafted, checked, published and undone as one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from catalog.models import Namespace
from catalog.tenancy import org_scope
from rules.models import ChangeSet, CheckKind, CheckVerdict, RuleVersion
from rules.operations.actors import of_job
from rules.operations.change_sets import items_of
from rules.operations.checks import Outcome, store_check
from rules.queries.live import live_rules
from tests.clock import NOON
from tests.rules.desks import CHANGE_SETS, OTHER_ORG, RULES, SALE, Desk, told

pytestmark = pytest.mark.django_db


def pass_check(
    namespace: Namespace,
    path: str,
    *,
    verdict: str = CheckVerdict.PASSED,
    **moment: Any,
) -> None:
    """Store what a forecast would have said of a change set."""
    with org_scope(namespace.org_id):
        change_set = ChangeSet.objects.select_related("namespace").get(
            pk=UUID(path.rpartition("/")[2])
        )
        store_check(
            change_set,
            Outcome(kind=CheckKind.FULL, findings=[], verdict=verdict),
            items=items_of(change_set),
            actor=of_job("forecast"),
            at=moment.get("at", timezone.now()),
        )


def names(namespace: Namespace) -> set[str]:
    with org_scope(namespace.org_id):
        return {rule.name for rule in live_rules(namespace)}


class TestDrafting:
    def test_needs_a_title_and_a_reason(self, desk: Desk) -> None:
        for name in ("title", "reason"):
            body = {"namespace": "shop", "title": "t", "reason": "r"} | {name: ""}

            assert told(desk.send("POST", CHANGE_SETS, body)) == (
                400,
                f"missing_{name}",
            )

    def test_leaves_what_is_served_alone(
        self, desk: Desk, namespace: Namespace
    ) -> None:
        path = desk.begin()

        shown = desk.draft(path, name="Snow")

        [change] = shown["changes"]
        assert (shown["state"], change["base_version"]) == ("draft", 0)
        assert change["sentence"] == "On home, boost what is tagged sale by 50 %."
        assert names(namespace) == set()
        assert desk.rules()[0]["state"] == "draft"

    def test_shows_what_changes_in_words(self, desk: Desk) -> None:
        made = desk.make()
        path = desk.begin()
        body = {"rule_id": made["rule_id"], "rule": SALE | {"boost_value": 0.9}}

        shown = desk.ask("POST", f"{path}/changes", body)

        words = [each["words"] for each in shown["changes"][0]["differences"]]
        assert "strength: 0.5 → 0.9" in words

    def test_replaces_a_change_of_the_same_rule(self, desk: Desk) -> None:
        path = desk.begin()
        rule_id = desk.draft(path)["changes"][0]["rule_id"]

        shown = desk.ask(
            "POST",
            f"{path}/changes",
            {"rule_id": rule_id, "rule": SALE | {"name": "B"}},
        )

        assert shown["change_count"] == 1
        assert desk.rules()[0]["name"] == "B"

    def test_forgets_a_dropped_rule_that_was_nothing_else(self, desk: Desk) -> None:
        path = desk.begin()
        rule_id = desk.draft(path)["changes"][0]["rule_id"]

        shown = desk.ask("DELETE", f"{path}/changes/{rule_id}")

        assert shown["change_count"] == 0
        assert desk.rules() == []

    def test_refuses_a_rule_of_another_namespace(self, desk: Desk) -> None:
        elsewhere = desk.make(namespace="elsewhere")
        body = {"rule_id": elsewhere["rule_id"], "verb": "pause"}

        answer = desk.send("POST", f"{desk.begin()}/changes", body)

        assert told(answer) == (404, "rule_not_found")

    def test_refuses_a_bad_rule_and_keeps_none_of_it(self, desk: Desk) -> None:
        path = desk.begin()

        answer = desk.send(
            "POST", f"{path}/changes", {"rule": SALE | {"boost_value": 0}}
        )

        assert told(answer) == (400, "invalid_boost_value")
        assert desk.get(path).json()["change_count"] == 0

    def test_is_not_found_by_another_org(self, desk: Desk) -> None:
        assert told(Desk(OTHER_ORG).get(desk.begin())) == (404, "change_set_not_found")

    def test_is_listed_with_its_number_of_changes(self, desk: Desk) -> None:
        path = desk.begin()
        desk.draft(path)
        desk.begin("Empty")

        listed = desk.get(CHANGE_SETS, namespace="shop", state="draft").json()["items"]

        assert [(each["title"], each["change_count"]) for each in listed] == [
            ("Empty", 0),
            ("Winter", 1),
        ]


class TestChecking:
    def test_finds_conflicts_and_stores_them(self, desk: Desk) -> None:
        desk.make(name="Live one", boost_value=0.7)
        path = desk.begin()
        desk.draft(path, name="Same again")

        shown = desk.ask("POST", f"{path}:check")

        assert (shown["check"]["verdict"], shown["check"]["is_fresh"]) == (
            "passed",
            True,
        )
        assert [each["kind"] for each in shown["check"]["findings"]] == [
            "duplicate",
            "no_review",
        ]

    def test_is_stale_after_a_change(self, desk: Desk) -> None:
        path = desk.begin()
        desk.draft(path)
        desk.ask("POST", f"{path}:check")

        assert desk.draft(path, name="One more")["check"]["is_fresh"] is False


class TestPublishing:
    @pytest.fixture
    def path(self, desk: Desk, namespace: Namespace) -> str:
        """A change set that changes one rule, ends one and makes one."""
        changed, ended = desk.make(name="changed"), desk.make(name="ended")
        path = desk.begin()
        desk.draft(path, name="made")
        body = {"rule_id": changed["rule_id"], "rule": SALE | {"name": "renamed"}}
        desk.ask("POST", f"{path}/changes", body)
        desk.ask(
            "POST", f"{path}/changes", {"rule_id": ended["rule_id"], "verb": "retire"}
        )
        return path

    def test_needs_a_full_check(self, desk: Desk, path: str) -> None:
        desk.ask("POST", f"{path}:check")

        assert told(desk.send("POST", f"{path}:publish")) == (409, "unchecked")

    def test_puts_everything_in_force_at_once(
        self, desk: Desk, namespace: Namespace, path: str
    ) -> None:
        pass_check(namespace, path)

        shown = desk.ask("POST", f"{path}:publish")

        assert (shown["state"], shown["published_by"]) == ("published", "demo")
        assert names(namespace) == {"made", "renamed"}

    def test_is_done_once(self, desk: Desk, namespace: Namespace, path: str) -> None:
        pass_check(namespace, path)
        desk.ask("POST", f"{path}:publish")

        assert told(desk.send("POST", f"{path}:publish")) == (409, "wrong_state")

    def test_refuses_a_check_of_another_content(
        self, desk: Desk, namespace: Namespace, path: str
    ) -> None:
        pass_check(namespace, path)
        desk.draft(path, name="one more")

        answer = desk.send("POST", f"{path}:publish")

        assert told(answer) == (409, "unchecked")
        assert "changed after its check" in answer.json()["message"]

    def test_refuses_a_check_of_another_configuration(
        self, desk: Desk, namespace: Namespace, path: str
    ) -> None:
        pass_check(namespace, path)
        desk.make(name="somebody else's")

        answer = desk.send("POST", f"{path}:publish")

        assert told(answer) == (409, "unchecked")
        assert "configuration" in answer.json()["message"]

    def test_refuses_an_old_check(
        self, desk: Desk, namespace: Namespace, path: str
    ) -> None:
        pass_check(namespace, path, at=NOON.replace(year=2020))

        assert told(desk.send("POST", f"{path}:publish")) == (409, "unchecked")

    def test_lets_an_operator_overrule_a_guardrail_with_a_reason(
        self, desk: Desk, namespace: Namespace, path: str
    ) -> None:
        pass_check(namespace, path, verdict=CheckVerdict.BLOCKED)

        refused = desk.send("POST", f"{path}:publish")
        body = {"overrule_because": "It is the last day."}
        desk.ask("POST", f"{path}:publish", body)

        assert told(refused) == (409, "unchecked")
        assert ChangeSet.unscoped.get(title="Winter").overruled_because == (
            "It is the last day."
        )

    def test_is_refused_whole_when_one_rule_was_changed_meanwhile(
        self, desk: Desk, namespace: Namespace, path: str
    ) -> None:
        [other] = [rule for rule in desk.rules() if rule["name"] == "changed"]
        desk.put(other, boost_value=0.9)
        pass_check(namespace, path)

        answer = desk.send("POST", f"{path}:publish")

        refused = answer.json()
        assert told(answer) == (412, "version_conflict")
        assert "strength: 0.5 → 0.9" in refused["message"]
        assert refused["details"]["rule_id"] == other["rule_id"]
        assert names(namespace) == {"changed", "ended"}
        assert desk.get(path).json()["state"] == "draft"
        assert {each["is_overtaken"] for each in desk.get(path).json()["changes"]} == {
            True,
            False,
        }

    def test_ships_nobody_else_s_drafts(
        self, desk: Desk, namespace: Namespace, path: str
    ) -> None:
        desk.draft(desk.begin("Somebody else's"), name="half done")
        pass_check(namespace, path)

        desk.ask("POST", f"{path}:publish")

        assert "half done" not in names(namespace)

    def test_refuses_an_empty_one(self, desk: Desk, namespace: Namespace) -> None:
        answer = desk.send("POST", f"{desk.begin()}:publish")

        assert told(answer) == (400, "empty_change_set")


class TestRollingBack:
    def test_restores_what_was_before(self, desk: Desk, namespace: Namespace) -> None:
        changed, ended = desk.make(name="changed"), desk.make(name="ended")
        path = desk.begin()
        desk.draft(path, name="made")
        body = {"rule_id": changed["rule_id"], "rule": SALE | {"name": "renamed"}}
        desk.ask("POST", f"{path}/changes", body)
        desk.ask(
            "POST", f"{path}/changes", {"rule_id": ended["rule_id"], "verb": "retire"}
        )
        pass_check(namespace, path)
        desk.ask("POST", f"{path}:publish")

        back = desk.ask("POST", f"{path}:rollback", {"reason": "Fewer clicks."})

        assert (back["state"], back["reason"]) == ("published", "Fewer clicks.")
        assert back["rolls_back"] == path.rpartition("/")[2]
        assert desk.get(path).json()["state"] == "rolled_back"
        assert names(namespace) == {"changed", "ended"}
        assert RuleVersion.unscoped.count() == 8

    def test_brings_back_the_override_that_was_superseded(self, desk: Desk) -> None:
        desk.override(item_id="a", action="suppress")
        desk.override(item_id="a")
        [newest, _] = desk.get(CHANGE_SETS, namespace="shop").json()["items"]

        desk.ask("POST", f"{CHANGE_SETS}/{newest['change_set_id']}:rollback")

        listed = desk.get("/v1/admin/manual_overrides", namespace="shop").json()[
            "items"
        ]
        assert [(each["action"], each["status"]) for each in listed] == [
            ("boost", "cancelled"),
            ("suppress", "active"),
        ]

    def test_is_refused_after_a_later_change(self, desk: Desk) -> None:
        made = desk.make()
        [change_set] = desk.get(CHANGE_SETS, namespace="shop").json()["items"]
        desk.put(made, boost_value=0.9)

        path = f"{CHANGE_SETS}/{change_set['change_set_id']}:rollback"

        assert told(desk.send("POST", path)) == (412, "version_conflict")
        assert desk.get(f"{RULES}/{made['rule_id']}").json()["boost_value"] == 0.9


class TestVersions:
    def test_tell_who_when_and_why(self, desk: Desk) -> None:
        made = desk.make(reason="First.")
        desk.put(made, boost_value=0.9, reason="Stronger.")

        found = desk.get(f"{RULES}/{made['rule_id']}/versions").json()["versions"]

        told_of = [(each["version"], each["reason"], each["source"]) for each in found]
        assert told_of == [(2, "Stronger.", "api"), (1, "First.", "api")]
        assert [each["is_published"] for each in found] == [True, False]

    def test_are_compared_in_words(self, desk: Desk) -> None:
        made = desk.make(valid_until="2126-11-30T00:00:00Z")
        desk.put(made, valid_until="2126-12-07T00:00:00Z")

        found = desk.ask("POST", f"{RULES}/{made['rule_id']}:diff", {})

        assert (found["from"], found["to"]) == (1, 2)
        assert [each["words"] for each in found["differences"]] == [
            "ends: 30 Nov → 7 Dec"
        ]

    def test_are_restored_as_a_draft(self, desk: Desk, namespace: Namespace) -> None:
        made = desk.make()
        path = f"{RULES}/{made['rule_id']}"
        desk.ask("DELETE", path)

        shown = desk.ask("POST", f"{path}:restore", {"version": 1})

        change_set = f"{CHANGE_SETS}/{shown['change_set_id']}"
        assert names(namespace) == set()
        pass_check(namespace, change_set)
        desk.ask("POST", f"{change_set}:publish")
        assert names(namespace) == {"Sale on top"}

    def test_are_404_beyond_the_newest(self, desk: Desk) -> None:
        made = desk.make()

        answer = desk.send("POST", f"{RULES}/{made['rule_id']}:restore", {"version": 9})

        assert told(answer) == (404, "version_not_found")
