from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from catalog.models import Namespace
from catalog.tenancy import org_scope
from rules.core.rule import Action
from rules.models import ManualOverride, RuleState
from rules.operations.upkeep import keep_states
from rules.queries.live import live_overrides, live_rules
from tests.rules.desks import OTHER_ORG, OVERRIDES, RULES, Desk, told

pytestmark = pytest.mark.django_db


def in_force(namespace: Namespace) -> list[tuple[Action, str]]:
    with org_scope(namespace.org_id):
        return [
            (rule.action, rule.target.values[0]) for rule in live_overrides(namespace)
        ]


class TestMaking:
    def test_answers_what_the_old_service_did(self, desk: Desk) -> None:
        body = {
            "namespace": "shop",
            "surface": "home",
            "item_id": "a",
            "action": "boost",
            "boost_value": 3.0,
            "created_by": "scenario_s3",
            "notes": "Scenario S3 boost monotonicity",
        }

        answer = desk.send("POST", OVERRIDES, body)

        made = answer.json()
        assert answer.status_code == 201
        assert made | body == made
        assert (made["status"], made["expires_at"]) == ("active", None)
        assert made["override_id"] != made["rule_id"]

    def test_is_a_rule_of_priority_1000(self, desk: Desk, namespace: Namespace) -> None:
        made = desk.override(item_id="a")

        with org_scope(namespace.org_id):
            [rule] = live_overrides(namespace)
            assert live_rules(namespace) == ()
        assert (rule.priority, rule.value, rule.surface) == (1000, 1.0, "home")
        assert rule.override_id == made["override_id"]
        assert desk.get(f"{RULES}/{made['rule_id']}").json()["name"] == "manual_boost_a"

    def test_suppresses_by_blocking(self, desk: Desk, namespace: Namespace) -> None:
        desk.override(item_id="a", action="suppress")

        assert in_force(namespace) == [(Action.BLOCK, "a")]

    def test_is_for_the_default_surface_where_none_is_named(self, desk: Desk) -> None:
        assert desk.override(item_id="a", surface=None)["surface"] == "default"

    def test_supersedes_the_one_before(self, desk: Desk, namespace: Namespace) -> None:
        before = desk.override(item_id="a", action="suppress")

        made = desk.override(item_id="a")

        listed = desk.get(OVERRIDES, namespace="shop").json()["items"]
        assert [each["status"] for each in listed] == ["active", "superseded"]
        assert before["override_id"] in made["warnings"][-1]
        assert in_force(namespace) == [(Action.BOOST, "a")]

    def test_leaves_other_surfaces_alone(
        self, desk: Desk, namespace: Namespace
    ) -> None:
        desk.override(item_id="a", action="suppress")
        desk.override(item_id="a", surface="cart")

        assert len(in_force(namespace)) == 2

    def test_keeps_its_rule_from_being_changed_apart(self, desk: Desk) -> None:
        made = desk.override(item_id="a")
        rule = desk.get(f"{RULES}/{made['rule_id']}").json()

        assert told(desk.put(rule, priority=1)) == (409, "rule_of_override")


class TestCancelling:
    def test_takes_it_out_of_force(self, desk: Desk, namespace: Namespace) -> None:
        made = desk.override(item_id="a")
        path = f"{OVERRIDES}/{made['override_id']}/cancel"

        cancelled = desk.ask("POST", path, {"cancelled_by": "ana"})

        assert (cancelled["status"], cancelled["cancelled_by"]) == ("cancelled", "ana")
        assert cancelled["cancelled_at"]
        assert in_force(namespace) == []

    def test_is_fine_twice(self, desk: Desk) -> None:
        path = f"{OVERRIDES}/{desk.override(item_id='a')['override_id']}/cancel"

        first = desk.ask("POST", path, {"cancelled_by": "ana"})

        assert desk.ask("POST", path, {"cancelled_by": "ben"}) == first

    def test_reads_who_from_the_header_of_the_old_service(self, desk: Desk) -> None:
        path = f"{OVERRIDES}/{desk.override(item_id='a')['override_id']}/cancel"

        answer = desk.send("POST", path, {}, **{"X-User-Email": "ana@shop.example"})

        assert answer.json()["cancelled_by"] == "ana@shop.example"

    def test_needs_no_body(self, desk: Desk) -> None:
        path = f"{OVERRIDES}/{desk.override(item_id='a')['override_id']}/cancel"

        assert desk.ask("POST", path)["status"] == "cancelled"

    def test_is_404_for_one_of_another_org(self, desk: Desk) -> None:
        path = f"{OVERRIDES}/{desk.override(item_id='a')['override_id']}/cancel"

        answer = Desk(OTHER_ORG).send("POST", path, {})

        assert told(answer) == (404, "override_not_found")


class TestExpiring:
    def test_ends_with_its_window_before_anybody_tidies(
        self, desk: Desk, namespace: Namespace
    ) -> None:
        soon = datetime.now(UTC) + timedelta(hours=1)
        desk.override(item_id="a", expires_at=soon.isoformat())

        with org_scope(namespace.org_id):
            [rule] = live_overrides(namespace)

        assert rule.windows[0].end == soon.replace(tzinfo=None)

    def test_is_told_by_its_status_at_once(
        self, desk: Desk, namespace: Namespace
    ) -> None:
        soon = datetime.now(UTC) + timedelta(hours=1)
        made = desk.override(item_id="a", expires_at=soon.isoformat())
        # An hour passes, and no task runs.
        past = datetime.now(UTC) - timedelta(seconds=1)
        ManualOverride.unscoped.update(expires_at=past)

        def ids(**query: str) -> list[str]:
            listed = desk.get(OVERRIDES, namespace="shop", **query).json()["items"]
            return [each["status"] for each in listed]

        assert ids() == ids(status="expired") == ["expired"]
        assert ids(status="active") == ids(include_expired="false") == []
        path = f"{OVERRIDES}/{made['override_id']}/cancel"
        assert desk.ask("POST", path, {})["status"] == "expired"
        assert desk.override(item_id="a")["status"] == "active"

    def test_is_told_by_its_status_after_the_next_round(
        self, desk: Desk, namespace: Namespace
    ) -> None:
        soon = datetime.now(UTC) + timedelta(hours=1)
        desk.override(item_id="a", expires_at=soon.isoformat())

        keep_states(namespace, at=soon)

        override = ManualOverride.unscoped.select_related("rule").get()
        assert (override.status, override.ended_at) == ("expired", soon)
        assert override.rule.state == RuleState.EXPIRED
        assert (
            desk.get(OVERRIDES, namespace="shop", include_expired="false").json()[
                "items"
            ]
            == []
        )
        assert desk.override(item_id="a")["status"] == "active"


class TestListing:
    def test_needs_a_namespace(self, desk: Desk) -> None:
        assert told(desk.get(OVERRIDES)) == (400, "missing_namespace")

    def test_narrows_by_status_action_and_surface(self, desk: Desk) -> None:
        desk.override(item_id="a", surface="cart")
        made = desk.override(item_id="b", action="suppress")
        desk.ask("POST", f"{OVERRIDES}/{made['override_id']}/cancel", {})

        def ids(**query: str) -> list[str]:
            listed = desk.get(OVERRIDES, namespace="shop", **query).json()["items"]
            return [each["item_id"] for each in listed]

        assert ids() == ["b", "a"]
        assert ids(status="cancelled") == ["b"]
        assert ids(action="boost") == ["a"]
        assert ids(surface="cart") == ["a"]
