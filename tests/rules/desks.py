"""Who changes rules over HTTP in tests: Ana drafts, Ben publishes, Chloe looks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from django.test import Client

ORG = UUID("00000000-0000-0000-0000-0000000000cc")
OTHER_ORG = UUID("00000000-0000-0000-0000-0000000000dd")
RULES = "/v1/admin/rules"
OVERRIDES = "/v1/admin/manual_overrides"
CHANGE_SETS = "/v1/admin/change-sets"
SALE = {
    "surface": "home",
    "name": "Sale on top",
    "action": "BOOST",
    "target_type": "TAG",
    "target_key": "sale",
    "boost_value": 0.5,
}


class Desk:
    """A client of one namespace, for one org."""

    def __init__(self, org_id: UUID = ORG, /, *, key: str | None = None) -> None:
        headers = {"X-Org-ID": str(org_id)} | ({"X-API-Key": key} if key else {})
        self.client = Client(headers=headers)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        data = b"" if body is None else msgspec.json.encode(body)
        return self.client.generic(
            method, path, data, content_type="application/json", headers=headers
        )

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(path, query)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Send, and return the answer, which must be good."""
        answer = self.send(method, path, body)
        assert answer.status_code < 300, answer.content
        return answer.json()

    def make(self, **fields: Any) -> Any:
        """Make a rule and return it."""
        return self.ask("POST", RULES, SALE | {"namespace": "shop"} | fields)

    def put(self, rule: Any, **fields: Any) -> Any:
        return self.send("PUT", f"{RULES}/{rule['rule_id']}", rule | fields)

    def rules(self, **query: Any) -> list[Any]:
        answer = self.get(RULES, namespace="shop", **query)
        assert answer.status_code == 200, answer.content
        return list(answer.json()["items"])

    def override(self, **fields: Any) -> Any:
        body = {"namespace": "shop", "surface": "home", "action": "boost"} | fields
        return self.ask("POST", OVERRIDES, body)

    def begin(self, title: str = "Winter", **fields: Any) -> str:
        """Begin a change set and return its path."""
        body = {"namespace": "shop", "title": title, "reason": "It snows."} | fields
        made = self.ask("POST", CHANGE_SETS, body)
        return f"{CHANGE_SETS}/{made['change_set_id']}"

    def draft(self, change_set: str, **fields: Any) -> Any:
        """Put a new rule into a change set and return the change set."""
        body = {"rule": SALE | fields}
        return self.ask("POST", f"{change_set}/changes", body)

    def sell(self, *items: dict[str, Any]) -> None:
        body = {
            "namespace": "shop",
            "items": [{"available": True, **each} for each in items],
        }
        self.ask("POST", "/v1/items:upsert", body)


def told(answer: Any) -> tuple[int, str]:
    """Return an answer's status and code."""
    return answer.status_code, answer.json().get("code", "")
