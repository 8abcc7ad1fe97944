"""Rules over HTTP, as clients of the RecSys service make, read and switch them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.rules.desks import OTHER_ORG, RULES, SALE, Desk, told

pytestmark = pytest.mark.django_db


class TestMaking:
    def test_answers_the_whole_rule(self, desk: Desk) -> None:
        body = SALE | {"namespace": "shop", "priority": 7, "reason": "Stock is high."}

        answer = desk.send("POST", RULES, body)

        made = answer.json()
        assert answer.status_code == 201
        assert made | body == made
        assert (made["state"], made["version"], made["enabled"]) == ("live", 1, True)
        assert made["sentence"] == "On home, boost what is tagged sale by 50 %."
        assert answer["ETag"] == '"1"'

    def test_fills_in_what_a_machine_need_not_say(self, desk: Desk) -> None:
        made = desk.make(description="For the weekend")

        in_90_days = datetime.now(UTC).date() + timedelta(days=90)
        assert made["reason"] == "via API: For the weekend"
        assert made["owner"] == "demo"
        assert made["review_by"] == in_90_days.isoformat()

    def test_names_the_rule_itself_where_nothing_describes_it(self, desk: Desk) -> None:
        assert desk.make()["reason"] == "via API: Sale on top"

    def test_takes_the_same_name_twice(self, desk: Desk) -> None:
        assert desk.make()["rule_id"] != desk.make()["rule_id"]

    @pytest.mark.parametrize(
        ("sent", "kept"), [("ban", "BLOCK"), ("Promote", "BOOST"), ("pin", "PIN")]
    )
    def test_knows_an_action_by_its_other_names(
        self, desk: Desk, sent: str, kept: str
    ) -> None:
        value = 0.5 if kept == "BOOST" else None

        assert desk.make(action=sent, boost_value=value)["action"] == kept

    def test_keeps_windows_on_the_clock_of_their_zone(self, desk: Desk) -> None:
        window = {
            "start": "2026-03-27T18:00:00",
            "end": "2026-03-27T22:00:00",
            "time_zone": "Europe/Berlin",
            "recurrence": "FREQ=WEEKLY;BYDAY=FR",
        }

        made = desk.make(windows=[window])

        assert made["windows"] == [window]
        assert (made["valid_from"], made["valid_until"]) == (None, None)
        assert "every Fri 18:00–22:00" in made["sentence"]

    def test_is_scheduled_until_its_window_opens(self, desk: Desk) -> None:
        tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()

        assert desk.make(valid_from=tomorrow)["state"] == "scheduled"

    def test_is_expired_when_its_window_is_over(self, desk: Desk) -> None:
        made = desk.make(valid_until="2020-01-01T00:00:00Z")

        assert made["state"] == "expired"
        assert "is over" in made["warnings"][0]

    def test_waits_for_an_item_that_is_not_there_yet(self, desk: Desk) -> None:
        made = desk.make(
            action="BLOCK", boost_value=None, target_type="ITEM", item_ids=["soon"]
        )

        assert made["state"] == "live"
        assert made["warnings"] == [
            "“Sale on top” waits for soon, not in the catalog yet."
        ]

    def test_tells_of_fields_that_nobody_reads(self, desk: Desk) -> None:
        assert desk.make(colour="red")["warnings"] == [
            "colour is not a field of this call and was ignored."
        ]

    def test_is_done_once_for_one_idempotency_key(self, desk: Desk) -> None:
        body = SALE | {"namespace": "shop"}
        first, second = (
            desk.send("POST", RULES, body, **{"Idempotency-Key": "k"}) for _ in range(2)
        )

        assert first.json()["rule_id"] == second.json()["rule_id"]
        assert len(desk.rules()) == 1


class TestReading:
    def test_finds_a_rule_by_its_id(self, desk: Desk) -> None:
        made = desk.make()

        assert desk.get(f"{RULES}/{made['rule_id']}").json() == made

    @pytest.mark.parametrize(
        "rule_id", ["nothing", "0198c0de-0000-7000-8000-000000000000"]
    )
    def test_is_404_for_an_unknown_rule(self, desk: Desk, rule_id: str) -> None:
        assert told(desk.get(f"{RULES}/{rule_id}")) == (404, "rule_not_found")

    def test_does_not_show_the_rules_of_another_org(self, desk: Desk) -> None:
        made = desk.make()
        stranger = Desk(OTHER_ORG)

        found = stranger.get(f"{RULES}/{made['rule_id']}")
        changed = stranger.put(made, boost_value=1)

        assert told(found) == told(changed) == (404, "rule_not_found")
        assert stranger.rules() == []

    def test_lists_nothing_where_nobody_wrote(self, desk: Desk) -> None:
        assert desk.get(RULES).json()["items"] == []


class TestListing:
    @pytest.fixture
    def made(self, desk: Desk) -> dict[str, Any]:
        past = {"valid_until": "2020-01-01T00:00:00Z"}
        return {
            "plain": desk.make(name="plain"),
            "cart": desk.make(name="cart", surface="cart"),
            "vip": desk.make(name="vip", segment_id="vip"),
            "off": desk.make(name="off", enabled=False),
            "over": desk.make(name="over", **past),
            "block": desk.make(name="block", action="BLOCK", boost_value=None),
        }

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ({}, {"plain", "cart", "vip", "off", "over", "block"}),
            ({"surface": "cart"}, {"cart"}),
            ({"segment_id": "vip"}, {"vip"}),
            ({"segment_id": "null"}, {"plain", "cart", "off", "over", "block"}),
            ({"enabled": "false"}, {"off"}),
            ({"enabled": "true"}, {"plain", "cart", "vip", "over", "block"}),
            ({"active_now": "true"}, {"plain", "cart", "vip", "block"}),
            ({"active_now": "false"}, {"off", "over"}),
            ({"action": "block"}, {"block"}),
            ({"target_type": "ITEM"}, set()),
            ({"state": "paused"}, {"off"}),
        ],
    )
    def test_narrows_by(
        self, desk: Desk, made: Any, query: dict[str, str], names: set[str]
    ) -> None:
        assert {rule["name"] for rule in desk.rules(**query)} == names

    def test_walks_all_pages_by_cursor(self, desk: Desk, made: Any) -> None:
        names: list[str] = []
        cursor = None
        while True:
            query = {"limit": 4} | ({"cursor": cursor} if cursor else {})
            page = desk.get(RULES, namespace="shop", **query).json()
            names += [rule["name"] for rule in page["items"]]
            cursor = page["next_cursor"]
            if not page["has_more"]:
                break

        assert names == ["block", "over", "off", "vip", "cart", "plain"]

    def test_knows_that_a_gap_between_windows_is_no_activity(self, desk: Desk) -> None:
        def days(first: int, last: int) -> dict[str, str]:
            now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
            return {
                "start": (now + timedelta(days=first)).isoformat(),
                "end": (now + timedelta(days=last)).isoformat(),
            }

        desk.make(name="in the gap", windows=[days(-3, -2), days(2, 3)])
        desk.make(name="open", windows=[days(-1, 1), days(2, 3)])

        assert [rule["name"] for rule in desk.rules(active_now="true")] == ["open"]

    def test_takes_as_many_queries_for_many_rules_as_for_one(
        self, desk: Desk, django_assert_max_num_queries: Any, made: Any
    ) -> None:
        with django_assert_max_num_queries(8):
            assert len(desk.rules()) == 6

    @pytest.mark.parametrize("name", ["action", "target_type", "state"])
    def test_names_a_filter_that_makes_no_sense(self, desk: Desk, name: str) -> None:
        answer = desk.get(RULES, namespace="shop", **{name: "x"})

        assert told(answer) == (400, f"invalid_{name}")


class TestReplacing:
    def test_replaces_every_field(self, desk: Desk) -> None:
        made = desk.make(description="old", segment_id="vip", priority=9)

        body = SALE | {"namespace": "shop", "boost_value": 1.5}
        changed = desk.ask("PUT", f"{RULES}/{made['rule_id']}", body)

        assert (changed["boost_value"], changed["version"]) == (1.5, 2)
        assert (changed["description"], changed["segment_id"]) == ("", None)
        assert (changed["priority"], changed["created_at"]) == (0, made["created_at"])

    def test_takes_back_what_it_answered(self, desk: Desk) -> None:
        made = desk.make(valid_until="2126-01-01T00:00:00Z", segment_id="vip")

        again = desk.put(made).json()

        changing = {"version", "updated_at", "reason"}
        assert {k: v for k, v in again.items() if k not in changing} == {
            k: v for k, v in made.items() if k not in changing
        }

    def test_switches_off_and_on(self, desk: Desk) -> None:
        made = desk.make()

        off = desk.put(made, enabled=False).json()
        on = desk.put(made, enabled=True).json()

        assert (off["state"], off["enabled"]) == ("paused", False)
        assert (on["state"], on["version"]) == ("live", 3)

    def test_goes_on_while_the_expected_version_is_in_force(self, desk: Desk) -> None:
        made = desk.make()
        path = f"{RULES}/{made['rule_id']}"

        answer = desk.send("PUT", path, made | {"priority": 2}, **{"If-Match": '"1"'})

        assert answer.status_code == 200
        assert answer["ETag"] == '"2"'

    def test_is_412_with_the_difference_after_somebody_else(self, desk: Desk) -> None:
        made = desk.make()
        path = f"{RULES}/{made['rule_id']}"
        desk.put(made, boost_value=0.75)

        answer = desk.send("PUT", path, made | {"priority": 2}, **{"If-Match": '"1"'})

        refused = answer.json()
        assert told(answer) == (412, "version_conflict")
        assert refused["details"]["current_version"] == 2
        [difference] = [
            each
            for each in refused["details"]["differences"]
            if each["field"] != "reason"
        ]
        assert difference["words"] == "strength: 0.5 → 0.75"
        assert desk.get(path).json()["priority"] == 0

    def test_does_not_follow_a_rule_into_another_namespace(self, desk: Desk) -> None:
        made = desk.make()

        answer = desk.put(made, namespace="elsewhere")

        assert told(answer) == (404, "rule_not_found")


class TestDeleting:
    def test_retires_and_keeps_the_versions(self, desk: Desk) -> None:
        made = desk.make()
        path = f"{RULES}/{made['rule_id']}"

        gone = desk.ask("DELETE", path)

        assert gone["state"] == "retired"
        assert told(desk.get(path)) == (404, "rule_not_found")
        assert told(desk.send("DELETE", path)) == (404, "rule_not_found")
        assert told(desk.put(made)) == (404, "rule_not_found")
        assert desk.rules() == []
        assert [rule["name"] for rule in desk.rules(state="retired")] == ["Sale on top"]
        verbs = [
            each["verb"] for each in desk.get(f"{path}/versions").json()["versions"]
        ]
        assert verbs == ["retire", "publish"]
