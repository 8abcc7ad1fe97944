"""A write to one process is obeyed by the next request to any other."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec
import pytest

from tests.rules.desks import RULES, SALE
from tests.support.live_platform import LivePlatform

pytestmark = pytest.mark.processes
BLOCK = SALE | {"action": "BLOCK", "boost_value": None, "target_type": "ITEM"}


class Caller:
    """Talks to one process over a connection that stays open."""

    def __init__(self, address: str, org_id: str) -> None:
        place = urlsplit(address)
        self._connection = http.client.HTTPConnection(
            place.hostname or "", place.port, timeout=30
        )
        self._headers = {"X-Org-ID": org_id, "Content-Type": "application/json"}

    def close(self) -> None:
        self._connection.close()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        data = b"" if body is None else msgspec.json.encode(body)
        self._connection.request(method, path, data, self._headers)
        response = self._connection.getresponse()
        answered = response.read()
        assert response.status < 300, answered
        return msgspec.json.decode(answered)

    def shown(self) -> list[str]:
        asked = {"namespace": "shop", "surface": "home", "dry_run": True}
        found = self.ask("POST", "/v1/recommendations", asked)
        return [item["item_id"] for item in found["items"]]


@pytest.fixture
def callers(live_platform: LivePlatform) -> Iterator[list[Caller]]:
    """Desk and serve, for an org of the test's own."""
    org_id = str(uuid4())
    with ExitStack() as stack:
        yield [
            stack.enter_context(closing(Caller(address, org_id)))
            for address in (live_platform.desk, live_platform.serve)
        ]


def test_disable_cancel_and_delete_included(callers: list[Caller]) -> None:
    desk = callers[0]
    items = [{"item_id": item_id, "available": True} for item_id in "abc"]
    desk.ask("POST", "/v1/items:upsert", {"namespace": "shop", "items": items})
    rule = desk.ask("POST", RULES, BLOCK | {"namespace": "shop", "item_ids": ["a"]})
    path = f"{RULES}/{rule['rule_id']}"

    for enabled in [True, False] * 5:
        desk.ask("PUT", path, BLOCK | {"item_ids": ["a"], "enabled": enabled})
        assert [("a" in each.shown()) for each in callers] == [not enabled] * 2

    override = {"namespace": "shop", "surface": "home", "action": "suppress"}
    for _ in range(5):
        made = desk.ask(
            "POST", "/v1/admin/manual_overrides", override | {"item_id": "b"}
        )
        assert [("b" in each.shown()) for each in callers] == [False] * 2
        cancel = f"/v1/admin/manual_overrides/{made['override_id']}/cancel"
        desk.ask("POST", cancel, {})
        assert [("b" in each.shown()) for each in callers] == [True] * 2

    desk.ask("PUT", path, BLOCK | {"item_ids": ["a"]})
    assert [("a" in each.shown()) for each in callers] == [False] * 2
    desk.ask("DELETE", path)
    assert [("a" in each.shown()) for each in callers] == [True] * 2
