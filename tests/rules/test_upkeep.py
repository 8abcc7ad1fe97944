"""What time, an operator and the change log do with rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection, transaction

from catalog.models import Change, ChangeKind, Membership, Namespace, Role
from catalog.permissions import NotAllowedError
from catalog.tenancy import org_scope
from rules.models import Rule, RuleState, RuleVersion
from rules.operations.actors import of_job, of_staff
from rules.operations.switching import switch_rules
from rules.operations.upkeep import keep_states
from rules.queries.live import live_overrides, live_rules
from rules.queries.standing import in_state, state_at
from tests.clock import NOON
from tests.rules.desks import Desk

pytestmark = pytest.mark.django_db


def test_states_follow_the_clock(desk: Desk, namespace: Namespace) -> None:
    now = datetime.now(UTC)
    opens, closes = now + timedelta(days=1), now + timedelta(days=2)
    desk.make(valid_from=opens.isoformat(), valid_until=closes.isoformat())
    seen = []
    for at in (now, opens, closes):
        keep_states(namespace, at=at)
        seen.append(Rule.unscoped.get().state)

    assert seen == [RuleState.SCHEDULED, RuleState.LIVE, RuleState.EXPIRED]


def test_states_are_known_before_they_are_stored(
    desk: Desk, namespace: Namespace
) -> None:
    now = datetime.now(UTC)
    day = timedelta(days=1)
    for n, ends in enumerate([None, now + 2 * day]):
        window = {"valid_until": ends.isoformat()} if ends else {}
        desk.make(name=f"from now {n}", **window)
        desk.make(
            name=f"from tomorrow {n}", valid_from=(now + day).isoformat(), **window
        )
    desk.make(name="off", enabled=False)

    for at in (now, now + day, now + 2 * day):
        rules = Rule.unscoped.filter(namespace=namespace)
        wanted = {rule.name: state_at(rule, at) for rule in rules}
        found = {
            rule.name: state
            for state in RuleState.values
            for rule in rules.filter(in_state(state, at))
        }

        assert found == wanted


def test_the_clock_makes_no_versions(desk: Desk, namespace: Namespace) -> None:
    soon = datetime.now(UTC) + timedelta(days=1)
    made = desk.make(valid_until=soon.isoformat())
    keep_states(namespace, at=soon)

    extended = desk.put(made, valid_until="2126-01-01T00:00:00Z").json()

    assert (extended["state"], extended["version"]) == ("live", 2)


class TestKillSwitch:
    def test_takes_all_rules_and_overrides_out_of_force(
        self, desk: Desk, namespace: Namespace
    ) -> None:
        desk.make()
        desk.override(item_id="a")
        actor = of_job("test")
        with org_scope(namespace.org_id):
            switch_rules(
                namespace, on=False, reason="Wrong prices.", actor=actor, at=NOON
            )

            assert live_rules(namespace) == live_overrides(namespace) == ()

            switch_rules(namespace, on=True, reason="Mended.", actor=actor, at=NOON)

            assert len(live_rules(namespace)) == len(live_overrides(namespace)) == 1

    def test_is_the_operator_s(self, namespace: Namespace) -> None:
        for role in (Role.PUBLISHER, Role.OPERATOR):
            staff = get_user_model().objects.create_user(role, is_staff=True)
            Membership.objects.create(
                staff=staff, org_id=namespace.org_id, namespace=namespace, role=role
            )
            actor = of_staff(staff, namespace)
            with org_scope(namespace.org_id):
                if role == Role.OPERATOR:
                    switch_rules(namespace, on=False, reason="!", actor=actor, at=NOON)
                else:
                    with pytest.raises(NotAllowedError, match="role operator"):
                        switch_rules(
                            namespace, on=False, reason="!", actor=actor, at=NOON
                        )

    def test_tells_serving_through_the_feed(self, namespace: Namespace) -> None:
        with org_scope(namespace.org_id):
            switch_rules(namespace, on=False, reason="!", actor=of_job("test"), at=NOON)
            assert Change.objects.get().kind == ChangeKind.CONFIGURATION


class TestRecords:
    def test_versions_are_never_changed(self, desk: Desk) -> None:
        desk.make()

        for change in (
            lambda: RuleVersion.unscoped.update(reason="forged"),
            lambda: RuleVersion.unscoped.all().delete(),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()

    def test_the_change_log_says_who_and_why(self, desk: Desk) -> None:
        made = desk.make(reason="First.")
        desk.put(made, boost_value=0.9, reason="Stronger.")

        newest = _log("RuleEvent").order_by("-pgh_id").first()

        assert (
            newest.pgh_context.metadata
            | {
                "who": "demo",
                "identity": "demo",
                "source": "api",
                "why": "Stronger.",
            }
            == newest.pgh_context.metadata
        )

    def test_the_change_log_sees_what_sql_does(self, desk: Desk) -> None:
        desk.make()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE rules_rule SET priority = 77")

        newest = _log("RuleEvent").order_by("-pgh_id").first()

        assert (newest.pgh_label, newest.priority) == ("update", 77)


def _log(name: str) -> Any:
    return apps.get_model("rules", name)._base_manager.all()
