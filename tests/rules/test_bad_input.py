"""What cannot be obeyed is refused in a clear sentence, and nothing is written."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.models import Namespace
from rules.models import ChangeSet, Rule, RuleVersion
from tests.rules.desks import OTHER_ORG, OVERRIDES, RULES, SALE, Desk, told

pytestmark = pytest.mark.django_db
PIN = SALE | {
    "action": "PIN",
    "boost_value": None,
    "target_type": "ITEM",
    "item_ids": ["a", "b"],
}
WINDOW = {"start": "2026-11-27T09:00:00", "end": "2026-12-01T00:00:00"}
LATER = {"start": "2026-11-30T09:00:00", "end": "2026-12-24T00:00:00"}
MARS = "Mars/Olympus"
CASES: list[tuple[str, dict[str, Any], str, str]] = [
    ("no name", {"name": " "}, "missing_name", "name"),
    ("a long name", {"name": "x" * 201}, "invalid_name", "name"),
    ("no surface", {"surface": ""}, "missing_surface", "surface"),
    ("no action", {"action": None}, "invalid_action", "action"),
    ("unknown action", {"action": "LIFT"}, "invalid_action", "action"),
    ("unknown target", {"target_type": "SHELF"}, "invalid_target_type", "target_type"),
    ("no tag", {"target_key": ""}, "missing_target_key", "target_key"),
    ("no items", {**PIN, "item_ids": []}, "missing_item_ids", "item_ids"),
    (
        "an item twice",
        {**PIN, "item_ids": ["a", "a"]},
        "invalid_item_ids",
        "item_ids[1]",
    ),
    ("boost of 0", {"boost_value": 0}, "invalid_boost_value", "boost_value"),
    ("boost of -1", {"boost_value": -1}, "invalid_boost_value", "boost_value"),
    ("no boost", {"boost_value": None}, "invalid_boost_value", "boost_value"),
    (
        "a boost of a block",
        {"action": "BLOCK"},
        "invalid_boost_value",
        "boost_value",
    ),
    (
        "a bury above 1",
        {"action": "BURY", "boost_value": 2},
        "invalid_boost_value",
        "boost_value",
    ),
    ("no pins", {**PIN, "max_pins": 0}, "invalid_max_pins", "max_pins"),
    (
        "a pin beyond a page",
        {**PIN, "position": 201},
        "invalid_positions",
        "positions[0]",
    ),
    (
        "a position twice",
        {**PIN, "positions": [2, 2]},
        "invalid_positions",
        "positions[1]",
    ),
    (
        "more positions than items",
        {**PIN, "positions": [1, 2, 3]},
        "invalid_positions",
        "positions",
    ),
    (
        "a context about nothing",
        {"context": {"like": ["ctx.a", 1]}},
        "invalid_context",
        "context",
    ),
    (
        "a time without zone",
        {"valid_from": "2026-11-27T09:00:00"},
        "invalid_timestamp",
        "valid_from",
    ),
    ("no time", {"valid_until": "tomorrow"}, "invalid_timestamp", "valid_until"),
    (
        "an inverted window",
        {"valid_from": "2026-12-01T00:00:00Z", "valid_until": "2026-11-01T00:00:00Z"},
        "invalid_valid_until",
        "valid_until",
    ),
    (
        "an inverted window of a zone",
        {"windows": [{**WINDOW, "end": WINDOW["start"], "time_zone": "Europe/Rome"}]},
        "invalid_windows",
        "windows[0].end",
    ),
    ("overlapping windows", {"windows": [WINDOW, LATER]}, "invalid_windows", "windows"),
    (
        "an unknown zone",
        {"windows": [WINDOW | {"time_zone": MARS}]},
        "invalid_windows",
        "windows[0].time_zone",
    ),
    (
        "a recurrence that is none",
        {"windows": [WINDOW | {"recurrence": "NOW AND THEN"}]},
        "invalid_windows",
        "windows[0].recurrence",
    ),
    (
        "a window with a zone of its own",
        {"windows": [WINDOW | {"start": "2026-11-27T09:00:00Z"}]},
        "invalid_timestamp",
        "windows[0].start",
    ),
    (
        "windows and valid_until",
        {"windows": [WINDOW], "valid_until": "2026-12-01T00:00:00Z"},
        "invalid_windows",
        "windows",
    ),
    ("a holdout of everyone", {"holdout": 1}, "invalid_holdout", "holdout"),
    ("a priority without end", {"priority": 10**9}, "invalid_priority", "priority"),
    ("a name that is no text", {"name": 7}, "invalid_json_type", "name"),
]


def nothing_is_written() -> bool:
    return not any(model.unscoped.exists() for model in (Rule, RuleVersion, ChangeSet))


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [pytest.param(*case[1:], id=case[0]) for case in CASES],
)
def test_a_rule_is_refused_by_field(
    desk: Desk, fields: dict[str, Any], code: str, field: str
) -> None:
    answer = desk.send("POST", RULES, SALE | {"namespace": "shop"} | fields)

    refused = answer.json()
    assert told(answer) == (400, code), refused
    assert refused["details"]["field"] == field
    assert refused["message"].endswith(".")
    assert nothing_is_written()


def test_a_number_that_is_none_is_no_json(desk: Desk) -> None:
    body = b'{"surface":"home","name":"x","action":"BOOST","boost_value":NaN}'

    answer = desk.client.post(RULES, body, content_type="application/json")

    assert told(answer) == (400, "invalid_json")
    assert nothing_is_written()


PROFILE_BUNDLE = {"namespace": "shop", "profiles": [{"profile_id": "bulk"}]}


def test_a_bad_replacement_leaves_the_rule_as_it_was(desk: Desk) -> None:
    made = desk.make()

    answer = desk.put(made, boost_value=0)

    assert told(answer) == (400, "invalid_boost_value")
    assert desk.get(f"{RULES}/{made['rule_id']}").json() == made


def test_a_pin_beyond_the_slots_is_made_and_told_of(desk: Desk) -> None:
    warnings = desk.make(**PIN | {"name": "far", "position": 30})["warnings"]

    assert any("a page shorter than that" in warning for warning in warnings)


def test_pins_are_counted_against_what_the_surface_takes(
    desk: Desk, namespace: Namespace
) -> None:
    knobs = {"surfaces": {"home": {"rules_max_pin_slots": 1}}}
    body = {"namespace": "shop", "config": knobs}
    desk.ask("POST", "/v1/admin/recommendation/config", body)

    crowded = desk.make(**PIN | {"name": "two"})
    elsewhere = desk.make(**PIN | {"name": "two", "surface": "cart"})

    assert any("a page takes 1" in warning for warning in crowded["warnings"])
    assert not any("a page takes" in warning for warning in elsewhere["warnings"])


def test_a_segment_that_does_not_exist_is_told_of(desk: Desk) -> None:
    segment = {"segment_id": "VIP", "profile_id": "bulk"}
    desk.ask("POST", "/v1/segment-profiles:upsert", PROFILE_BUNDLE)
    desk.ask("POST", "/v1/segments:upsert", {"namespace": "shop", "segment": segment})

    known, lost = (
        desk.make(name=name, segment_id=name).get("warnings", [])
        for name in ("vip", "lost")
    )

    assert known == []
    assert lost == [
        "“lost” is for segment “lost”, which does not exist: nobody gets it."
    ]


def test_another_tenant_s_item_is_an_unknown_one(desk: Desk) -> None:
    stranger = Desk(OTHER_ORG)
    stranger.sell({"item_id": "theirs", "title": "Their secret"})

    made = desk.make(**PIN | {"item_ids": ["theirs"]})

    assert "waits for theirs" in made["warnings"][0]
    assert "secret" not in str(made)


def test_if_match_must_name_a_version(desk: Desk) -> None:
    made = desk.make()

    answer = desk.send(
        "PUT", f"{RULES}/{made['rule_id']}", made, **{"If-Match": "newest"}
    )

    assert told(answer) == (400, "invalid_if_match")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"action": "lift"}, "invalid_action"),
        ({"item_id": ""}, "missing_item_id"),
        ({"item_id": "a\nb"}, "invalid_item_id"),
        ({"boost_value": 0}, "invalid_boost_value"),
        ({"boost_value": -0.5}, "invalid_boost_value"),
        ({"action": "suppress", "boost_value": 2}, "invalid_boost_value"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "invalid_expires_at"),
        ({"expires_at": "soon"}, "invalid_timestamp"),
        ({"boost_value": 1e9}, "invalid_boost_value"),
    ],
)
def test_an_override_is_refused_by_field(
    desk: Desk, fields: dict[str, Any], code: str
) -> None:
    body = {"namespace": "shop", "item_id": "a", "action": "boost"} | fields

    answer = desk.send("POST", OVERRIDES, body)

    assert told(answer) == (400, code)
    assert nothing_is_written()
