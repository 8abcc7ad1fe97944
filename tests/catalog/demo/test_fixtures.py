from __future__ import annotations

import json

import pytest

from catalog.demo.fixtures import FixtureError, read_fixture
from tests.clock import NOON

USER = {"user_id": "u", "traits": {"segment": "power_users"}}
ITEM = {"item_id": "i", "category": "Books"}
EVENT = {"user_id": "u", "item_id": "i", "type": "view", "ts": "2026-01-02T03:04:05Z"}


def write(tmp_path, content):
    path = tmp_path / "shop.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_fixture_may_leave_out_what_is_to_be_made_up(tmp_path):
    fixture = read_fixture(write(tmp_path, {"items": [ITEM]}), at=NOON)

    assert fixture.items is not None
    assert fixture.items[0].item_id == "i"
    assert fixture.users is fixture.events is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", r"shop\.json: \$"),
        ({"items": [ITEM, {"item_id": 7}]}, r"\$\.items\[1\]\.item_id: Expected `str`"),
        ({"items": [ITEM, ITEM]}, r"\$\.items\[1\]\.item_id: .*rows 0 and 1"),
        ({"items": [ITEM | {"price": -1}]}, r"\$\.items\[0\]\.price"),
        ({"users": [{"user_id": "u"}]}, r"\$\.users\[0\]\.traits\.segment"),
        ({"items": [], "events": [EVENT]}, r"\$\.events\[0\]\.item_id: No item is i"),
        ({"users": [], "events": [EVENT]}, r"\$\.events\[0\]\.user_id: No user is u"),
        ({"events": [EVENT | {"type": "dance"}]}, r"\$\.events\[0\]\.type"),
        ({"events": [EVENT | {"ts": "2026-01-02T03:04:05"}]}, r"\$\.events\[0\]\.ts"),
    ],
)
def test_a_fault_is_named_by_file_and_path(tmp_path, content, words):
    with pytest.raises(FixtureError, match=words):
        read_fixture(write(tmp_path, content), at=NOON)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FixtureError, match="No such file"):
        read_fixture(tmp_path / "nowhere.json", at=NOON)
