"""Alerts: once for each incident, grouped, and once more when it is over."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from audit.models import RuleHour
from audit.spool import writer
from catalog.models import Item, Namespace
from catalog.tenancy import org_scope
from rules import alert_tally
from rules.models import ChangeCheck, ChangeSet, Delivery, Incident, Webhook
from rules.operations.alarms import alarms
from rules.operations.alerts import News, keep_incidents, purge_incidents
from rules.operations.upkeep import keep_states
from tests.rules.desks import ORG, OTHER_ORG, Desk

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _own_files(tmp_path: Path, settings: Any) -> Any:
    settings.FILES_ROOT = tmp_path
    yield
    writer.flush()


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def lamp(namespace: Namespace, now: datetime) -> Item:
    with org_scope(ORG):
        return Item.objects.create(
            org_id=ORG,
            namespace=namespace,
            item_id="lamp",
            title="Oak lamp",
            stock=3,
            created_at=now,
            updated_at=now,
        )


def pin(desk: Desk, item: str = "lamp", **fields: Any) -> Any:
    about: dict[str, Any] = {
        "name": f"Pin {item}",
        "action": "PIN",
        "boost_value": None,
    }
    about |= {"target_type": "ITEM", "target_key": None, "item_ids": [item]}
    return desk.make(**about | fields)


def kinds(namespace: Namespace, *, at: datetime) -> dict[str, str]:
    with org_scope(ORG):
        return {alarm.kind: alarm.sentence for alarm in alarms(namespace, at=at)}


class TestAnAlarm:
    def test_is_no_rule_that_is_well(
        self, desk: Desk, namespace: Namespace, lamp: Item, now: datetime
    ) -> None:
        pin(desk)

        assert kinds(namespace, at=now) == {}

    def test_is_a_rule_that_ends_within_three_days(
        self, desk: Desk, namespace: Namespace, now: datetime
    ) -> None:
        desk.make(name="Sale", valid_until=(now + 2 * DAY).isoformat())
        desk.make(
            name="Long", target_key="new", valid_until=(now + 4 * DAY).isoformat()
        )

        found = kinds(namespace, at=now)

        assert list(found) == ["ends_soon"]
        assert found["ends_soon"].startswith("“Sale” ends ")

    def test_tells_the_time_of_the_namespace(
        self, desk: Desk, namespace: Namespace, now: datetime
    ) -> None:
        zone = "Pacific/Auckland"
        Namespace.objects.filter(pk=namespace.pk).update(time_zone=zone)
        namespace.refresh_from_db()
        ends = now + DAY
        desk.make(name="Sale", valid_until=ends.isoformat())

        said = kinds(namespace, at=now)["ends_soon"]

        local = ends.astimezone(ZoneInfo(zone))
        assert said == f"“Sale” ends {local:%a %-d %b %H:%M} (Pacific/Auckland)."

    def test_is_a_rule_that_is_over_and_still_enabled(
        self, desk: Desk, namespace: Namespace, now: datetime
    ) -> None:
        desk.make(name="Sale", valid_until=(now + DAY).isoformat())
        later = now + 2 * DAY
        keep_states(namespace, at=later)

        assert "still enabled" in kinds(namespace, at=later)["over"]
        assert kinds(namespace, at=later + 40 * DAY) == {}

    def test_is_a_target_that_is_sold_out_or_unknown(
        self, desk: Desk, namespace: Namespace, lamp: Item, now: datetime
    ) -> None:
        pin(desk)
        pin(desk, "ghost", name="Pin ghost", pin_positions=None, priority=3)
        with org_scope(ORG):
            Item.objects.filter(pk=lamp.pk).update(stock=0)

        found = kinds(namespace, at=now)

        assert "Oak lamp" in found["target_away"]
        assert "ghost" in found["target_unknown"]

    def test_names_the_override_that_it_is_about(
        self, desk: Desk, namespace: Namespace, now: datetime
    ) -> None:
        made = desk.override(item_id="ghost")

        with org_scope(ORG):
            [alarm] = alarms(namespace, at=now)

        assert (alarm.kind, str(alarm.override_id)) == (
            "target_unknown",
            made["override_id"],
        )

    def test_is_a_conflict(
        self, desk: Desk, namespace: Namespace, lamp: Item, now: datetime
    ) -> None:
        pin(desk)
        desk.make(
            name="No lamp",
            action="BLOCK",
            boost_value=None,
            target_type="ITEM",
            target_key=None,
            item_ids=["lamp"],
        )

        assert "No lamp" in kinds(namespace, at=now)["conflict"]

    def test_is_a_rule_without_effect_for_a_day(
        self, desk: Desk, namespace: Namespace, now: datetime
    ) -> None:
        rule = desk.make(name="Sale")
        with org_scope(ORG):
            RuleHour.objects.create(
                org_id=ORG,
                namespace=namespace,
                rule_id=rule["rule_id"],
                held=False,
                hour=now + timedelta(hours=20),
                traced=30,
                without_effect=30,
            )

        later = now + timedelta(hours=26)
        assert "showed none" in kinds(namespace, at=later)["zero_effect"]

    def test_is_an_override_without_an_end_after_seven_days(
        self, desk: Desk, namespace: Namespace, lamp: Item, now: datetime
    ) -> None:
        desk.override(item_id="lamp", action="boost", boost_value=1)

        assert kinds(namespace, at=now + 6 * DAY) == {}
        assert "has no end" in kinds(namespace, at=now + 8 * DAY)["open_override"]

    def test_is_a_change_that_is_live_and_breaks_a_guardrail(
        self, desk: Desk, namespace: Namespace, now: datetime
    ) -> None:
        desk.make(name="Sale")
        with org_scope(ORG):
            change_set = ChangeSet.objects.get()
            ChangeCheck.objects.create(
                org_id=ORG,
                namespace=namespace,
                change_set=change_set,
                kind="full",
                content_hash=b"",
                configuration_hash=b"",
                verdict="blocked",
                findings=[{"kind": "guardrail", "sentence": "Coverage is 3 %."}],
                requested_by="x",
                created_at=now + timedelta(minutes=1),
            )
        found = kinds(namespace, at=now + timedelta(minutes=2))

        assert "breaks a guardrail: Coverage is 3 %." in found["guardrail"]

    def test_is_not_of_another_tenant(
        self, desk: Desk, namespace: Namespace, now: datetime
    ) -> None:
        Desk(OTHER_ORG).make(valid_until=(now + DAY).isoformat())

        assert kinds(namespace, at=now) == {}


class TestAnIncident:
    @pytest.fixture
    def hook(self, namespace: Namespace, now: datetime) -> Webhook:
        with org_scope(ORG):
            return Webhook.objects.create(
                org_id=ORG,
                namespace=namespace,
                name="team",
                url="https://example.com",
                created_at=now,
            )

    @pytest.fixture
    def ending(self, desk: Desk, namespace: Namespace, now: datetime) -> Any:
        return desk.make(name="Sale", valid_until=(now + DAY).isoformat())

    def keep(self, namespace: Namespace, at: datetime) -> News:
        return keep_incidents(namespace, at=at)

    def told(self) -> list[dict[str, Any]]:

        rows = Delivery.unscoped.order_by("created_at", "pk")
        return [json.loads(body) for body in rows.values_list("body", flat=True)]

    def test_is_told_once(
        self, namespace: Namespace, ending: Any, hook: Webhook, now: datetime
    ) -> None:
        first = self.keep(namespace, now)
        second = self.keep(namespace, now + timedelta(minutes=1))

        assert (len(first.opened), len(second.opened)) == (1, 0)
        [message] = self.told()
        [group] = message["opened"]
        assert (group["kind"], group["count"]) == ("ends_soon", 1)
        assert group["incidents"][0]["rule_ids"] == [ending["rule_id"]]

    def test_is_told_when_it_is_over(
        self,
        desk: Desk,
        namespace: Namespace,
        ending: Any,
        hook: Webhook,
        now: datetime,
    ) -> None:
        self.keep(namespace, now)
        desk.put(ending, valid_until=(now + 60 * DAY).isoformat())
        news = self.keep(namespace, now + timedelta(minutes=1))

        assert len(news.recovered) == 1
        assert [bool(each["recovered"]) for each in self.told()] == [False, True]
        assert Incident.unscoped.get().recovered_at is not None

    def test_may_come_back(
        self, desk: Desk, namespace: Namespace, ending: Any, now: datetime
    ) -> None:
        self.keep(namespace, now)
        longer = desk.put(ending, valid_until=(now + 60 * DAY).isoformat()).json()
        self.keep(namespace, now + timedelta(minutes=1))
        desk.put(longer, valid_until=(now + DAY).isoformat())
        self.keep(namespace, now + timedelta(minutes=2))

        assert Incident.unscoped.count() == 2

    def test_says_what_is_so_now(
        self, desk: Desk, namespace: Namespace, ending: Any, now: datetime
    ) -> None:
        self.keep(namespace, now)
        desk.put(ending, name="Late sale")
        self.keep(namespace, now + timedelta(minutes=1))

        assert Incident.unscoped.get().sentence.startswith("“Late sale” ends")

    def test_comes_with_others_of_its_kind(
        self, desk: Desk, namespace: Namespace, hook: Webhook, now: datetime
    ) -> None:
        for name in ("a", "b", "c"):
            desk.make(name=name, valid_until=(now + DAY).isoformat())
        self.keep(namespace, now)

        groups = {each["kind"]: each["count"] for each in self.told()[0]["opened"]}
        assert groups["ends_soon"] == 3

    def test_is_counted_for_prometheus(
        self,
        namespace: Namespace,
        ending: Any,
        now: datetime,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        registry = CollectorRegistry()
        alert_tally.register(registry)
        with django_capture_on_commit_callbacks(execute=True):
            self.keep(namespace, now)

        shown = generate_latest(registry).decode()
        assert 'policy_alerts_opened_total{kind="ends_soon"} 1.0' in shown

    def test_is_dropped_long_after_it_was_over(
        self, desk: Desk, namespace: Namespace, ending: Any, now: datetime
    ) -> None:
        self.keep(namespace, now)
        desk.put(ending, valid_until=(now + 60 * DAY).isoformat())
        self.keep(namespace, now)
        purge_incidents(at=now + 80 * DAY)
        kept = Incident.unscoped.count()
        purge_incidents(at=now + 100 * DAY)

        assert (kept, Incident.unscoped.count()) == (1, 0)
